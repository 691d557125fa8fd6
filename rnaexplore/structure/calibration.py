"""From the log odds of a contact regression to probabilities that hold on new families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnaexplore.errors import InputError
from rnaexplore.structure.reliability import calibration_error, pair_reliability
from rnaexplore.structure.resampling import family_folds

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["N_KNOTS", "Calibration", "CalibrationCurve", "calibrate", "fit_curve", "sigmoid"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

N_KNOTS = 8  #: of a fitted curve
FLATTEST = 0.01  #: smallest slope, so that no two pairs become equal
NARROWEST = 0.1  #: shortest stretch between two knots, in log odds
ABOVE = 0.5  #: how far from the median log odds a pair is that is not like nearly all others
GROUPS = 2000  #: of pairs with nearly the same log odds, which are summed before the fit
RIDGE = (
    1.0  #: weight of the squared distance of slopes from 1, the log likelihood of a pair being 1
)


def sigmoid(logits: ArrayLike) -> Floats:
    """Return the probabilities of log odds."""
    from scipy.special import expit

    values: Floats = expit(np.asarray(logits, dtype=np.float64))
    return values


@dataclass(frozen=True, slots=True)
class CalibrationCurve:
    """A rising curve, linear between knots and beyond them, from log odds to calibrated log odds.

    A curve of one slope is a temperature and an offset. Ranks of pairs do not change.

    Parameters
    ----------
    logits
        Log odds at the knots, rising.
    calibrated
        Calibrated log odds there, rising.

    Raises
    ------
    InputError
        If there are fewer than 2 knots, or one of the two does not rise.
    """

    logits: tuple[float, ...]
    calibrated: tuple[float, ...]

    def __post_init__(self) -> None:
        x, y = np.array(self.logits), np.array(self.calibrated)
        rising = len(x) == len(y) > 1 and (np.diff(x) > 0).all() and (np.diff(y) > 0).all()
        if not (rising and np.isfinite([*x, *y]).all()):
            msg = f"a calibration curve must rise over 2 knots or more, got {self}"
            raise InputError(msg)

    def __call__(self, logits: ArrayLike) -> Floats:
        """Return the calibrated log odds, of the same shape."""
        z = np.asarray(logits, dtype=np.float64)
        x, y = np.array(self.logits), np.array(self.calibrated)
        k = np.clip(np.searchsorted(x, z), 1, len(x) - 1)
        slope = (y[k] - y[k - 1]) / (x[k] - x[k - 1])
        values: Floats = y[k - 1] + (z - x[k - 1]) * slope
        return values


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A calibration curve and what it does on families that it was not fitted on.

    Attributes
    ----------
    curve
        Fitted on all families.
    before
        Reliability without a curve: see `rnaexplore.structure.reliability`.
    after
        Reliability with curves of which each was fitted without the families it is used on.
    n_families
        Number of families.
    """

    curve: CalibrationCurve
    before: pd.DataFrame
    after: pd.DataFrame
    n_families: int

    def __repr__(self) -> str:
        return (
            f"<Calibration on {self.n_families} families: expected calibration error "
            f"{self.error_before:.3f} before, {self.error_after:.3f} after>"
        )

    @property
    def error_before(self) -> float:
        """Expected calibration error without a curve."""
        return calibration_error(self.before)

    @property
    def error_after(self) -> float:
        """Expected calibration error with a curve, on families that it was not fitted on."""
        return calibration_error(self.after)


def calibrate(
    logits: Sequence[Floats],
    truths: Sequence[Bools],
    families: Sequence[str],
    *,
    n_folds: int = 5,
    seed: int = 0,
) -> Calibration:
    """Fit a calibration curve, and measure it on families that were held out from the fit.

    Parameters
    ----------
    logits
        Log odds of each RNA's candidate pairs, by a regression that was fitted on none of these
        families.
    truths
        Which of these pairs the known structures have.
    families
        Family of each RNA. Every family counts once in the fit.
    n_folds
        Parts into which families are divided; at most the number of families.
    seed
        Seed of that division.

    Raises
    ------
    InputError
        If there are fewer than 2 families, an RNA has none, or no pair is true.
    """
    folds = family_folds(families, min(n_folds, len(set(families))), seed=seed)
    weights = _family_weights(families)
    after: list[Floats] = [np.empty(0)] * len(logits)
    for fold in np.unique(folds):
        rest = np.flatnonzero(folds != fold)
        curve = _fit(logits, truths, weights, rest)
        for k in np.flatnonzero(folds == fold).tolist():
            after[k] = sigmoid(curve(logits[k]))
    return Calibration(
        curve=_fit(logits, truths, weights, np.arange(len(logits))),
        before=pair_reliability([sigmoid(z) for z in logits], truths, families, seed=seed),
        after=pair_reliability(after, truths, families, seed=seed),
        n_families=len(set(families)),
    )


