"""``rnaexplore fold``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rnaexplore.cli._console import console
from rnaexplore.cli._input import Input, ModelName, read
from rnaexplore.structure.defaults import DEFAULT

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
    method: Annotated[Method, typer.Option(help="How contact maps are made.")] = Method.regression,
    decode: Annotated[Decode, typer.Option(help="How a structure is made.")] = Decode(
        DEFAULT.decoder
    ),
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help=f"Least probability of a pair.  [default: {DEFAULT.threshold:g}]"
        ),
    ] = None,
    pairs_per_residue: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Instead of --threshold: how many of the best pairs are considered, times the "
            f"length; for methods that give scores  [default: {DEFAULT.pairs_per_residue:g}]",
        ),
    ] = None,
    canonical: Annotated[
        bool, typer.Option("--canonical/--any-pair", help="Only AU, GC and GU pairs.")
    ] = DEFAULT.canonical,
    min_loop: Annotated[
        int, typer.Option(min=0, help="Fewest residues between two partners.")
    ] = DEFAULT.min_loop,
) -> None:
    """Predict structures: for each RNA a dot-bracket, a connectivity table, a contact map."""
    from rnaexplore.folding import fold_to_folder

    files = fold_to_folder(
        read(rnas),
        out,
        model=model,
        method=method.value,
        decode=decode.value,
        threshold=threshold,
        pairs_per_residue=pairs_per_residue,
        canonical=canonical,
        min_loop=min_loop,
    )
    console().print(f"Wrote {len(files)} files to {out}", markup=False, soft_wrap=True)
