"""``rnaexplore predict``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnaexplore.cli._console import console
from rnaexplore.cli._finetune import read_labelled
from rnaexplore.cli._input import Device, OnInvalid, OnInvalidRecord, WeightsFile, load, read
from rnaexplore.errors import InputError

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["predict"]

SEPARATORS = {".csv": ",", ".tsv": "\t"}
TABLES = (".tsv", ".csv", ".txt", ".h5ad", ".zarr")


def predict(  # noqa: PLR0917
    file: Annotated[
        Path,
        typer.Argument(exists=True, help="RNAs: FASTA, Stockholm, .tsv or .csv, .h5ad, .zarr."),
    ],
    model: Annotated[
        str,
        typer.Option(
            "--model", "-m", help="Folder of `rnaexplore finetune`, or a model that can predict."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Table to write: .csv or .tsv.")],
    partner: Annotated[
        str | None, typer.Option(help="Column with the second RNA, for models of pairs.")
    ] = None,
    weights: WeightsFile = None,
    device: Device = "auto",
    on_invalid: OnInvalidRecord = OnInvalid.stop,
) -> None:
    """Predict with a fine-tuned model, or with a published task head."""
    if out.suffix not in SEPARATORS:
        msg = f"--out must end in {' or '.join(SEPARATORS)}, got {out.name!r}"
        raise InputError(msg)
    from rnaexplore.finetuning import predict as run

    found = run(_read(file, on_invalid), load(model, weights, device), partner=partner)
    out.parent.mkdir(parents=True, exist_ok=True)
    found.to_csv(out, sep=SEPARATORS[out.suffix], float_format="%.6g")
    told = f"Wrote {out}: {len(found)} RNAs, columns {', '.join(map(str, found.columns))}"
    console().print(told, markup=False, soft_wrap=True)


def _read(file: Path, on_invalid: OnInvalid) -> AnnData:
    stem = file.with_suffix("") if file.suffix == ".gz" else file
    return read_labelled(file) if stem.suffix in TABLES else read(file, on_invalid)
