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
    "matched",
    "precision_at",
    "ranked",
]

MIN_SEPARATION = 4  #: residues i and j can pair from j - i = 4 on: a hairpin loop of three

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


def matched(attention: Scores, truth: Truth, n: int) -> NDArray[np.float64]:
    """Return the mean of true pairs, and of other pairs as far apart, for many maps.

    Parameters
    ----------
    attention
        Shape (maps, pairs) over all `candidates` of `n` residues.
    truth
        Shape (pairs,).
    n
        Residues.

    Returns
    -------
    ndarray of float64, shape (2, maps)
        True pairs at whose distance there is no other are left out of both; 0 if none remains.
    """
    rows, columns = candidates(n)
    distance = columns - rows
    order = np.argsort(distance, kind="stable")
    of = Matched.of(distance[order], truth[order])
    return np.array([of.means(values[order]) for values in attention]).T


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """True pairs and the others as far apart, found once for many maps of one RNA.

    Attributes
    ----------
    starts
        Where each distance begins among pairs in the order of their distance.
    place, group
        Of each true pair at whose distance there are others: its place, and which distance it is.
    true, others
        Of each distance: the places of all its true pairs, and how many other pairs it has.
    """

    starts: NDArray[np.int64]
    place: NDArray[np.int64]
    group: NDArray[np.int64]
    true: tuple[NDArray[np.int64], NDArray[np.int64]]
    others: NDArray[np.int64]

    @classmethod
    def of(cls, distance: NDArray[np.int64], truth: Truth) -> Matched:
        """Return what is matched; distances ascend, shapes (pairs,)."""
        starts = np.flatnonzero(np.diff(distance, prepend=-1))
        place = np.flatnonzero(truth)
        group = np.searchsorted(starts, place, "right") - 1
        others = np.diff(starts, append=len(distance)) - np.bincount(group, minlength=len(starts))
        kept = others[group] > 0
        return cls(starts, place[kept], group[kept], (place, group), others)

    def means(self, values: Scores) -> tuple[float, float]:
        """Return the mean of true pairs, and of the others, of one map's pairs; 0 if none."""
        if not len(self.place):
            return 0.0, 0.0
        rest = np.add.reduceat(values, self.starts, dtype=np.float64)
        place, group = self.true
        rest -= np.bincount(group, values[place], len(self.starts))
        background = rest[self.group] / self.others[self.group]
        return float(values[self.place].mean()), float(background.mean())


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
