"""Exact nearest neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError

__all__ = ["check_neighbours", "neighbours"]


def check_neighbours(n_neighbors: int, n_obs: int, *, least: int = 1) -> None:
    """Raise if there are not so many neighbours to be had.

    Raises
    ------
    InputError
        If `n_neighbors` is below `least` or not below the number of RNAs.
    """
    if not least <= n_neighbors < n_obs:
        msg = (
            f"n_neighbors must be in [{least}, {n_obs - 1}] for {n_obs} RNAs, got {n_neighbors}; "
            "pass a smaller n_neighbors= or more RNAs"
        )
        raise InputError(msg)


def neighbours(
    vectors: NDArray[np.float32], n_neighbors: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the exact Euclidean nearest neighbours of each row among the others.

    Distances are computed by brute force in chunks, so memory stays bounded.

    Parameters
    ----------
    vectors
        Shape (n, dim).
    n_neighbors
        1 to n - 1.

    Returns
    -------
    ndarray of int64, shape (n, n_neighbors)
        Nearest first; a row is never its own neighbour.
    ndarray of float32, shape (n, n_neighbors)
        Distances.
    """
    from sklearn.neighbors import NearestNeighbors

    check_neighbours(n_neighbors, len(vectors))
    search = NearestNeighbors(n_neighbors=n_neighbors, algorithm="brute").fit(vectors)
    distances, indices = search.kneighbors()
    return indices.astype(np.int64), distances.astype(np.float32)
