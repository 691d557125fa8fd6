"""Clusters of RNAs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore._adata import chosen_key, note, representation, representations
from rnaexplore.errors import InputError
from rnaexplore.tl.embedding.neighbors import check_neighbours

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ClusterMethod", "by_size", "cluster"]

ClusterMethod = Literal["leiden", "hdbscan"]


@overload
def cluster(
    adata: AnnData,
    *,
    use_rep: str | None = ...,
    method: ClusterMethod = ...,
    resolution: float = ...,
    n_neighbors: int = ...,
    min_cluster_size: int = ...,
    key_added: str | None = ...,
    seed: int = ...,
    copy: Literal[False] = ...,
) -> None: ...
@overload
def cluster(
    adata: AnnData,
    *,
    use_rep: str | None = ...,
    method: ClusterMethod = ...,
    resolution: float = ...,
    n_neighbors: int = ...,
    min_cluster_size: int = ...,
    key_added: str | None = ...,
    seed: int = ...,
    copy: Literal[True],
) -> AnnData: ...
def cluster(
    adata: AnnData,
    *,
    use_rep: str | None = None,
    method: ClusterMethod = "leiden",
    resolution: float = 1.0,
    n_neighbors: int = 15,
    min_cluster_size: int = 5,
    key_added: str | None = None,
    seed: int = 0,
    copy: bool = False,
) -> AnnData | None:
    """Cluster the RNAs by their embeddings.

    Basically ``sc.pp.neighbors(adata, use_rep=…, transformer="sklearn")`` (exact neighbours) and
    ``sc.tl.leiden(adata, flavor="igraph")``, or scikit-learn's HDBSCAN.

    Parameters
    ----------
    adata
        One observation an RNA.
    use_rep
        ``obsm`` key of the vectors; by default the embedding of `rnaexplore.tl.embed`, if there is
        only one.
    method
        ``"leiden"`` (Traag et al. 2019) on the neighbour graph, or ``"hdbscan"``
        (Campello et al. 2013) on the vectors.
    resolution
        Leiden: larger values give more clusters.
    n_neighbors
        Leiden: neighbours in the graph, the RNA itself included.
    min_cluster_size
        HDBSCAN: smallest group that is a cluster.
    key_added
        ``obs`` key to write; the method's name if not given.
    seed
        Seed of the Leiden algorithm. HDBSCAN draws nothing.
    copy
        Whether to return a changed copy instead of changing `adata`.

    Returns
    -------
    AnnData or None
        ``None``, or the copy. Fields written:

        ``obs[key_added]`` : category
            Cluster of each RNA, ``"0"`` being the largest; ``"-1"`` is HDBSCAN's noise.
        ``obsp["distances"]``, ``obsp["connectivities"]``, ``uns["neighbors"]``, ``uns[key_added]``
            Leiden: scanpy's neighbour graph and settings.
        ``uns["rnaexplore"][key_added]`` : dict
            Method, settings, package version.

    Raises
    ------
    MissingKeyError
        If `use_rep` is missing, naming the call that creates it.
    InputError
        If a setting is not allowed, or `use_rep` is needed to choose among embeddings.

    Notes
    -----
    Leiden: time grows with the square of the number of RNAs and with the dimension, memory with the
    number of RNAs and `n_neighbors`. HDBSCAN: time grows with the square of the number of RNAs and
    with the dimension, memory with the number of RNAs; project first (`rnaexplore.tl.umap`) where
    there are many.
    """
    (rep,) = representations(adata, use_rep)
    vectors = representation(adata, rep)
    if method not in _keys.CLUSTER_METHODS:
        msg = f"method must be one of {', '.join(_keys.CLUSTER_METHODS)}, got {method!r}"
        raise InputError(msg)
    key = chosen_key(key_added, method)
    settings: dict[str, object]
    if method == "leiden":
        check_neighbours(n_neighbors, len(vectors), least=2)
        target = adata.copy() if copy else adata
        _leiden(target, rep, key, resolution=resolution, n_neighbors=n_neighbors, seed=seed)
        settings = {"resolution": resolution, "n_neighbors": n_neighbors, "seed": seed}
    else:
        labels = _hdbscan(vectors, min_cluster_size)
        target = adata.copy() if copy else adata
        target.obs[key] = labels
        settings = {"min_cluster_size": min_cluster_size}
    note(target, key, {"method": method, "use_rep": rep, **settings})
    return target if copy else None


def _leiden(
    adata: AnnData, use_rep: str, key: str, *, resolution: float, n_neighbors: int, seed: int
) -> None:
    import scanpy as sc

    sc.pp.neighbors(
        adata, n_neighbors=n_neighbors, use_rep=use_rep, transformer="sklearn", random_state=seed
    )
    sc.tl.leiden(
        adata,
        resolution=resolution,
        random_state=seed,
        key_added=key,
        flavor="igraph",
        n_iterations=2,
        directed=False,
    )
    adata.obs[key] = by_size(adata.obs[key].astype(str).to_numpy())


def by_size(labels: NDArray[np.object_]) -> pd.Categorical:
    """Return labels by size: ``"0"`` for the largest group, ties in the order of their first RNA.

    Parameters
    ----------
    labels
        Shape (n,).
    """
    import pandas as pd

    codes, groups = pd.factorize(labels)
    order = np.argsort(-np.bincount(codes, minlength=len(groups)), kind="stable")
    rank = np.empty(len(groups), dtype=np.int64)
    rank[order] = np.arange(len(groups))
    return pd.Categorical(rank[codes].astype(str), categories=[*map(str, range(len(groups)))])


def _hdbscan(vectors: np.ndarray[Any, Any], min_cluster_size: int) -> Any:
    import pandas as pd
    from sklearn.cluster import HDBSCAN

    if not 2 <= min_cluster_size <= len(vectors):  # noqa: PLR2004
        msg = f"min_cluster_size must be in [2, {len(vectors)}], got {min_cluster_size}"
        raise InputError(msg)
    labels = HDBSCAN(min_cluster_size=min_cluster_size, copy=True).fit_predict(vectors)
    found = by_size(labels[labels >= 0].astype(str))
    noise = [] if (labels >= 0).all() else ["-1"]
    names = np.full(len(labels), "-1", dtype=object)
    names[labels >= 0] = np.asarray(found)
    return pd.Categorical(names, categories=[*noise, *found.categories])
