"""``rnaexplore embed``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rnaexplore.cli._console import console
from rnaexplore.cli._input import Input, ModelName, read
from rnaexplore.errors import InputError

__all__ = ["Pooling", "embed"]


class Pooling(StrEnum):
    """Ways to make one vector of a sequence."""

    mean = "mean"
    max = "max"
    cls = "cls"


def embed(
    rnas: Input,
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write: .h5ad or .zarr.")],
    model: ModelName = "mini",
    layer: Annotated[int, typer.Option(help="0 to the last layer, or negative.")] = -1,
    pooling: Annotated[Pooling, typer.Option(help="How one vector is made.")] = Pooling.mean,
) -> None:
    """Embed RNAs: one vector each, in an AnnData file."""
    if out.suffix not in {".h5ad", ".zarr"}:
        msg = f"--out must end in .h5ad or .zarr, got {out.name!r}"
        raise InputError(msg)
    from rnaexplore import tl

    adata = read(rnas)
    tl.embed(adata, model, layer=layer, pooling=pooling.value)
    out.parent.mkdir(parents=True, exist_ok=True)
    (adata.write_h5ad if out.suffix == ".h5ad" else adata.write_zarr)(out)
    keys = ", ".join(f"obsm[{key!r}] {array.shape}" for key, array in adata.obsm.items())
    console().print(f"Wrote {out}: {adata.n_obs} RNAs, {keys}", markup=False, soft_wrap=True)
