"""How well maps rank the base pairs of a known structure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "MIN_SEPARATION",
    "Matched",
    "average_precision",
    "candidates",
    "diagonal_sums",
    "precision_at",
    "ranked",
    "upper",
]

MIN_SEPARATION = 4  #: residues i and j can pair from j - i = 4 on: a hairpin loop of three
_TILE = 128  #: residues; a tile of a map and its mirror fit into a processor's nearest cache

Scores = NDArray[np.float32]
Truth = NDArray[np.bool_]
Order = NDArray[np.int64]


def candidates(n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of residues i < j that are far enough apart to pair, row by row."""
    rows, columns = np.triu_indices(n, k=MIN_SEPARATION)
    return rows.astype(np.int64), columns.astype(np.int64)


def precision_at(
    scores: Scores, truth: Truth, n: int, *, order: Order | None = None
) -> NDArray[np.float64]:
    """Return the share of true pairs among the `n` best, ties in the order given.

    Parameters
    ----------
    scores
        Shape (maps, pairs).
    truth
        Shape (pairs,).
    n
        1 or more; all pairs if there are fewer.
    order
        Pairs of each map from best to worst, shape (maps, pairs), if they are sorted already.

    Returns
    -------
    ndarray of float64, shape (maps,)
    """
    ranks = np.argsort(-scores, axis=1, kind="stable") if order is None else order
    result: NDArray[np.float64] = truth[ranks[:, :n]].mean(1)
    return result


def average_precision(
    scores: Scores, truth: Truth, *, order: Order | None = None
) -> NDArray[np.float64]:
    """Return the area under the precision-recall curve as scikit-learn defines it, for many maps.

    Parameters
    ----------
    scores
        Shape (maps, pairs).
    truth
        Shape (pairs,), at least one true.
    order
        As for `precision_at`.

    Returns
    -------
    ndarray of float64, shape (maps,)
        0 to 1; the share of true pairs is what random scores would have.
    """
    ranks = np.argsort(-scores, axis=1, kind="stable") if order is None else order
    return np.array([_average_precision(s, truth, o) for s, o in zip(scores, ranks, strict=True)])


def _average_precision(scores: Scores, truth: Truth, order: Order) -> float:
    ranked = scores[order]
    ends = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # last of each tie
    hits = np.cumsum(truth[order])[ends]
    gained = np.diff(hits, prepend=0)
    return float((gained * hits / (ends + 1)).sum() / hits[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """True pairs and the others as far apart, found once for many maps of one RNA.

    Attributes
    ----------
    place, group
        Of each true pair: its place among the candidates, and which distance it has, the least
        that a pair can have being 0.
    others
        Of each distance: how many pairs are not true.
    kept
        True pairs at whose distance there are others.
    """

    place: NDArray[np.int64]
    group: NDArray[np.int64]
    others: NDArray[np.int64]
    kept: NDArray[np.bool_]

    @classmethod
    def of(cls, distance: NDArray[np.int64], truth: Truth) -> Matched:
        """Return what is matched, given the distance of each candidate, shapes (pairs,)."""
        group = distance - MIN_SEPARATION
        place = np.flatnonzero(truth)
        others = np.bincount(group) - np.bincount(group[place], minlength=group.max() + 1)
        return cls(place, group[place], others, others[group[place]] > 0)

    def means(self, values: Scores, sums: NDArray[np.float64]) -> tuple[float, float]:
        """Return the mean of true pairs, and of other pairs as far apart, of one map.

        Parameters
        ----------
        values
            Of all candidates, shape (pairs,).
        sums
            Of each distance: the sum of `values`, shape (distances,).

        Returns
        -------
        tuple of float
            True pairs at whose distance there is no other are left out of both; 0 if none
            remains.
        """
        if not self.kept.any():
            return 0.0, 0.0
        true = values[self.place]
        rest = sums - np.bincount(self.group, true, len(sums))
        group = self.group[self.kept]
        return float(true[self.kept].mean()), float((rest[group] / self.others[group]).mean())


def upper(attention: Scores) -> Scores:
    """Return the symmetric part of a map at its candidates, zero elsewhere, shape (L, L)."""
    n = len(attention)
    result = np.empty((n, n), dtype=attention.dtype)
    result.fill(0)
    for i in range(0, n, _TILE):
        rows = slice(i, i + _TILE)
        for j in range(i, n, _TILE):
            columns = slice(j, j + _TILE)
            np.add(attention[rows, columns], attention[columns, rows].T, out=result[rows, columns])
        corner = result[rows, i : i + _TILE + MIN_SEPARATION]
        corner[...] = np.triu(corner, MIN_SEPARATION)
    result *= np.float32(0.5)
    return result


def diagonal_sums(matrix: Scores) -> NDArray[np.float64]:
    """Return the sum of each diagonal at which there are candidates, shape (distances,).

    Parameters
    ----------
    matrix
        From `upper`, of at least `MIN_SEPARATION` + 1 residues.
    """
    n = len(matrix)
    shifted = matrix.reshape(-1)[:-1].reshape(n - 1, n + 1)  # each row by one more to the left
    sums: NDArray[np.float64] = shifted.sum(0, dtype=np.float64)[MIN_SEPARATION:n]
    return sums


def ranked(scores: Scores, truth: Truth, tops: Sequence[int]) -> NDArray[np.float64]:
    """Return what `precision_at` and `average_precision` return, for one map, by one sort.

    Values are sorted, not positions, which is many times faster: how many pairs score at least
    as much as each true one is all that the two need, ties but at one place included.

    Parameters
    ----------
    scores, truth
        Shape (pairs,), at least one true.
    tops
        Numbers of best pairs.

    Returns
    -------
    ndarray of float64, shape (len(tops) + 1,)
        Precision at each of them, then the average precision.
    """
    values, true = np.sort(scores), np.sort(scores[truth])
    at_least = len(values) - np.searchsorted(values, true, "left")
    above = len(values) - np.searchsorted(values, true, "right")
    hits = len(true) - np.searchsorted(true, true, "left")
    found = []
    for n in (min(top, len(values)) for top in tops):
        inside = int((at_least <= n).sum())
        cut = (above < n) & (at_least > n)  # pairs that tie across the end of the best
        if cut.any():
            tied = np.flatnonzero(scores == true[cut][0])[: n - int(above[cut][0])]
            inside += int(truth[tied].sum())
        found.append(inside / n)
    return np.array([*found, float((hits / at_least).mean())])
