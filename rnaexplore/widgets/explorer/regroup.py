"""Clusters and maps of the selected RNAs alone, written back beside the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnaexplore._keys import is_storable
from rnaexplore.errors import InputError

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["CLUSTERS", "PROJECTION", "cluster_some", "project_some"]

CLUSTERS = "leiden_selection"  #: obs key
PROJECTION = "X_umap_selection"  #: obsm key
N_NEIGHBOURS = 15
FEWEST = 10  #: RNAs

Mask = NDArray[np.bool_]


def cluster_some(
    adata: AnnData, mask: Mask, *, use_rep: str, resolution: float, key_added: str
) -> int:
    """Cluster some RNAs with `rnaexplore.tl.cluster`; the others get no cluster.

    Returns
    -------
    int
        Number of clusters. ``obs[key_added]`` holds them.
    """
    from rnaexplore._adata import note
    from rnaexplore.tl import cluster

    part = _part(adata, mask, use_rep, key_added)
    n = min(N_NEIGHBOURS, part.n_obs - 1)
    cluster(part, use_rep=use_rep, resolution=resolution, n_neighbors=n, key_added=key_added)
    adata.obs[key_added] = part.obs[key_added].reindex(adata.obs_names)
    settings = {"use_rep": use_rep, "resolution": resolution, "n_selected": part.n_obs}
    note(adata, key_added, {"function": "recluster", **settings})
    return int(part.obs[key_added].nunique())


def project_some(adata: AnnData, mask: Mask, *, use_rep: str, key_added: str, seed: int) -> None:
    """Project some RNAs with `rnaexplore.tl.umap`; the others get NaN in ``obsm[key_added]``."""
    from rnaexplore._adata import note
    from rnaexplore.tl import umap

    part = _part(adata, mask, use_rep, key_added)
    n = min(N_NEIGHBOURS, part.n_obs - 1)
    umap(part, use_rep=use_rep, n_neighbors=n, key_added=key_added, seed=seed)
    plane = np.full((adata.n_obs, 2), np.nan, dtype=np.float32)
    plane[mask] = part.obsm[key_added]
    adata.obsm[key_added] = plane
    made = {"function": "reproject", "use_rep": use_rep, "seed": seed, "n_selected": part.n_obs}
    note(adata, key_added, made)


def _part(adata: AnnData, mask: Mask, use_rep: str, key: str) -> AnnData:
    """Return an AnnData of some RNAs with nothing but their embedding."""
    from anndata import AnnData

    from rnaexplore._adata import representation

    if not is_storable(key):
        msg = f"key_added must be a key that files can hold, without '/'; got {key!r}"
        raise InputError(msg)
    if mask.sum() < FEWEST:
        msg = (
            f"{int(mask.sum())} RNAs are selected; select at least {FEWEST} with a lasso, a "
            "category of the legend, a search, or .selection"
        )
        raise InputError(msg)
    vectors = representation(adata, use_rep)
    return AnnData(obs=adata.obs.loc[mask, []], obsm={use_rep: vectors[mask]})
