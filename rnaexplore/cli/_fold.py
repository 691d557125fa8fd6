"""``rnaexplore fold``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rnaexplore.cli._console import console
from rnaexplore.cli._input import Input, ModelName, read

__all__ = ["Decode", "Method", "fold"]


class Method(StrEnum):
    """Ways to a contact map that need no further options."""

    regression = "regression"
    jacobian = "jacobian"
    dependency = "dependency"
    supervised = "supervised"
    vienna = "vienna"


class Decode(StrEnum):
    """Ways from a contact map to a structure."""

    mea = "mea"
    nussinov = "nussinov"
    greedy = "greedy"
    matching = "matching"
    threshold = "threshold"


def fold(  # noqa: PLR0917
    rnas: Input,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write into.")],
    model: ModelName = "mini",
    method: Annotated[Method, typer.Option(help="How probabilities are made.")] = Method.regression,
    decode: Annotated[Decode, typer.Option(help="How a structure is made.")] = Decode.mea,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Least probability.")] = 0.5,
) -> None:
    """Predict structures: for each RNA a dot-bracket, a connectivity table, a probability map."""
    from rnaexplore.folding import fold_to_folder

    files = fold_to_folder(
        read(rnas),
        out,
        model=model,
        method=method.value,
        decode=decode.value,
        threshold=threshold,
    )
    console().print(f"Wrote {len(files)} files to {out}", markup=False, soft_wrap=True)
