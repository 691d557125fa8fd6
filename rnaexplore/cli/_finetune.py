"""``rnaexplore finetune``."""

from __future__ import annotations

from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnaexplore._library_errors import border
from rnaexplore.cli._console import console, table
from rnaexplore.cli._input import ModelName, is_stockholm
from rnaexplore.errors import InputError

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["FinetuneMethod", "FinetuneTask", "finetune", "read_labelled"]


class FinetuneTask(StrEnum):
    """What is predicted of."""

    sequence = "sequence"
    residue = "residue"
    contact = "contact"
    pair = "pair"


class FinetuneMethod(StrEnum):
    """Which weights to update."""

    lora = "lora"
    full = "full"
    frozen = "frozen"


def finetune(  # noqa: PLR0917
    data: Annotated[
        Path,
        typer.Argument(
            exists=True,
            help="Labelled RNAs: .tsv or .csv with a column 'sequence', .h5ad, .zarr, "
            "or Stockholm (family and structure).",
        ),
    ],
    target: Annotated[str, typer.Option("--target", "-t", help="Column to predict.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write into.")],
    model: ModelName = "mini",
    task: Annotated[FinetuneTask, typer.Option(help="What is predicted.")] = FinetuneTask.sequence,
    method: Annotated[
        FinetuneMethod, typer.Option(help="Which weights to update.")
    ] = FinetuneMethod.lora,
    head: Annotated[str | None, typer.Option(help="Design of the head, by name.")] = None,
    partner: Annotated[str | None, typer.Option(help="Column with the second RNA.")] = None,
    split: Annotated[str, typer.Option(help="'group', 'random' or a column.")] = "group",
    groups: Annotated[str | None, typer.Option(help="Column of groups.")] = None,
    balanced: Annotated[bool, typer.Option(help="Weigh classes by inverse frequency.")] = False,
    epochs: Annotated[int, typer.Option(help="Most passes over the training RNAs.")] = 30,
    patience: Annotated[int, typer.Option(help="Epochs without improvement.")] = 5,
    refit: Annotated[
        bool, typer.Option(help="Train anew with the validation RNAs, for as long as was best.")
    ] = True,
    batch_size: Annotated[int, typer.Option(help="RNAs a step.")] = 16,
    learning_rate: Annotated[float | None, typer.Option(help="Of the language model.")] = None,
    chunk: Annotated[int | None, typer.Option(help="Residues a chunk of a long RNA.")] = None,
    max_chunks: Annotated[int | None, typer.Option(help="Chunks of one RNA.")] = None,
    types: Annotated[int, typer.Option(help="Types of RNA guessed and appended.")] = 0,
    seed: Annotated[int, typer.Option(help="Seed of split, head and order.")] = 0,
    device: Annotated[str, typer.Option(help="'auto' or 'cpu'.")] = "auto",
) -> None:
    """Fine-tune a model on your own labels; run again with the same --out to go on."""
    from rnaexplore.finetuning import Settings
    from rnaexplore.finetuning import finetune as run

    settings = Settings(
        epochs=epochs, patience=patience, refit=refit, batch_size=batch_size,
        learning_rate=learning_rate, chunk=chunk, max_chunks=max_chunks, types=types, seed=seed,
    )  # fmt: skip
    result = run(
        read_labelled(data), model, target, out=out, task=task.value, method=method.value,
        head=head, partner=partner, split=split, groups=groups, settings=settings, device=device,
        class_weights="balanced" if balanced else None, progress=console().is_terminal,
    )  # fmt: skip
    shown = console()
    shown.print(table(result.summary(), f"{target}, on {result.groups} not trained on"))
    shown.print(result.verdict(), markup=False, soft_wrap=True)
    shown.print(f"test RNAs: {result.exposure}", markup=False, soft_wrap=True)
    shown.print(
        f"Wrote {out}: rnaexplore predict --model {out} applies it", markup=False, soft_wrap=True
    )


def read_labelled(path: Path) -> AnnData:
    """Read labelled RNAs."""
    if path.suffix in {".h5ad", ".zarr"}:
        from rnaexplore.io.stored import read_stored

        return read_stored(path)
    if is_stockholm(path):
        from rnaexplore.io import read_stockholm

        return read_stockholm(path)
    separators = {".tsv": "\t", ".csv": ",", ".txt": "\t"}
    kind = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if kind not in separators:
        msg = f"{path.name!r} has no labels that can be read; use .tsv, .csv, .h5ad or .zarr"
        raise InputError(msg)
    import pandas as pd

    from rnaexplore.io import from_sequences
    from rnaexplore.io.text import read_text

    text = StringIO(read_text(path))
    with border(path, problem="is not a readable table"):
        table = pd.read_csv(text, sep=separators[kind])
    return from_sequences(table)
