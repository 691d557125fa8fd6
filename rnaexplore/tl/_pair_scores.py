"""How well maps rank the base pairs of a known structure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["MIN_SEPARATION", "average_precision", "candidates", "matched", "precision_at"]

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
    others = distance[~truth]
    counts = np.bincount(others, minlength=n)
    sums = [np.bincount(others, weights=row[~truth], minlength=n) for row in attention]
    background = np.array(sums) / np.maximum(counts, 1)
    kept = np.flatnonzero(truth & (counts[distance] > 0))
    if not len(kept):
        return np.zeros((2, len(attention)))
    return np.stack([attention[:, kept].mean(1), background[:, distance[kept]].mean(1)])
