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
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore._adata import check_anndata, load, note
from rnaexplore.finetuning import lora, record
from rnaexplore.finetuning.baselines import metrics_table, validation_score
from rnaexplore.finetuning.batches import Collator
from rnaexplore.finetuning.checks import ClassWeights, completed, standardised, weights_of
from rnaexplore.finetuning.contact_methods import best_threshold, decoded
from rnaexplore.finetuning.examples import examples_of
from rnaexplore.finetuning.methods import Question
from rnaexplore.finetuning.objective import Objective
from rnaexplore.finetuning.parts import parts_of
from rnaexplore.finetuning.predictions import prediction_table, tell
from rnaexplore.finetuning.result import FinetuneResult
from rnaexplore.finetuning.settings import Settings
from rnaexplore.finetuning.trainer import Run, retrain, search
from rnaexplore.finetuning.warm import begin_as_probe
from rnaexplore.models.adapters.base import Adapter
from rnaexplore.models.finetuned.adapter import TunedAdapter, needs_first, plain
from rnaexplore.models.finetuned.folder import open_folder, write_folder
from rnaexplore.models.finetuned.heads import check_head, default_head
from rnaexplore.models.finetuned.model import TunedModel
from rnaexplore.models.finetuned.network import Network
from rnaexplore.models.finetuned.tuning import Method, Task, Tuning, tuned_spec
from rnaexplore.models.finetuned.types import guided
from rnaexplore.models.heads.base import HeadedAdapter
from rnaexplore.models.model import Model

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["finetune"]

CHECKPOINTS, REFIT = "checkpoints", "refit"


