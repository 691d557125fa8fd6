"""Is a head better than its nulls? Effects with intervals, p-values and false-discovery rates.

Nothing here is in units of a standard error: the same RNAs given twice change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["HeadStatistics", "NullHeads", "head_statistics"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

N_BOOT = 2000  #: draws of groups behind an interval and a rank
LOW, HIGH = 2.5, 97.5  #: percentiles of the 95 % interval


@dataclass(frozen=True, slots=True, eq=False)
class NullHeads:
    """Average precision (AUPRC) of heads that cannot know the structure, on the same RNAs.

    Attributes
    ----------
    shuffled
        The model's own heads on shuffled sequences, shape (shuffles, RNAs, heads).
    random
        Heads of models with random weights, shape (models, RNAs, heads).
    random_shuffled
        These on the shuffled sequences, means over the shuffles, shape (models, RNAs, heads).
    """

    shuffled: Floats
    random: Floats
    random_shuffled: Floats

    @property
    def best(self) -> float:
        """The largest mean AUPRC of any null head of either kind."""
        return float(max(self.shuffled.mean(1).max(), self.random.mean(1).max()))

    @property
    def gains(self) -> Floats:
        """Effect of every head with random weights, as that of trained heads, shape (all,)."""
        gains: Floats = (self.random - self.random_shuffled).mean(1).ravel()
        return gains


@dataclass(frozen=True, slots=True, eq=False)
class HeadStatistics:
    """What is known of each head, each of shape (heads,).

    Attributes
    ----------
    effect
        AUPRC less that of the same head on shuffled sequences, mean over RNAs.
    low, high
        Its 95 % interval, NaN if there is one group only.
    p_shuffled
        One-sided, of the effect being no larger than 0, over groups.
    p_random
        Rank of the effect among those of heads with random weights, mean over draws of groups.
    p
        The larger of the two: a head has to pass both.
    fdr
        `p` after Benjamini and Hochberg.
    """

    effect: Floats
    low: Floats
    high: Floats
    p_shuffled: Floats
    p_random: Floats
    p: Floats
    fdr: Floats


def head_statistics(auprc: Floats, nulls: NullHeads, groups: Ints, *, seed: int) -> HeadStatistics:
    """Return effects of heads with intervals, p-values and false-discovery rates.

    Parameters
    ----------
    auprc
        AUPRC of each head on each RNA, shape (RNAs, heads).
    nulls
        Those of the null heads.
    groups
        Group of each RNA, 0 to the number of groups less 1, shape (RNAs,). Groups are drawn as a
        whole.
    seed
        Seed of the draws.
    """
    from scipy.stats import false_discovery_control

    difference = auprc - nulls.shuffled.mean(0)
    sums, sizes = _by_group(difference, groups)
    effect: Floats = difference.mean(0)
    draws = _drawn(effect, sums, sizes, np.random.default_rng(seed))
    low, high = np.percentile(draws, [LOW, HIGH], axis=0)
    p_shuffled = _above_zero(effect, sums, sizes)
    p_random = _rank(np.where(np.isnan(draws), effect, draws), nulls.gains)
    p = np.maximum(p_shuffled, p_random)
    return HeadStatistics(
        effect, low, high, p_shuffled, p_random, p, false_discovery_control(p, method="bh")
    )


def _by_group(difference: Floats, groups: Ints) -> tuple[Floats, Floats]:
    """Return the sum over the RNAs of each group, shape (groups, heads), and their numbers."""
    sums = np.zeros((int(groups.max()) + 1, difference.shape[1]))
    np.add.at(sums, groups, difference)
    return sums, np.bincount(groups).astype(np.float64)


def _drawn(effect: Floats, sums: Floats, sizes: Floats, rng: np.random.Generator) -> Floats:
    """Return the effect in draws of groups with replacement, shape (draws, heads); NaN if only one.

    A bootstrap of n groups spreads too little by the factor sqrt(1 - 1 / n), which is undone
    (Hesterberg 2015, doi:10.1080/00031305.2015.1089789).
    """
    n = len(sizes)
    if n == 1:
        return np.full((N_BOOT, len(effect)), np.nan)
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=N_BOOT).astype(np.float64)
    means = (drawn @ sums) / (drawn @ sizes)[:, None]
    draws: Floats = effect + (means - effect) * np.sqrt(n / (n - 1))
    return draws


def _above_zero(effect: Floats, sums: Floats, sizes: Floats) -> Floats:
    """Return one-sided p-values of the mean over RNAs: t-tests with a jackknife over groups.

    The jackknife is safe where groups differ in size, and t where they are few (MacKinnon, Nielsen
    & Webb 2023, doi:10.1016/j.jeconom.2022.04.001). 1 if there is one group only.
    """
    from scipy.stats import t

    n = len(sizes)
    if n == 1:
        return np.ones(len(effect))
    without = (sums.sum(0) - sums) / (sizes.sum() - sizes)[:, None]
    error = np.sqrt((n - 1) * without.var(0))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(effect == 0, 0.0, effect / error)
    p: Floats = t.sf(ratio, n - 1)
    return p


def _rank(draws: Floats, gains: Floats) -> Floats:
    """Return the share of null heads, and of the head itself, at least as good, mean over draws.

    The mean is over draws because a trained head may scatter more than untrained ones: it is
    compared with what these would have if they scattered as much.
    """
    at_least = len(gains) - np.searchsorted(np.sort(gains), draws, "left")
    rank: Floats = ((1 + at_least) / (1 + len(gains))).mean(0)
    return rank
