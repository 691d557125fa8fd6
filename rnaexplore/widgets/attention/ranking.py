"""Which heads are worth a look: one number a head, from its symmetrised and corrected map."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnaexplore.maps import AttentionMaps
from rnaexplore.structure import Structure

__all__ = ["MIN_SEPARATION", "Ranking", "pair_scores", "rank", "top_pairs"]

MIN_SEPARATION = 4  #: residues i and j can pair from j - i = 4 on: a hairpin loop of three

Scores = NDArray[np.float32]
Pairs = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """One number a head.

    Attributes
    ----------
    what
        What the number is.
    scores
        Shape (layers, heads).
    chance
        What a head that knows nothing would have.
    """

    what: str
    scores: NDArray[np.float64]
    chance: float


def rank(maps: AttentionMaps, reference: Structure | None) -> Ranking:
    """Return how well each head follows the structure, or how much it looks like helices.

    With a reference: the share of its pairs among the best of all pairs at least 4 apart, as many
    as it has (precision at the number of pairs); chance is their share among all. Without: the
    correlation of each pair (i, j) with the pair stacked on it, (i + 1, j - 1), less that with its
    neighbour at the same distance in sequence, (i + 1, j + 1). Helices make it positive, attention
    to a fixed distance negative, and neither is expected of a map without any order: chance is 0.
    """
    if reference is None:
        return _ranking("stacking", maps, _stacking(maps.values.shape[-1]), 0.0)
    far = np.triu(np.ones((len(reference),) * 2, dtype=np.bool_), MIN_SEPARATION)
    truth = _truth(reference) & far
    chance = float(truth.sum() / far.sum()) if far.any() else 0.0
    return _ranking("precision", maps, _precision(truth, far), chance)


def _ranking(
    what: str, maps: AttentionMaps, measure: Callable[[Scores], float], chance: float
) -> Ranking:
    heads = maps.values.reshape(-1, *maps.values.shape[2:])
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda values: measure(_corrected(values)), heads))
    return Ranking(what, np.array(found).reshape(maps.values.shape[:2]), chance)


def pair_scores(values: Scores) -> Scores:
    """Return the mean of both directions of one map, shape (L, L)."""
    both: Scores = (values + values.T) / np.float32(2)
    return both


def top_pairs(values: Scores, k: int, threshold: float) -> Pairs:
    """Return the `k` best pairs of one map, best first.

    Parameters
    ----------
    values
        Shape (L, L); a pair's score is the mean of both directions.
    k
        Most pairs returned; pairs at least 4 apart, with a score above 0.
    threshold
        Smallest score, as a share of the largest value of the map.

    Returns
    -------
    ndarray of int64, shape (at most k, 2)
        0-based, i < j; a residue may be in several pairs.
    """
    rows, columns = np.triu_indices(len(values), MIN_SEPARATION)
    scores = pair_scores(values)[rows, columns]
    least = threshold * float(values.max(initial=0.0))
    order = np.argsort(-scores, kind="stable")[:k]
    kept = order[(scores[order] > 0) & (scores[order] >= least)]
    return np.stack([rows[kept], columns[kept]], axis=1).astype(np.int64)


def _corrected(values: Scores) -> Scores:
    """Return one head's symmetrised and corrected map."""
    both = pair_scores(values)
    sums = both.sum(1, dtype=np.float64)
    total = float(sums.sum())
    if total:
        both -= np.outer(sums.astype(np.float32), (sums / total).astype(np.float32))
    return both


def _truth(reference: Structure) -> NDArray[np.bool_]:
    paired = np.zeros((len(reference),) * 2, dtype=np.bool_)
    paired[reference.pairs[:, 0], reference.pairs[:, 1]] = True
    return paired


def _precision(truth: NDArray[np.bool_], far: NDArray[np.bool_]) -> Callable[[Scores], float]:
    n = int(truth.sum())
    known, allowed = truth[far], np.flatnonzero(far)

    def measure(scores: Scores) -> float:
        if not n:
            return 0.0
        best = np.argpartition(-scores.ravel()[allowed], n - 1)[:n]
        return float(known[best].mean())

    return measure


def _stacking(n: int) -> Callable[[Scores], float]:
    """Return the measure for maps of n residues: (i, j) with (i + 1, j - 1), and (i + 1, j + 1)."""
    size = max(n - 2, 0)
    mask = np.triu(np.ones((size, size), dtype=np.float32), MIN_SEPARATION + 2)
    inside = mask.sum(dtype=np.float64)

    def centred(values: Scores) -> Scores:
        mean = np.float32((values * mask).sum(dtype=np.float64) / inside)
        flat: Scores = ((values - mean) * mask).ravel()
        return flat

    def measure(scores: Scores) -> float:
        if not inside:
            return 0.0
        pairs = centred(scores[:-2, 1:-1])
        stacked, shifted = centred(scores[1:-1, :-2]), centred(scores[1:-1, 2:])
        return _cosine(pairs, stacked) - _cosine(pairs, shifted)

    return measure


def _cosine(first: Scores, second: Scores) -> float:
    size = float(np.sqrt(np.float64(first @ first) * np.float64(second @ second)))
    return float(first @ second) / size if size > 0 else 0.0
