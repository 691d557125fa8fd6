"""Maps of RNAs in two or three dimensions."""

from __future__ import annotations

import warnings
from typing import Literal, overload

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from rnaexplore import _keys
from rnaexplore._adata import chosen_key, note, representation, representations
from rnaexplore.errors import InputError
from rnaexplore.tl.embedding.neighbors import check_neighbours, neighbours

__all__ = ["umap"]


@overload
def umap(
    adata: AnnData,
    *,
    use_rep: str | None = ...,
    key_added: str | None = ...,
    n_neighbors: int = ...,
    min_dist: float = ...,
    n_components: Literal[2, 3] = ...,
    seed: int = ...,
    copy: Literal[False] = ...,
) -> None: ...
@overload
def umap(
    adata: AnnData,
    *,
    use_rep: str | None = ...,
    key_added: str | None = ...,
    n_neighbors: int = ...,
    min_dist: float = ...,
    n_components: Literal[2, 3] = ...,
    seed: int = ...,
    copy: Literal[True],
) -> AnnData: ...
def umap(
    adata: AnnData,
    *,
    use_rep: str | None = None,
    key_added: str | None = None,
    n_neighbors: int = 15,
    min_dist: float = 0.3,
    n_components: Literal[2, 3] = 2,
    seed: int = 0,
    copy: bool = False,
) -> AnnData | None:
    """Project the embeddings to a map with UMAP (McInnes et al. 2018, arXiv:1802.03426).

    Neighbours are exact, so nothing depends on an approximate search. Distances and cluster sizes
    on the map mean little: judge families with `rnaexplore.tl.evaluate`, in the full space.

    Parameters
    ----------
    adata
        One observation an RNA.
    use_rep
        ``obsm`` key of the vectors; by default the embedding of `rnaexplore.tl.embed`, if there is
        only one.
    key_added
        ``obsm`` key to write; scanpy's ``"X_umap"`` if not given.
    n_neighbors
        Neighbours that shape the map, the RNA itself included.
    min_dist
        Smallest distance between points on the map.
    n_components
        Dimensions of the map, 2 or 3. `rnaexplore.px.umap` draws all three, the explorer and
        `rnaexplore.pl.umap` the first two.
    seed
        Seed of the layout.
    copy
        Whether to return a changed copy instead of changing `adata`.

    Returns
    -------
    AnnData or None
        ``None``, or the copy. Fields written:

        ``obsm[key_added]`` : float32, shape (n_obs, n_components)
        ``uns["rnaexplore"][key_added]`` : dict
            Settings, package version.

    Raises
    ------
    MissingKeyError
        If `use_rep` is missing, naming the call that creates it.
    InputError
        If a setting is not allowed, or `use_rep` is needed to choose among embeddings.

    Notes
    -----
    Time grows a little faster than the number of RNAs, and with the dimension: neighbors are found
    approximately from some thousand RNAs on. Memory grows with the number of RNAs times
    `n_neighbors`.
    """
    (rep,) = representations(adata, use_rep)
    vectors = representation(adata, rep)
    check_neighbours(n_neighbors, len(vectors), least=2)
    if n_components not in (2, 3):
        msg = f"n_components must be 2 or 3, got {n_components!r}"
        raise InputError(msg)
    key = chosen_key(key_added, _keys.UMAP)
    settings: dict[str, int | float] = {"n_neighbors": n_neighbors, "min_dist": min_dist}
    settings |= {"n_components": n_components, "seed": seed}
    projected = _project(
        vectors, n_neighbors=n_neighbors, min_dist=min_dist, n_components=n_components, seed=seed
    )
    target = adata.copy() if copy else adata
    target.obsm[key] = projected
    note(target, key, {"method": "umap", "use_rep": rep, **settings})
    return target if copy else None


def _project(
    vectors: NDArray[np.float32], *, n_neighbors: int, min_dist: float, n_components: int, seed: int
) -> NDArray[np.float32]:
    from umap import UMAP

    model = UMAP(
        n_neighbors=n_neighbors,
        min_dist=min_dist,
        n_components=n_components,
        random_state=seed,
        n_jobs=1,
        precomputed_knn=_with_itself(*neighbours(vectors, n_neighbors - 1)),
    )
    with warnings.catch_warnings():
        # Only the projection of new data would need an approximate search index.
        warnings.filterwarnings("ignore", message=r"precomputed_knn\[2\]", category=UserWarning)
        projected = model.fit_transform(vectors)
    return np.asarray(projected, dtype=np.float32)


def _with_itself(
    indices: NDArray[np.int64], distances: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32], None]:
    """Return neighbours the way umap-learn counts them: each row is its own first neighbour."""
    n = len(indices)
    return (
        np.hstack([np.arange(n)[:, None], indices]),
        np.hstack([np.zeros((n, 1), dtype=np.float32), distances]),
        None,
    )
