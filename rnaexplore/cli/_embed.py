"""``rnaexplore embed``."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnaexplore.cli._console import console
from rnaexplore.cli._input import (
    Device,
    Input,
    ModelName,
    OnInvalid,
    OnInvalidRecord,
    WeightsFile,
    is_stockholm,
    load,
    read,
)
from rnaexplore.errors import InputError

if TYPE_CHECKING:
    from rnaexplore.models.inference.batching import Pooling as How

__all__ = ["Level", "Pooling", "embed"]


class Pooling(StrEnum):
    """Ways to make one vector of a sequence."""

    mean = "mean"
    max = "max"
    cls = "cls"


class Level(StrEnum):
    """What has a vector."""

    sequence = "sequence"
    nucleotide = "nucleotide"


def embed(  # noqa: PLR0917
    rnas: Input,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="What to write: .zarr of any size, or .h5ad in memory."),
    ],
    model: ModelName = "mini",
    level: Annotated[Level, typer.Option(help="What has a vector.")] = Level.sequence,
    layer: Annotated[int, typer.Option(help="0 to the last layer, or negative.")] = -1,
    pooling: Annotated[
        Pooling | None, typer.Option(help="How one vector is made of a sequence. [default: mean]")
    ] = None,
    window: Annotated[
        int | None, typer.Option(min=1, help="Residues per window, for RNAs longer than that.")
    ] = None,
    weights: WeightsFile = None,
    device: Device = "auto",
    on_invalid: OnInvalidRecord = OnInvalid.stop,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Scheduler of a dask cluster to work on.")
    ] = None,
) -> None:
    """Embed RNAs, in an AnnData file; .zarr needs little memory and goes on when started again."""
    if out.suffix not in {".h5ad", ".zarr"}:
        msg = f"--out must end in .h5ad or .zarr, got {out.name!r}"
        raise InputError(msg)
    if out.suffix == ".h5ad" and level is Level.nucleotide:
        msg = f"--level nucleotide requires an --out that ends in .zarr, got {out.name!r}"
        raise InputError(msg)
    from rnaexplore import tl

    out.parent.mkdir(parents=True, exist_ok=True)
    plain = weights is None and device == "auto"
    chosen = model if plain else load(model, weights, device)
    how: How | None = None if pooling is None else pooling.value
    with nullcontext() if dask is None else _client(dask) as client:
        if out.suffix == ".zarr":
            tl.embed_to(
                read(rnas, on_invalid) if is_stockholm(rnas) else rnas,
                out, chosen,
                level=level.value, layer=layer, pooling=how, window=window,
                on_invalid=on_invalid.value, client=client,
            )  # fmt: skip
            told = f"in Python, rx.read_lazy({str(out)!r}) opens it"
        else:
            adata = read(rnas, on_invalid)
            tl.embed(
                adata, chosen,
                layer=layer, pooling=how or "mean", window=window, client=client,
            )  # fmt: skip
            adata.write_h5ad(out)
            keys = ", ".join(f"obsm[{key!r}] {array.shape}" for key, array in adata.obsm.items())
            told = f"{adata.n_obs} RNAs, {keys}"
    console().print(f"Wrote {out}: {told}", markup=False, soft_wrap=True)


def _client(address: str) -> AbstractContextManager[Any]:
    from rnaexplore.store.cluster import connect

    client: AbstractContextManager[Any] = connect(address)
    return client
