"""Families drawn again: intervals of means, and folds that keep families whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError

__all__ = ["LEVEL", "family_folds", "interval", "resampled_counts", "resampled_means"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVEL = 95.0  #: per cent of resamples within an interval


def resampled_counts(n_families: int, *, n_boot: int, seed: int) -> Ints:
    """Return how often each family is drawn in each resample, shape (n_boot, n_families)."""
    rng = np.random.default_rng(seed)
    share = np.full(n_families, 1 / max(n_families, 1))
    drawn: Ints = rng.multinomial(n_families, share, size=n_boot)
    return drawn


def resampled_means(
    values: Floats, families: Sequence[str], *, n_boot: int, seed: int, per_family: bool = False
) -> Floats:
    """Return means over RNAs when families are drawn again with replacement.

    RNAs of a family are alike, so it is families that are drawn, not RNAs (the cluster bootstrap;
    Field & Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x).

    Parameters
    ----------
    values
        One row per RNA, shape (n, columns).
    families
        Family of each RNA.
    n_boot
        Number of resamples.
    seed
        Seed of the draws.
    per_family
        Whether each family counts once, however many RNAs it has.

    Returns
    -------
    ndarray of float64, shape (n_boot, columns)
    """
    names, members = np.unique(np.asarray(families), return_inverse=True)
    sums = np.zeros((len(names), values.shape[1]))
    np.add.at(sums, members, values)
    sizes = np.bincount(members, minlength=len(names)).astype(np.float64)
    if per_family:
        sums, sizes = sums / sizes[:, None], np.ones(len(names))
    drawn = resampled_counts(len(names), n_boot=n_boot, seed=seed)
    means: Floats = drawn @ sums / (drawn @ sizes)[:, None]
    return means


def interval(resamples: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the 95 % interval of each column, percentiles of the resamples."""
    tail = (100 - LEVEL) / 2
    low, high = np.percentile(resamples, [tail, 100 - tail], axis=0)
    return low, high


def family_folds(families: Sequence[str], n_folds: int, *, seed: int) -> Ints:
    """Return the fold of each RNA, 0 to ``n_folds - 1``; no family is in two folds.

    Families are dealt out in random order, each to the fold with the fewest RNAs.

    Raises
    ------
    InputError
        If an RNA has no family, or there are fewer families than folds or fewer than 2 folds.
    """
    names, members, sizes = np.unique(
        np.asarray(families, dtype=str), return_inverse=True, return_counts=True
    )
    if "" in names:
        msg = f"{int((members == 0).sum())} RNAs have no family; leave them out"
        raise InputError(msg)
    if not 2 <= n_folds <= len(names):  # noqa: PLR2004
        msg = f"n_folds must be 2 to {len(names)}, the number of families, got {n_folds}"
        raise InputError(msg)
    fold_of, filled = np.zeros(len(names), dtype=np.int64), np.zeros(n_folds, dtype=np.int64)
    for family in np.random.default_rng(seed).permutation(len(names)):
        fold_of[family] = filled.argmin()
        filled[fold_of[family]] += sizes[family]
    folds: Ints = fold_of[members]
    return folds
