"""Distances between RNAs by their vectors, and exact nearest neighbors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Distance",
    "JointSpace",
    "Space",
    "VectorSpace",
    "nearest_of",
]

Distance = Literal["euclidean", "cosine", "edit"]
Array = NDArray[np.float32]
Rows = NDArray[np.int64]

BLOCK = 256  #: RNAs compared with all others at a time
DENSE = 0.2  #: share of entries that are not 0, from which on a sparse matrix does not pay


class Space(ABC):
    """RNAs and how far they are from each other.

    Attributes
    ----------
    n
        Number of RNAs.
    distance
        What kind of distance it is.
    """

    n: int
    distance: Distance

    @abstractmethod
    def between(self, rows: Rows, columns: Rows) -> Array:
        """Return distances, shape (rows, columns)."""

    def neighbors(self, rows: Rows, n_neighbors: int) -> Rows:
        """Return the nearest of all others of some RNAs, nearest first, (rows, n_neighbors)."""
        everyone = np.arange(self.n)
        parts = [rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK)]
        near = [nearest_of(self.between(part, everyone), part, n_neighbors) for part in parts]
        return np.concatenate(near)


class VectorSpace(Space):
    """Distances of vectors.

    Parameters
    ----------
    vectors
        Shape (n, dim), dense or sparse.
    distance
        ``"cosine"`` is the Euclidean distance of vectors scaled to length 1, which ranks as
        1 minus the cosine does; vectors of zeros stay zeros.
    """

    def __init__(self, vectors: Any, distance: Literal["euclidean", "cosine"]) -> None:
        from scipy.sparse import diags_array

        self.n = vectors.shape[0]
        self.distance = distance
        exact = _convenient(vectors)
        if isinstance(exact, np.ndarray) and distance == "euclidean":
            exact -= exact.mean(0)  # small numbers lose less to rounding
        self._squares = _squares(exact)
        if distance == "cosine":
            lengths = np.sqrt(np.where(self._squares > 0, self._squares, 1))
            exact = diags_array(1 / lengths) @ exact
            self._squares = _squares(exact)
        self._vectors = exact

    def between(self, rows: Rows, columns: Rows) -> Array:
        """Return Euclidean distances, of unit vectors for the cosine distance."""
        found = np.empty((len(rows), len(columns)), dtype=np.float32)
        others = self._vectors[columns].T
        for start in range(0, len(rows), BLOCK):
            some = rows[start : start + BLOCK]
            products = self._vectors[some] @ others
            dense = products if isinstance(products, np.ndarray) else products.toarray()
            squares = self._squares[some][:, None] + self._squares[columns] - 2 * dense
            found[start : start + BLOCK] = np.sqrt(np.maximum(squares, 0))
        return found


class JointSpace(Space):
    """Two representations of the same RNAs set side by side, each scaled to length 1."""

    def __init__(self, first: VectorSpace, second: VectorSpace) -> None:
        self.n, self.distance = first.n, "cosine"
        self._spaces = (first, second)

    def between(self, rows: Rows, columns: Rows) -> Array:
        """Return Euclidean distances of the joined unit vectors."""
        squares = [space.between(rows, columns) ** 2 for space in self._spaces]
        return np.sqrt((squares[0] + squares[1]) / 2)


def nearest_of(distances: Array, rows: Rows | None, n_neighbors: int) -> Rows:
    """Return the nearest columns of each row, nearest first.

    Parameters
    ----------
    distances
        Shape (rows, n); changed.
    rows
        Which RNA each row is, for no RNA is its own neighbor; ``None`` if it is none of them.
    n_neighbors
        How many. Of equally near ones the single nearest is the first.
    """
    at = np.arange(len(distances))
    if rows is not None:
        distances[at, rows] = np.inf
    if n_neighbors == 1:
        nearest: Rows = distances.argmin(1)[:, None]
        return nearest
    near = np.argpartition(distances, n_neighbors - 1, axis=1)[:, :n_neighbors]
    order = np.lexsort((near, distances[at[:, None], near]))
    return np.take_along_axis(near, order, axis=1)


def _convenient(vectors: Any) -> Any:
    """Return a copy in double precision, sparse only where that saves time."""
    if isinstance(vectors, np.ndarray):
        return vectors.astype(np.float64)
    exact = vectors.astype(np.float64).tocsr()
    return exact.toarray() if exact.nnz > DENSE * np.prod(exact.shape) else exact


def _squares(vectors: Any) -> NDArray[np.float64]:
    """Return squared lengths of rows."""
    squares = (vectors * vectors).sum(1)
    return np.asarray(squares, dtype=np.float64).ravel()
