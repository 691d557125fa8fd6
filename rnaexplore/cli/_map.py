"""``rnaexplore map``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnaexplore.cli._console import console
from rnaexplore.cli._input import Device, ModelName, WeightsFile, load, read_adata
from rnaexplore.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

__all__ = ["ClusterMethod", "map_"]

ENDINGS = (".h5ad", ".csv")
FEWEST = 3  #: RNAs that have a map


class ClusterMethod(StrEnum):
    """Ways to cluster."""

    leiden = "leiden"
    hdbscan = "hdbscan"


def map_(  # noqa: PLR0917
    file: Annotated[
        Path,
        typer.Argument(exists=True, help="Embedded RNAs (.h5ad, .zarr); or FASTA, Stockholm."),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help=".h5ad with map and clusters, or .csv: one row per RNA."),
    ],
    model: ModelName = "mini",
    use_rep: Annotated[
        str | None, typer.Option(help="Key of the embedding, if the file has several.")
    ] = None,
    method: Annotated[ClusterMethod, typer.Option(help="How clusters are made.")] = (
        ClusterMethod.leiden
    ),
    resolution: Annotated[float, typer.Option(help="Leiden: larger gives more clusters.")] = 1.0,
    n_neighbors: Annotated[int, typer.Option(min=2, help="Neighbors in map and graph.")] = 15,
    min_dist: Annotated[float, typer.Option(min=0, help="Smallest distance on the map.")] = 0.3,
    seed: Annotated[int, typer.Option(help="Seed of map and clusters.")] = 0,
    weights: WeightsFile = None,
    device: Device = "auto",
) -> None:
    """Project RNAs to a map (UMAP) and cluster them; RNAs without embedding are embedded first."""
    if out.suffix not in ENDINGS:
        msg = f"--out must end in {' or '.join(ENDINGS)}, got {out.name!r}"
        raise InputError(msg)
    from rnaexplore import tl

    adata = _embedded(file, model, weights, device, use_rep)
    n = max(2, min(n_neighbors, adata.n_obs - 1))
    tl.umap(adata, use_rep=use_rep, n_neighbors=n, min_dist=min_dist, seed=seed)
    tl.cluster(
        adata, use_rep=use_rep, method=method.value, resolution=resolution, n_neighbors=n, seed=seed
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix == ".csv":
        _table(adata, method.value).to_csv(out, index_label="name", float_format="%.6g")
    else:
        adata.write_h5ad(out)
    clusters = adata.obs[method.value].nunique()
    told = f"Wrote {out}: {adata.n_obs} RNAs in {clusters} clusters by {method.value}"
    console().print(told, markup=False, soft_wrap=True)


def _embedded(
    file: Path, model: str, weights: Path | None, device: str, use_rep: str | None
) -> AnnData:
    """Return RNAs with an embedding, made now if the file has none."""
    from rnaexplore import tl

    adata = read_adata(file)
    if adata.n_obs < FEWEST:
        msg = f"a map needs at least {FEWEST} RNAs, {file.name} has {adata.n_obs}"
        raise InputError(msg)
    if use_rep is None and not adata.obsm:
        tl.embed(adata, load(model, weights, device), progress=console().is_terminal)
    return adata


def _table(adata: AnnData, method: str) -> pd.DataFrame:
    """Return coordinates and cluster of each RNA."""
    import pandas as pd

    from rnaexplore import _keys

    columns = [f"umap_{k + 1}" for k in range(adata.obsm[_keys.UMAP].shape[1])]
    table = pd.DataFrame(adata.obsm[_keys.UMAP], index=adata.obs_names, columns=columns)
    return table.assign(**{method: adata.obs[method]})
