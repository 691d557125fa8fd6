"""Arguments that several commands share, and the file of RNAs behind the first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["Input", "ModelName", "is_stockholm", "read"]

Input = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, help="RNAs: FASTA (also .gz), or Stockholm (.sto, .stk)."
    ),
]
ModelName = Annotated[str, typer.Option("--model", "-m", help="A name of `rnaexplore models`.")]


def is_stockholm(path: Path) -> bool:
    """Return whether a file is Stockholm by its name."""
    return bool({".sto", ".stk", ".stockholm"} & set(path.suffixes))


def read(path: Path) -> AnnData:
    """Read RNAs."""
    from rnaexplore.io import read_fasta, read_stockholm

    return read_stockholm(path) if is_stockholm(path) else read_fasta(path)
