"""`rnaexplore.finetune`: split, train, score, save."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import torch
from anndata import AnnData

from rnaexplore import _keys
from rnaexplore.finetuning import lora, record
from rnaexplore.finetuning.baselines import baseline_scores
from rnaexplore.finetuning.batches import Collator
from rnaexplore.finetuning.checks import ClassWeights, completed, standardised, weights_of
from rnaexplore.finetuning.examples import Examples, examples_of
from rnaexplore.finetuning.objective import Objective
from rnaexplore.finetuning.parts import Parts, parts_of
from rnaexplore.finetuning.predictions import prediction_table
from rnaexplore.finetuning.result import TUNED, FinetuneResult
from rnaexplore.finetuning.scores import scored
from rnaexplore.finetuning.settings import Settings
from rnaexplore.finetuning.warm import begin_as_probe
from rnaexplore.models.adapters.base import Adapter
from rnaexplore.models.heads.base import HeadedAdapter
from rnaexplore.models.model import Model
from rnaexplore.models.tuned.adapter import TunedAdapter, needs_first, plain
from rnaexplore.models.tuned.folder import open_folder, write_folder
from rnaexplore.models.tuned.heads import check_head, default_head
from rnaexplore.models.tuned.model import TunedModel
from rnaexplore.models.tuned.network import Network
from rnaexplore.models.tuned.tuning import Method, Task, Tuning
from rnaexplore.models.tuned.types import guided
from rnaexplore.tl._access import load, note

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["finetune"]

THRESHOLDS = np.arange(0.05, 1.0, 0.05)  #: of which the best on validation RNAs is kept
CHECKPOINTS = "checkpoints"


def finetune(
    model: str | Model,
    adata: AnnData,
    target: str,
    *,
    out: str | os.PathLike[str],
    task: Task = "sequence",
    method: Method = "lora",
    head: str | None = None,
    partner: str | None = None,
    split: str = "group",
    groups: str | None = None,
    class_weights: ClassWeights | None = None,
    settings: Settings | None = None,
    device: str = "auto",
    progress: bool = True,
    callbacks: Sequence[Any] = (),
) -> FinetuneResult:
    """Fine-tune a language model on labels of your own, beside what needs no fine-tuning.

    RNAs are divided into training, validation and test parts with relatives together. Training
    stops when the loss on validation RNAs has stopped falling; the test RNAs are looked at once, at
    the end, by the fine-tuned model, a probe of the frozen one, and baselines. The same call with
    the same `out` goes on after an interruption and ends with the same weights, and returns what is
    there if the run is finished.

    Parameters
    ----------
    model
        Name of a model (`rnaexplore.list_models`), or a loaded one, which is left as it is.
    adata
        One observation an RNA (or a pair), with ``obs["sequence"]``. RNAs without a target are not
        learned from, but predicted.
    target
        ``obs`` column. Sequence and pair tasks: classes, or numbers. Residue task: strings with one
        letter a residue, ``?`` where it is not known. Contact task: dot-bracket strings.
    out
        Folder to write into.
    task
        ``"sequence"``, ``"residue"``, ``"contact"`` or ``"pair"``.
    method
        ``"lora"``: low-rank updates of all linear layers (Hu et al. 2021, arXiv:2106.09685), added
        into the weights at the end; ``"full"``: all weights; ``"frozen"``: the head alone.
    head
        Design of the head: ``"linear"`` (mean over residues), ``"mlp"``, ``"middle"``,
        ``"rnaernie-ncrna"``, ``"splicebert-splice"``, ``"rinalmo-ncrna"``, ``"rinalmo-splice"``,
        ``"rinalmo-mrl"`` for sequences; ``"linear"``, ``"splicebert-branchpoint"``, ``"conv"`` for
        residues; ``"attention"``, ``"rinalmo-ss"``, ``"rnafm-ss"`` for contacts; ``"linear"``,
        ``"rnaernie-rri"`` for pairs. By default the first of each.
    partner
        ``obs`` column with the second RNA (pair task).
    split
        ``"group"`` (a fifth of the groups is tested, a sixth of the rest validates), ``"random"``,
        or an ``obs`` column with train, test and perhaps valid.
    groups
        ``obs`` column of groups that stay together. By default families, if they are known and not
        the target, else RNAs (the first ones of pairs) that are 80 % identical
        (`rnaexplore.tl.group_by_identity`).
    class_weights
        Weights of the classes in the loss: ``"balanced"`` (inverse frequency among training RNAs or
        residues), a number for each class, or none.
    settings
        Epochs, rates, LoRA's rank, chunks, seed and so on.
    device
        ``"auto"`` (a GPU if there is one) or ``"cpu"``.
    progress
        Whether to show a progress bar.
    callbacks
        Further callbacks of transformers' Trainer.

    Returns
    -------
    FinetuneResult
        Folder, metrics, history and predictions. Fields written into `adata`:

        ``obs["predicted_<target>"]`` : str, category or float64
            What the model says of each RNA, those without a target included; missing where it
            cannot read one. Only those of the part ``test`` were neither trained on nor chosen by.
        ``obs["part_<target>"]`` : category
            train, valid, test; missing for RNAs without a target.
        ``uns["rnaexplore"]["predicted_<target>"]`` : dict
            Folder, model, SHA-256 of the weights, task, split, package version.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If a setting is not allowed, labels cannot be learned, or `out` holds another run.
    InvalidSequenceError, SequenceTooLongError, UnknownTokensError
        If the model cannot read an RNA whose target is known.
    CapabilityError
        If types are asked of a model that has none.
    MissingDependencyError
        If the extra ``rnaexplore[train]`` is not installed.
    """
    lora.require_libraries()
    chosen = Settings() if settings is None else settings
    chosen.rate(method)
    base = load(model)
    plain_head = default_head(task) if task in get_args(Task) else ""
    tuning = Tuning(
        task=task, head=head or plain_head, target=target, method=method, chunk=chosen.chunk,
        max_chunks=chosen.max_chunks, n_types=chosen.types,
    )  # fmt: skip
    check_head(base.spec, tuning)
    examples = examples_of(adata, target, task=task, partner=partner, alphabet=base.spec.alphabet)
    names = [str(adata.obs_names[k]) for k in examples.rows]
    tuning = completed(base, tuning, examples, names)
    parts = parts_of(adata, examples, target, split=split, groups=groups, seed=chosen.seed)
    tuning = standardised(tuning, examples, parts)
    weights = weights_of(class_weights, examples, parts)
    folder = Path(out)
    described = record.describe(
        base, tuning, chosen, adata=adata, examples=examples, parts=parts, split=split,
        class_weights=weights,
    )  # fmt: skip
    if not record.begin(folder, described):
        run = _Run(
            base, tuning, chosen, adata=adata, examples=examples, parts=parts, folder=folder,
            partner=partner,
        )  # fmt: skip
        run.train(weights, device=device, progress=progress, callbacks=callbacks)
        run.finish(described, device=device)
    result = record.read(folder)
    _write(adata, result)
    return result


class _Run:
    """One run: what it is of, and the network while it is trained."""

    def __init__(
        self,
        base: Model,
        tuning: Tuning,
        settings: Settings,
        *,
        adata: AnnData,
        examples: Examples,
        parts: Parts,
        folder: Path,
        partner: str | None,
    ) -> None:
        self.base, self.adata, self.examples, self.parts = base, adata, examples, parts
        self.settings, self.folder, self.partner = settings, folder, partner
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            self.network = _network(base, tuning)
            lora.prepare(self.network, tuning.method, settings)
        if settings.probe_first:
            begin_as_probe(self.network, base, examples, parts, seed=settings.seed)

    def train(
        self, weights: Sequence[float] | None, *, device: str, progress: bool,
        callbacks: Sequence[Any],
    ) -> None:  # fmt: skip
        """Train, merge, choose the threshold of contacts, and write the curves."""
        from rnaexplore.finetuning.trainer import train

        tuning, network = self.network.tuning, self.network
        kept = None if weights is None else torch.tensor(weights, dtype=torch.float32)
        history = train(
            Objective(network, kept),
            Collator.of(self.examples, network.spec.alphabet, tuning, self._guess),
            self.parts,
            method=tuning.method,
            settings=self.settings,
            folder=self.folder / CHECKPOINTS,
            device=device,
            progress=progress,
            callbacks=callbacks,
        )
        history.to_csv(self.folder / record.HISTORY)
        lora.merge(network)
        network.to("cpu").eval()

    def _guess(self, rows: list[Any]) -> list[Any]:
        n = self.network.tuning.n_types
        return guided(self.network.guesser, rows, n, torch.device("cpu")) if n else rows

    def finish(self, described: Mapping[str, Any], *, device: str) -> None:
        """Write the model, what it says, and how good that is."""
        name = _keys.safe(self.folder.resolve().name)
        where = torch.device("cuda" if device == "auto" and torch.cuda.is_available() else "cpu")
        self._save(name, described)
        model = open_folder(self.folder, device=where, dtype=torch.float32)
        if model.task == "contact":
            best = _best_threshold(model, self.examples, self.parts)
            self.network.tuning = replace(self.network.tuning, threshold=best)
            self._save(name, described)
            model = open_folder(self.folder, device=where, dtype=torch.float32)
        predictions = prediction_table(model, self.adata, self.examples, self.parts, self.partner)
        predictions.to_csv(self.folder / record.PREDICTIONS, index_label="name")
        self._metrics(predictions).to_csv(self.folder / record.METRICS)
        record.end(self.folder)
        shutil.rmtree(self.folder / CHECKPOINTS, ignore_errors=True)

    def _save(self, name: str, described: Mapping[str, Any]) -> None:
        write_folder(self.folder, self.network, name=name, training=described)

    def _metrics(self, predictions: pd.DataFrame) -> pd.DataFrame:
        import pandas as pd

        options: dict[str, int] = {"n_boot": self.settings.n_boot, "seed": self.settings.seed}
        test, tuning = self.parts.test, self.network.tuning
        told = predictions["predicted"].iloc[self.examples.rows[test]].tolist()
        row = {"method": f"{self.base.spec.name}, fine-tuned ({tuning.method})", "kind": TUNED}
        ours = row | scored(self.examples, test, told, self.parts.groups, **options)
        window = None if tuning.chunk is None else tuning.chunk
        others = baseline_scores(self.base, self.examples, self.parts, window=window, **options)
        return pd.concat([pd.DataFrame([ours]).set_index("method"), others])


def _network(base: Model, tuning: Tuning) -> Network:
    """Return a network on a copy of the language model."""
    adapter = _bare(base.adapter)
    first = _bare(base.adapter) if needs_first(tuning) else None
    return Network(adapter, tuning, first)


def _bare(adapter: Adapter) -> Adapter:
    """Return a copy of the language model without a head, on the CPU in float32."""
    while isinstance(adapter, HeadedAdapter | TunedAdapter):
        adapter = adapter.lm if isinstance(adapter, HeadedAdapter) else adapter.network.adapter
    module = deepcopy(adapter.module).to(device="cpu", dtype=torch.float32)
    return type(adapter)(plain(adapter.spec, adapter), module)


def _best_threshold(model: TunedModel, examples: Examples, parts: Parts) -> float:
    """Return the threshold with the largest mean F1 on validation RNAs, the lowest among equals."""
    from rnaexplore.structure import Structure, decode, score

    totals = np.zeros(len(THRESHOLDS))
    for k in parts.valid:
        sequence = examples.sequences[k]
        known, map_ = Structure(sequence, examples.targets[k]), model.contacts(sequence)
        for i, threshold in enumerate(THRESHOLDS):
            found = decode(
                map_, sequence, method="greedy", threshold=float(threshold), canonical=True
            )
            totals[i] += score(found, known)["f1"]
    return round(float(THRESHOLDS[totals.argmax()]), 2)


def _write(adata: AnnData, result: FinetuneResult) -> None:
    """Write predictions and parts into the AnnData, with their provenance."""
    import pandas as pd

    key, part = _keys.predicted_key(result.target), _keys.part_key(result.target)
    told = result.predictions  # in the order of adata: `record.begin` has compared the names
    adata.obs[key] = told["predicted"].to_numpy()
    parts = told["part"].where(told["part"].notna() & (told["part"] != ""))
    adata.obs[part] = pd.Categorical(parts, categories=["train", "valid", "test"])
    facts = record.facts(result.folder)
    note(adata, key, {"folder": result.folder.resolve().name, **facts})