def _family_weights(families: Sequence[str]) -> Floats:
    """Return one over the number of RNAs of each RNA's family."""
    _, members, sizes = np.unique(np.asarray(families), return_inverse=True, return_counts=True)
    return np.asarray(1 / sizes[members], dtype=np.float64)


def _fit(
    logits: Sequence[Floats], truths: Sequence[Bools], weights: Floats, rows: NDArray[np.int64]
) -> CalibrationCurve:
    each = [np.full(len(logits[k]), weights[k]) for k in rows]
    return fit_curve(
        np.concatenate([logits[k] for k in rows]),
        np.concatenate([truths[k] for k in rows]),
        np.concatenate(each),
    )


def fit_curve(
    logits: ArrayLike, truth: ArrayLike, weights: ArrayLike | None = None
) -> CalibrationCurve:
    """Return the rising curve under which pairs are most likely what they are.

    Attention is not linear in log odds: a weak sign of a pair from one head raises the odds far
    more than the same amount on top of a strong one. A temperature and an offset cannot mend that;
    a curve of a few slopes can. Its slopes are fitted by maximum likelihood, each above 0, with a
    weak penalty towards 1.

    Parameters
    ----------
    logits
        Log odds of pairs, shape (n,).
    truth
        Which pairs are true, shape (n,).
    weights
        How much each pair counts; 1 by default.

    Raises
    ------
    InputError
        If no pair is true, or all are.
    """
    z, y = np.asarray(logits, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    w = np.ones_like(z) if weights is None else np.asarray(weights, dtype=np.float64)
    if not 0 < y.sum() < len(y):
        msg = f"{int(y.sum())} of {len(y)} pairs are true; a calibration needs both kinds"
        raise InputError(msg)
    knots = _knots(z)
    offset, slopes = _likeliest(*_grouped(z, y, w), knots)
    x = np.concatenate([[knots[0] - 1], knots, [knots[-1] + 1]])
    steps = slopes * np.diff(x)
    start = offset - slopes[0]
    heights = start + np.concatenate([[0.0], np.cumsum(steps)])
    return CalibrationCurve(tuple(x.tolist()), tuple(heights.tolist()))


def _knots(z: Floats) -> Floats:
    """Return where the slope may change: at the median, and at quantiles of what lies above it.

    Nearly all pairs are alike, at the median; what matters lies above.
    """
    n, median = N_KNOTS - 2, float(np.median(z))
    above = z[z > median + ABOVE]
    if not len(above):
        return median + np.arange(n, dtype=np.float64)
    wanted = [median, *np.quantile(above, np.linspace(0.05, 0.95, n - 1))]
    knots = [wanted[0]]
    for knot in wanted[1:]:
        knots.append(max(float(knot), knots[-1] + NARROWEST))
    return np.array(knots)


def _grouped(z: Floats, y: Floats, w: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean log odds, weight, and weight of the true pairs, of groups of similar pairs.

    Groups are of equal size, and ever smaller towards the top, where few pairs are.
    """
    order, n = np.argsort(z), len(z)
    even = np.linspace(0, n, GROUPS, endpoint=False)
    top = n - np.geomspace(1, n, GROUPS)
    starts = np.unique(np.concatenate([even, top]).astype(np.int64))
    weight = np.add.reduceat(w[order], starts)
    return (
        np.add.reduceat((w * z)[order], starts) / weight,
        weight,
        np.add.reduceat((w * y)[order], starts),
    )


def _likeliest(z: Floats, weight: Floats, true: Floats, knots: Floats) -> tuple[float, Floats]:
    """Return the curve's height at the first knot, and the slope of each of its stretches."""
    from scipy.optimize import minimize

    stretches = _stretches(z, knots)
    n = stretches.shape[1]

    def loss(parameters: Floats) -> tuple[float, Floats]:
        offset, slopes = parameters[0], parameters[1:]
        height = offset + stretches @ slopes
        missing = weight * sigmoid(height) - true
        value = (weight * np.logaddexp(0, height) - true * height).sum()
        value += RIDGE * ((slopes - 1) ** 2).sum()
        slope = stretches.T @ missing + 2 * RIDGE * (slopes - 1)
        return float(value), np.concatenate([[missing.sum()], slope])

    start = np.concatenate([[knots[0]], np.ones(n)])
    bounds = [(None, None), *[(FLATTEST, None)] * n]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return float(found.x[0]), np.asarray(found.x[1:], dtype=np.float64)


def _stretches(z: Floats, knots: Floats) -> Floats:
    """Return how much of the way from the first knot to each value lies on each stretch."""
    lower = np.concatenate([[-np.inf], knots])
    upper = np.concatenate([knots, [np.inf]])
    start = np.concatenate([knots[:1], knots])
    ways: Floats = np.clip(z[:, None], lower, upper) - start
    return ways
