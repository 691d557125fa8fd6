"""How well scores agree with measurements, and the same for variants drawn again.

The values are those of SciPy and scikit-learn. For intervals the same quantities are computed from
how often each variant is drawn, without sorting anew: midranks, confusion tables and discounted
gains follow from sums of these counts in one fixed order.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rnaexplore.structure.resampling import interval

__all__ = ["METRICS", "TOP", "intervals", "metrics_of", "resampled_metrics"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

METRICS = ("spearman", "auc", "mcc", "ndcg")
TOP = 10  #: one in so many variants counts as the top, for NDCG
FEWEST = 5  #: variants that metrics make sense of
_CELLS = 1_000_000  #: draws times variants at a time


def metrics_of(measured: Floats, score: Floats) -> dict[str, float]:
    """Return Spearman, AUC, MCC and NDCG, all signed: below chance stays below chance.

    NaN where there are fewer than `FEWEST` variants, or all measurements are equal.

    Parameters
    ----------
    measured, score
        One number per variant, shape (n,).
    """
    if not _enough(measured):
        return dict.fromkeys(METRICS, float("nan"))
    from scipy.stats import spearmanr
    from sklearn.metrics import matthews_corrcoef, ndcg_score, roc_auc_score

    high, top = measured > np.median(measured), max(1, len(measured) // TOP)
    varied = np.ptp(score) > 0
    return {
        "spearman": float(spearmanr(measured, score).statistic) if varied else float("nan"),
        "auc": float(roc_auc_score(high, score)) if high.any() else float("nan"),
        "mcc": float(matthews_corrcoef(high, score > np.median(score))),
        "ndcg": float(ndcg_score(_gains(measured)[None], score[None], k=top)),
    }


def intervals(
    measured: Floats, score: Floats, *, n_boot: int, rng: np.random.Generator
) -> dict[str, tuple[float, float]]:
    """Return the 95 % interval of each metric when variants are drawn again."""
    if not _enough(measured):
        return dict.fromkeys(METRICS, (float("nan"), float("nan")))
    drawn = [
        resampled_metrics(measured, score, counts) for counts in _draws(len(score), n_boot, rng)
    ]
    found = {}
    for metric in METRICS:
        values = np.concatenate([one[metric] for one in drawn])
        known = values[~np.isnan(values)]
        low, high = interval(known) if len(known) else (np.nan, np.nan)
        found[metric] = (float(low), float(high))
    return found


def _draws(n: int, n_boot: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield how often each variant is drawn, shape (some, n), `n_boot` rows in all."""
    size = max(1, _CELLS // n)
    share = np.full(n, 1 / n)
    for start in range(0, n_boot, size):
        some = min(size, n_boot - start)
        yield rng.multinomial(n, share, size=some).astype(np.float64)


def resampled_metrics(measured: Floats, score: Floats, counts: Floats) -> dict[str, Floats]:
    """Return each metric for every row of counts, NaN where it is not defined.

    The cuts between high and low are those of all variants.

    Parameters
    ----------
    measured, score
        One number per variant, shape (n,).
    counts
        How often each variant is drawn, shape (draws, n).

    Returns
    -------
    dict of str to ndarray of float64, shape (draws,)
    """
    high, chosen = measured > np.median(measured), score > np.median(score)
    ranks = _midranks(score, counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "spearman": _correlation(_midranks(measured, counts), ranks, counts),
            "auc": _auc(ranks, high, counts),
            "mcc": _mcc(high, chosen, counts),
            "ndcg": _ndcg(measured, score, counts),
        }


def _enough(measured: Floats) -> bool:
    return len(measured) >= FEWEST and bool(np.ptp(measured) > 0)


def _gains(measured: Floats) -> Floats:
    """Return measurements from 0 to 1, as ProteinGym does for NDCG."""
    gains: Floats = (measured - measured.min()) / np.ptp(measured)
    return gains


def _by_value(values: Floats, counts: Floats) -> tuple[Ints, Floats]:
    """Return which distinct value each variant has, and how often each value is drawn."""
    distinct, which = np.unique(values, return_inverse=True)
    order = np.argsort(which, kind="stable")
    starts = np.searchsorted(which[order], np.arange(len(distinct)))
    return which, np.add.reduceat(counts[:, order], starts, axis=1)


def _midranks(values: Floats, counts: Floats) -> Floats:
    """Return the midrank of each variant among those drawn, from 1, shape (draws, n)."""
    which, times = _by_value(values, counts)
    ranks: Floats = (times.cumsum(1) - times + (times + 1) / 2)[:, which]
    return ranks


def _correlation(a: Floats, b: Floats, counts: Floats) -> Floats:
    total = counts.sum(1, keepdims=True)
    a = a - (counts * a).sum(1, keepdims=True) / total
    b = b - (counts * b).sum(1, keepdims=True) / total
    shared, own, other = ((counts * x).sum(1) for x in (a * b, a * a, b * b))
    found: Floats = shared / np.sqrt(own * other)
    return found


def _auc(ranks: Floats, high: NDArray[np.bool_], counts: Floats) -> Floats:
    n_high, n_low = counts[:, high].sum(1), counts[:, ~high].sum(1)
    above = (counts * ranks)[:, high].sum(1) - n_high * (n_high + 1) / 2
    found: Floats = above / (n_high * n_low)
    return found


def _mcc(high: NDArray[np.bool_], chosen: NDArray[np.bool_], counts: Floats) -> Floats:
    cells = (high & chosen, high & ~chosen, ~high & chosen, ~high & ~chosen)
    tp, fn, fp, tn = (counts[:, cell].sum(1) for cell in cells)
    scale = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    found: Floats = np.where(scale > 0, (tp * tn - fp * fn) / scale, 0.0)
    return found


def _ndcg(measured: Floats, score: Floats, counts: Floats) -> Floats:
    gains, top = _gains(measured), max(1, len(measured) // TOP)
    found: Floats = _dcg(gains, score, counts, top) / _dcg(gains, gains, counts, top)
    return found


def _dcg(gains: Floats, values: Floats, counts: Floats, top: int) -> Floats:
    """Return the discounted gain of the first `top` by `values`; equal values share theirs."""
    _, times = _by_value(-values, counts)
    _, gained = _by_value(-values, counts * gains)
    n = int(counts.sum(1).max())
    discounts = np.where(np.arange(n) < top, 1 / np.log2(np.arange(n) + 2), 0)
    until = np.concatenate([[0.0], discounts.cumsum()])
    stop = times.cumsum(1).astype(np.int64)
    inside = until[stop] - until[stop - times.astype(np.int64)]
    mean = np.divide(gained, times, out=np.zeros_like(gained), where=times > 0)
    found: Floats = (mean * inside).sum(1)
    return found