def finetune(
    adata: AnnData,
    model: str | Model,
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
    """Fine-tune a language model on labels of your own, and compare it with what needs none.

    RNAs are divided into training, validation and test parts with relatives together. A linear head
    begins as the probe of the frozen model. Training stops when the loss on validation RNAs has
    stopped falling; the best epoch, of which the probe is the first, is kept. Then the model is
    trained anew for as many epochs on training and validation RNAs together. The test RNAs are
    looked at once, at the end, by the fine-tuned model, probes of the frozen one, baselines and
    nulls, all trained on the same RNAs. The same call with the same `out` resumes after an
    interruption and ends with the same weights, and returns what is there if the run is finished.

    Parameters
    ----------
    adata
        One observation per RNA (or pair), with ``obs["sequence"]``. RNAs without a target are not
        learned from, but predicted.
    model
        Name of a model (`rnaexplore.list_models`), or a loaded one, which is left as it is.
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
        the target, else RNAs (the first ones of pairs) that are 60 % identical, or 70 % if they are
        shorter than 80 nt (`rnaexplore.tl.group_by_identity`).
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
        If accelerate or peft, which are installed with rnaexplore, are missing.
    """
    check_anndata(adata)
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
    weights = weights_of(class_weights, examples, parts)
    folder = Path(out)
    described = record.describe(
        base, tuning, chosen, adata=adata, examples=examples, parts=parts, split=split,
        class_weights=weights,
    )  # fmt: skip
    if not record.begin(folder, described):
        asked = Question(base, examples, parts, tuning, chosen.seed, _by_code(weights))
        how = Run(
            method=method, settings=chosen, folder=folder / CHECKPOINTS, device=device,
            progress=progress,
        )  # fmt: skip
        job = _Job(asked, how, folder, callbacks)
        job.train()
        job.finish(adata, partner, described)
    result = record.read(folder)
    _write(adata, result)
    return result


def _by_code(weights: Sequence[float] | None) -> dict[int, float] | None:
    return None if weights is None else dict(enumerate(weights))


class _Job:
    """One run: the epoch is chosen on validation RNAs, then the model is trained anew with them."""

    def __init__(self, asked: Question, run: Run, folder: Path, callbacks: Sequence[Any]) -> None:
        self.asked, self.run, self.folder = asked, run, folder
        self.callbacks = callbacks
        parts = asked.parts
        self.learn = parts.learn if run.settings.refit else parts.train
        cuda = run.device == "auto" and torch.cuda.is_available()
        self.device = torch.device("cuda" if cuda else "cpu")
        self.network: Network

    def train(self) -> None:
        """Leave the trained network; what was chosen on validation RNAs is in the folder."""
        if not record.is_chosen(self.folder):
            history = self._searched()
            model = self._model()
            record.choose(self.folder, history, *_chosen(self.asked, model))
        chosen = record.chosen(self.folder)
        if self.run.settings.refit:
            self._retrained(chosen.epoch)
        elif not hasattr(self, "network"):
            self._searched()
        self.network.tuning = replace(self.network.tuning, threshold=chosen.threshold)

    def _searched(self) -> pd.DataFrame:
        """Train on the training RNAs, and keep the epoch that is best on the validation RNAs."""
        parts = self.asked.parts
        objective, collator = self._begun(parts.train)
        history = search(objective, collator, parts.train, parts.valid, self.run, self.callbacks)
        self._settle()
        return history

    def _retrained(self, n_epochs: int) -> None:
        """Train as long on the training and validation RNAs together."""
        objective, collator = self._begun(self.learn)
        if n_epochs:
            run = replace(self.run, folder=self.run.folder / REFIT)
            retrain(objective, collator, self.learn, n_epochs, run, self.callbacks)
        self._settle()

    def _begun(self, learn: NDArray[np.int64]) -> tuple[Objective, Collator]:
        """Return a fresh network that begins as a probe of the RNAs to learn from."""
        asked, settings = self.asked, self.run.settings
        tuning = standardised(asked.tuning, asked.examples, learn)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            self.network = _network(asked.model, tuning)
            lora.prepare(self.network, tuning.method, settings)
        if settings.probe_first:
            begin_as_probe(self.network, asked, learn)
        weights = asked.class_weight
        kept = None if weights is None else torch.tensor([weights[k] for k in sorted(weights)])
        collator = Collator.of(asked.examples, self.network.spec.alphabet, tuning, self._guess)
        return Objective(self.network, kept), collator

    def _settle(self) -> None:
        """Add LoRA's updates to the weights, and leave the network ready to predict."""
        lora.merge(self.network)
        self.network.to("cpu").eval()

    def _model(self) -> TunedModel:
        """Return the network as a model that is in no folder yet."""
        network = self.network.to(self.device)
        spec = tuned_spec(network.spec, network.tuning, name="unfinished")
        return TunedModel(
            TunedAdapter(spec, network), folder=self.folder, training={}, device=self.device,
            weights_sha256="", source="",
        )  # fmt: skip

    def _guess(self, rows: list[Any]) -> list[Any]:
        n = self.network.tuning.n_types
        return guided(self.network.guesser, rows, n, torch.device("cpu")) if n else rows

    def finish(self, adata: AnnData, partner: str | None, described: Mapping[str, Any]) -> None:
        """Write the model, what it says, and how good that is."""
        name = _keys.safe(self.folder.resolve().name)
        write_folder(self.folder, self.network, name=name, training=described)
        model = open_folder(self.folder, device=self.device, dtype=torch.float32)
        asked = self.asked
        predictions = prediction_table(model, adata, asked.examples, asked.parts, partner)
        predictions.to_csv(self.folder / record.PREDICTIONS, index_label="name")
        told = predictions["predicted"].iloc[asked.examples.rows[asked.parts.test]].tolist()
        ours = f"{asked.model.spec.name}, fine-tuned ({self.run.method})"
        table = metrics_table(
            asked, self.learn, (ours, told, record.chosen(self.folder).validation),
            n_boot=self.run.settings.n_boot,
        )  # fmt: skip
        table.to_csv(self.folder / record.METRICS)
        record.end(self.folder)
        shutil.rmtree(self.folder / CHECKPOINTS, ignore_errors=True)


def _chosen(asked: Question, model: TunedModel) -> tuple[float, float]:
    """Return the threshold of contacts, and the score, both on validation RNAs."""
    examples, valid = asked.examples, asked.parts.valid
    threshold = model.tuning.threshold
    first = [examples.sequences[k] for k in valid]
    if model.task == "contact":
        threshold = best_threshold(examples, valid, model.contacts)
        told = [decoded(model.contacts(s), s, threshold).dot_bracket for s in first]
        return threshold, validation_score(asked, told)
    seconds = None if examples.seconds is None else [examples.seconds[k] for k in valid]
    return threshold, validation_score(asked, tell(model, first, seconds).values)


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
