"""Arguments that several commands share, and what stands behind them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from anndata import AnnData

    from rnaexplore.models.model import Model

__all__ = [
    "Device",
    "Input",
    "ModelName",
    "OnInvalid",
    "OnInvalidRecord",
    "WeightsFile",
    "is_stockholm",
    "load",
    "read",
    "read_adata",
]


class OnInvalid(StrEnum):
    """What to do with a record that is no nucleotide sequence."""

    stop = "raise"
    drop = "drop"


Input = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, help="RNAs: FASTA (also .gz), or Stockholm (.sto, .stk)."
    ),
]
ModelName = Annotated[str, typer.Option("--model", "-m", help="A name of `rnaexplore models`.")]
WeightsFile = Annotated[
    Path | None,
    typer.Option("--weights", exists=True, help="The checkpoint, or the folder that holds it."),
]
Device = Annotated[str, typer.Option("--device", help="'auto', 'cpu', or a GPU such as 'cuda:1'.")]
OnInvalidRecord = Annotated[
    OnInvalid,
    typer.Option(
        "--on-invalid",
        help="For records that are no nucleotide sequences: 'raise' an error, or 'drop' them.",
    ),
]


def is_stockholm(path: Path) -> bool:
    """Return whether a file is Stockholm by its name."""
    return bool({".sto", ".stk", ".stockholm"} & set(path.suffixes))


def read(path: Path, on_invalid: OnInvalid = OnInvalid.stop) -> AnnData:
    """Read RNAs."""
    from rnaexplore.io import read_fasta, read_stockholm

    reader = read_stockholm if is_stockholm(path) else read_fasta
    return reader(path, on_invalid=on_invalid.value)


def read_adata(path: Path) -> AnnData:
    """Read RNAs with what was computed of them: .h5ad, .zarr; or RNAs alone."""
    import anndata

    if path.suffix == ".h5ad":
        return anndata.read_h5ad(path)
    return anndata.read_zarr(path) if path.suffix == ".zarr" else read(path)


def load(model: str, weights: Path | None, device: str) -> Model:
    """Load a model as a command was told to."""
    from rnaexplore.models import load_model

    return load_model(model, weights=weights, device=device)
