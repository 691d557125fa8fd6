"""Intervals that count families and not RNAs, and choices that are scored on other families."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Draws", "chosen_elsewhere"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LOW, HIGH = 2.5, 97.5  #: percentiles of the 95 % interval
FOLDS = 5  #: parts that families are dealt into for a nested choice


class Draws:
    """Bootstrap samples of whole groups, the same for whatever is scored.

    Parameters
    ----------
    groups
        Group of each RNA.
    n_boot
        How many samples, each of as many groups as there are.
    seed
        Seed of the samples.
    """

    def __init__(self, groups: NDArray[np.str_], n_boot: int, seed: int) -> None:
        _, self._of, self._sizes = np.unique(groups, return_inverse=True, return_counts=True)
        n = len(self._sizes)
        rng = np.random.default_rng(seed)
        self._times = rng.multinomial(n, np.full(n, 1 / n), size=n_boot).astype(np.float64)

    def interval(self, values: NDArray[np.bool_] | Floats) -> tuple[float, float]:
        """Return the ends of the 95 % interval of a mean over RNAs."""
        sums = np.bincount(self._of, weights=values.astype(np.float64))
        means = (self._times @ sums) / (self._times @ self._sizes)
        low, high = np.percentile(means, [LOW, HIGH])
        return float(low), float(high)


def chosen_elsewhere(hits: NDArray[np.bool_], groups: NDArray[np.str_], seed: int) -> Ints:
    """Return for each RNA the candidate that is best on RNAs of other groups.

    Groups are dealt at random into 5 parts (or as many as there are groups, if fewer). The RNAs
    of a part get the candidate with the most hits on the RNAs of the other parts, the first of
    equals, so that no RNA has a say in the choice that it is scored with.

    Parameters
    ----------
    hits
        Whether each candidate is right about each RNA, shape (candidates, n).
    groups
        Group of each RNA, at least 2.
    seed
        Seed of the parts.

    Returns
    -------
    ndarray of int64, shape (n,)
        Positions among the candidates.
    """
    names, of = np.unique(groups, return_inverse=True)
    dealt = np.random.default_rng(seed).permutation(len(names)) % min(FOLDS, len(names))
    part = dealt[of]
    choice = np.empty(len(groups), dtype=np.int64)
    for k in np.unique(part):
        choice[part == k] = hits[:, part != k].sum(1).argmax()
    return choice
