"""Does fine-tuning pay? Tasks of sequence and function, each with probes, baselines and nulls.

``python -m benchmarks.tasks DATA [--model mini] [--task splice] [--size 1] [--out table.csv]``
takes slices of the files in the folder DATA (`benchmarks.tasks_data` says which), fine-tunes every
model whose weights are on disk on each, with relatives held out, and prints for each task all that
was scored: the fine-tuned model, probes of the frozen one, k-mers, a convolutional network, the
nearest relative, of pairs of RNAs one partner alone, and nulls (random and permuted weights,
shuffled labels). All are trained on the same RNAs and tested on the same. Each row has its 95 %
interval over groups of relatives and, from a paired bootstrap, the interval of the difference to
the fine-tuned model. At the end one table of all tasks, in which the best baseline is the one that
is best on validation RNAs.

The slices are small, so that a task takes a few minutes on two CPU cores; ``--size 10`` takes ten
times as many RNAs, ``--size 0.1`` a tenth for a trial. ``--seed`` can be given several times.
"""

from __future__ import annotations

import os
import platform
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import torch
import typer

import rnaexplore as rx
from benchmarks.tasks_data import TASKS, MissingDataError, TaskData
from rnaexplore.errors import CapabilityError, InputError, WeightsNotFoundError
from rnaexplore.finetuning import FinetuneResult, Settings
from rnaexplore.finetuning.result import main_score
from rnaexplore.models import get_spec, names
from rnaexplore.models.model import Model

__all__ = ["main", "measured", "row_of"]

CONSTANTS = ("most frequent class", "mean", "random canonical pairs")
FIXED = {  # columns of the last table: rows of each task by the beginning of their name
    "convolutional network": "convolutional network",
    "nearest relative": "nearest relative",
    "first RNA alone": "first RNA alone",
    "second RNA alone": "second RNA alone",
    "random weights": "random weights",
    "permuted weights": "permuted weights",
    "shuffled": "shuffled target",
}


def models_on_disk(wanted: list[str]) -> dict[str, Model]:
    """Return the language models whose weights are at hand; say which are missing."""
    found: dict[str, Model] = {}
    for name in wanted or names():
        spec = get_spec(name)
        if spec.outputs or spec.alphabet.unit != "nucleotide" or ".heads." in spec.adapter:
            continue
        try:
            found[name] = rx.load_model(name)
        except WeightsNotFoundError:
            if wanted:
                print(f"skipped: {name}, its weights are not on disk")
    return found


def measured(
    model: Model, data: TaskData, folder: Path, out: Path, *, size: float, call: dict[str, Any],
    settings: dict[str, Any],
) -> FinetuneResult:  # fmt: skip
    """Return a fine-tuning run on a slice.

    Raises
    ------
    MissingDataError
        If the folder has not got the file.
    CapabilityError, InputError
        If the model cannot do the task.
    """
    chosen = Settings(**{**data.settings, **settings})
    rng = np.random.default_rng(chosen.seed)
    adata = data.make(folder, data.sizes.times(size), rng)
    options: dict[str, Any] = {"head": data.head, **data.call, **call}
    return rx.finetune(
        adata, model, "label", out=out, split="part", groups="group", settings=chosen,
        progress=False, **options,
    )  # fmt: skip


def row_of(result: FinetuneResult) -> dict[str, str]:
    """Return one row of the last table: a score and its interval in each column."""
    metrics = result.metrics
    score = main_score(metrics)
    parts = result.predictions["part"].value_counts()
    row = {
        "score": score,
        "RNAs": "/".join(str(parts.get(p, 0)) for p in ("train", "valid", "test")),
        "test groups": str(result.test_groups),
        "kept epoch": f"{result.kept_epoch} of {result.history.index[-1]}",
        "fine-tuned": _spelled(metrics.iloc[0], score),
    }
    for column, kind in (("probe", "probe"), ("best baseline", "baseline")):
        name = result.best(kind)
        row[column] = "none" if name is None else f"{_spelled(metrics.loc[name], score)} {name}"
        row[f"minus {column}"] = "" if name is None else _difference(metrics.loc[name])
    for column, start in FIXED.items():
        found = metrics[metrics.index.str.startswith(start)]
        if len(found):
            row[column] = _spelled(found.loc[found["validation"].idxmax()], score)
    constant = metrics[metrics.index.isin(CONSTANTS)]
    row["constant or chance"] = _spelled(constant.iloc[0], score)
    return row


def _spelled(row: pd.Series, score: str) -> str:
    return f"{row[score]:.2f} [{row[f'{score}_low']:.2f}, {row[f'{score}_high']:.2f}]"


def _difference(row: pd.Series) -> str:
    low, high = row["difference_low"], row["difference_high"]
    return f"{row['difference']:+.2f} [{low:+.2f}, {high:+.2f}]"


def main(  # noqa: PLR0917 - typer passes options by name
    data: Annotated[Path, typer.Argument(help="folder with the files")],
    model: Annotated[list[str] | None, typer.Option(help="models; all on disk by default")] = None,
    task: Annotated[str, typer.Option(help="only tasks with these letters in their name")] = "",
    method: Annotated[str, typer.Option(help="lora, full or frozen")] = "lora",
    head: Annotated[str | None, typer.Option(help="another head than the task's own")] = None,
    size: Annotated[float, typer.Option(help="times the usual number of RNAs")] = 1.0,
    epochs: Annotated[int, typer.Option(help="most epochs")] = Settings().epochs,
    out: Annotated[Path | None, typer.Option(help="where the table goes as CSV")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="seeds; 0 by default")] = None,
) -> None:
    """Print the tables."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    seeds = seed or [0]
    print(f"machine: {_machine()}; seeds {seeds}, method {method}, size {size:g}")
    call: dict[str, Any] = {"method": method} | ({"head": head} if head else {})
    rows = []
    for name, loaded in models_on_disk(model or []).items():
        for title, described in TASKS.items():
            for one in seeds if task in title else []:
                settings = {"seed": one, "epochs": epochs}
                try:
                    row = _measured_row(loaded, title, described, data, size, call, settings)
                except (MissingDataError, CapabilityError, InputError) as error:
                    print(f"skipped: {title} with {name}: {error}", flush=True)
                    continue
                rows.append({"task": title, "model": name, "seed": str(one)} | row)
    frame = pd.DataFrame(rows).fillna("")
    print("\n# All tasks\n")
    print(frame.to_string(index=False))
    if out is not None:
        frame.to_csv(out, index=False)


def _machine() -> str:
    kind = platform.processor() or platform.machine()
    return f"{kind}, {os.cpu_count()} cores, {torch.get_num_threads()} threads"


def _measured_row(  # noqa: PLR0917 - what, on what, how
    model: Model,
    title: str,
    described: TaskData,
    data: Path,
    size: float,
    call: dict[str, Any],
    settings: dict[str, Any],
) -> dict[str, str]:
    """Print all that was scored in one task, and return its row of the last table."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        result = measured(model, described, data, out, size=size, call=call, settings=settings)
    head = call.get("head", described.head)
    row = {"head": head} | row_of(result) | {"seconds": f"{time.perf_counter() - started:.0f}"}
    print(f"\n## {title}, {model.spec.name}, head {head}, seed {settings['seed']}")
    print(f"RNAs to learn from/to stop by/to be tested on: {row['RNAs']}, ", end="")
    print(f"test groups: {row['test groups']}, kept epoch: {row['kept epoch']}\n")
    print(result.summary().to_string())
    print(result.verdict())
    print(f"test RNAs: {result.exposure}", flush=True)
    return row


if __name__ == "__main__":
    typer.run(main)
