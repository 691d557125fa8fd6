"""The files of a run beside the model's own, and whether two runs are the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anndata import AnnData

from rnaexplore._adata import sequences_of
from rnaexplore._library_errors import border
from rnaexplore.errors import CheckpointError, InputError
from rnaexplore.finetuning.examples import Examples
from rnaexplore.finetuning.parts import Parts
from rnaexplore.finetuning.result import FinetuneResult
from rnaexplore.finetuning.settings import Settings
from rnaexplore.models.finetuned.folder import FACTS
from rnaexplore.models.finetuned.tuning import Tuning
from rnaexplore.models.model import Model
from rnaexplore.tl.evaluation.exposure import exposure_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "METRICS",
    "PREDICTIONS",
    "Chosen",
    "begin",
    "choose",
    "chosen",
    "describe",
    "end",
    "facts",
    "is_chosen",
    "read",
]

RUN = "run.json"  #: what the run is of, written before it starts
CHOICE = "chosen.json"  #: what was chosen on validation RNAs
DONE = "finished"  #: written when everything else is
METRICS, HISTORY, PREDICTIONS = "metrics.csv", "history.csv", "predictions.csv"
LIBRARIES = ("rnaexplore", "torch", "transformers", "peft", "accelerate")


def describe(
    base: Model,
    tuning: Tuning,
    settings: Settings,
    *,
    adata: AnnData,
    examples: Examples,
    parts: Parts,
    split: str,
    class_weights: Sequence[float] | None,
) -> dict[str, Any]:
    """Return everything that decides what a run ends with, as JSON has it."""
    told = {
        "base": base.spec.name,
        "base_sha256": base.weights_sha256,
        "base_source": base.source,
        "tuning": asdict(tuning),
        "settings": asdict(settings),
        "class_weights": class_weights,
        "split": split,
        "groups": parts.described,
        "rnas": {name: len(getattr(parts, name)) for name in ("train", "valid", "test")},
        "exposure": str(exposure_of(adata[examples.rows[parts.test]], base)),
        "test_groups": len(set(parts.groups[parts.test].tolist())),
        "data_sha256": _digest(adata, examples, parts),
        "versions": {name: version(name) for name in LIBRARIES},
    }
    plain: dict[str, Any] = json.loads(json.dumps(told))
    return plain


def _digest(adata: AnnData, examples: Examples, parts: Parts) -> str:
    sha = hashlib.sha256()
    for name, sequence in zip(adata.obs_names, sequences_of(adata), strict=True):
        sha.update(f"{name}\t{sequence}\n".encode())
    names = parts.names()
    for k, sequence in enumerate(examples.sequences):
        second = "" if examples.seconds is None else examples.seconds[k]
        line = (names[k], sequence, second, str(examples.spelled(k)))
        sha.update("\t".join(line).encode() + b"\n")
    return sha.hexdigest()


def begin(folder: Path, described: Mapping[str, Any]) -> bool:
    """Make the folder, and return whether it holds this very run, finished.

    Raises
    ------
    InputError
        If it holds another run, naming what differs, or other files.
    """
    path = folder / RUN
    if folder.exists() and not path.is_file() and any(folder.iterdir()):
        msg = f"{folder} is not empty and holds no fine-tuning run; choose another out="
        raise InputError(msg)
    folder.mkdir(parents=True, exist_ok=True)
    if not path.is_file():
        path.write_text(json.dumps(described, indent=1))
        return False
    there = _json(path)
    differ = sorted(k for k in {*there, *described} if there.get(k) != described.get(k))
    differ = [k for k in differ if k not in {"base_source"}]
    if differ:
        shown = ", ".join(differ)
        msg = f"{folder} holds a run that differs in {shown}; choose another out=, or delete it"
        raise InputError(msg)
    return (folder / DONE).is_file()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen on validation RNAs: epoch and threshold of contacts, and the score there."""

    epoch: int
    threshold: float
    validation: float


def choose(folder: Path, history: pd.DataFrame, threshold: float, validation: float) -> None:
    """Write the curves, then what was chosen."""
    history.to_csv(folder / HISTORY)
    epoch = int(history.index[history["best"]][0])
    (folder / CHOICE).write_text(json.dumps(asdict(Chosen(epoch, threshold, validation))))


def is_chosen(folder: Path) -> bool:
    """Return whether the epoch has been chosen."""
    return (folder / CHOICE).is_file()


def chosen(folder: Path) -> Chosen:
    """Return what was chosen."""
    with border(folder / CHOICE, CheckpointError, problem="is damaged"):
        return Chosen(**_json(folder / CHOICE))


def end(folder: Path) -> None:
    """Note that a run is finished."""
    (folder / DONE).write_text("")


def read(folder: Path) -> FinetuneResult:
    """Return the result of a finished run from its files.

    Raises
    ------
    CheckpointError
        If one is damaged.
    """
    with border(folder, CheckpointError, problem="holds a run that is damaged"):
        return _read(folder)


def _read(folder: Path) -> FinetuneResult:
    import pandas as pd

    run = _json(folder / RUN)
    tuning = run["tuning"]
    text = {"part": str, "true": str, "predicted": str, "name": str}
    numbers = tuning["task"] in {"sequence", "pair"} and not tuning["labels"]
    kinds = text | ({"true": float, "predicted": float} if numbers else {})
    predictions = pd.read_csv(
        folder / PREDICTIONS, dtype=kinds, index_col="name", keep_default_na=False, na_values=[""]
    ).rename_axis(None)
    return FinetuneResult(
        folder=folder,
        metrics=pd.read_csv(
            folder / METRICS, index_col="method", keep_default_na=False, na_values=[""]
        ),
        history=pd.read_csv(folder / HISTORY, index_col="epoch"),
        predictions=predictions,
        task=tuning["task"],
        target=tuning["target"],
        split=run["split"],
        groups=run["groups"],
        test_groups=run["test_groups"],
        exposure=run["exposure"],
    )


def facts(folder: Path) -> dict[str, str]:
    """Return what the provenance of predictions says of their model."""
    run, tuned = _json(folder / RUN), _json(folder / FACTS)
    return {
        "model": str(run["base"]),
        "weights_sha256": str(tuned["weights_sha256"]),
        "task": str(run["tuning"]["task"]),
        "split": str(run["split"]),
        "groups": str(run["groups"]),
    }


def _json(path: Path) -> dict[str, Any]:
    with border(path, CheckpointError, problem="is damaged"):
        content: dict[str, Any] = json.loads(path.read_bytes())
        return dict(content)
