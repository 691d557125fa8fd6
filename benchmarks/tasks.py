"""Does fine-tuning pay? Tasks of sequence and function, each beside probes and baselines.

``python -m benchmarks.tasks DATA [--model mini] [--task splice] [--size 1] [--out table.csv]``
takes slices of the files in the folder DATA (`benchmarks.tasks_data` says which), fine-tunes every
model whose weights are on disk on each, with relatives held out, and prints one table: fine-tuned,
the best probe of the frozen model, the best of k-mers, length and one-hot letters, and the
constant, each with its 95 % interval over groups of relatives, and whether the intervals are apart.
The slices are small, so that all runs on a CPU; ``--size 10`` takes ten times as many RNAs.
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
import typer

import rnaexplore as rx
from benchmarks.tasks_data import TASKS, MissingDataError, TaskData
from rnaexplore.errors import CapabilityError, WeightsNotFoundError
from rnaexplore.finetuning import FinetuneResult, Settings
from rnaexplore.finetuning.result import main_score
from rnaexplore.models import get_spec, names
from rnaexplore.models.model import Model
from rnaexplore.models.tuned.heads import ON_FIRST_TOKEN

__all__ = ["main", "measured", "row_of"]


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
    model: Model, data: TaskData, folder: Path, out: Path, *, method: str, size: float, seed: int
) -> FinetuneResult:
    """Return a fine-tuning run on a slice.

    Raises
    ------
    MissingDataError
        If the folder has not got the file.
    CapabilityError
        If the model cannot do the task.
    """
    adata = data.make(folder, round(data.n * size), np.random.default_rng(seed))
    head = data.head
    if head in ON_FIRST_TOKEN and model.spec.alphabet.cls is None:
        head = "linear"
    settings = Settings(epochs=data.epochs, seed=seed, **data.settings)
    call: dict[str, Any] = {"method": method, "head": head, "settings": settings, **data.call}
    return rx.finetune(model, adata, "label", out=out, progress=False, **call)


def row_of(result: FinetuneResult) -> dict[str, str]:
    """Return one row of the table: a score and its interval in each column."""
    metrics = result.metrics
    score = main_score(metrics)
    parts = result.predictions["part"].value_counts()
    row = {
        "score": score,
        "RNAs": "/".join(str(parts.get(p, 0)) for p in ("train", "valid", "test")),
    }
    constant = metrics.index.intersection(["most frequent class", "mean", "random canonical pairs"])
    for column, which in (
        ("fine-tuned", metrics["kind"] == "fine-tuned"),
        ("probe", metrics["kind"] == "probe"),
        ("best baseline", (metrics["kind"] == "baseline") & ~metrics.index.isin(constant)),
        ("constant or chance", metrics.index.isin(constant)),
    ):
        rows = metrics[which]
        row[column] = "none" if rows.empty else _spelled(rows, score, column == "best baseline")
    row["fine-tuned against the others"] = result.verdict().split(": ", 1)[1]
    return row


def _spelled(rows: pd.DataFrame, score: str, is_named: bool) -> str:  # noqa: FBT001
    best = rows.loc[rows[score].idxmax()]
    text = f"{best[score]:.2f} [{best[f'{score}_low']:.2f}, {best[f'{score}_high']:.2f}]"
    return f"{text} {best.name}" if is_named else text


def main(  # noqa: PLR0917 - typer passes options by name
    data: Annotated[Path, typer.Argument(help="folder with the files")],
    model: Annotated[list[str] | None, typer.Option(help="models; all on disk by default")] = None,
    task: Annotated[str, typer.Option(help="only tasks with these letters in their name")] = "",
    method: Annotated[str, typer.Option(help="lora, full or frozen")] = "lora",
    size: Annotated[float, typer.Option(help="times the usual number of RNAs")] = 1.0,
    out: Annotated[Path | None, typer.Option(help="where the table goes as CSV")] = None,
    seed: int = 0,
) -> None:
    """Print the table."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    print(f"machine: {platform.processor() or platform.machine()}, seed {seed}, method {method}")
    rows = []
    for name, loaded in models_on_disk(model or []).items():
        for title, described in TASKS.items():
            if task not in title:
                continue
            started = time.perf_counter()
            try:
                with tempfile.TemporaryDirectory() as folder:
                    result = measured(
                        loaded, described, data, Path(folder) / "run",
                        method=method, size=size, seed=seed,
                    )  # fmt: skip
            except (MissingDataError, CapabilityError) as error:
                print(f"skipped: {title} with {name}: {error}", flush=True)
                continue
            row = {"task": title, "model": name, "head": described.head} | row_of(result)
            row["seconds"] = f"{time.perf_counter() - started:.0f}"
            rows.append(row)
            print(f"\n## {title}, {name}\n\n{result.summary().to_string()}", flush=True)
            print(result.verdict(), flush=True)
    frame = pd.DataFrame(rows)
    print("\n# All tasks\n")
    print(
        frame.drop(columns="fine-tuned against the others", errors="ignore").to_string(index=False)
    )
    for row in rows:
        print(f"{row['task']}, {row['model']}: {row['fine-tuned against the others']}")
    if out is not None:
        frame.to_csv(out, index=False)


if __name__ == "__main__":
    typer.run(main)
