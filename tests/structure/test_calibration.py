"""Planted miscalibration is repaired, on families that were not in the fit."""

from __future__ import annotations

import numpy as np
import pytest

from rnaexplore.errors import InputError
from rnaexplore.structure import CalibrationCurve, calibrate, fit_curve
from rnaexplore.structure.calibration import FLATTEST, sigmoid

FAULTS = {
    "too sure": lambda z: 2.5 * z,
    "too careful": lambda z: 0.4 * z,
    "shifted": lambda z: z + 3.0,
    # what attention does: a weak sign says much, a strong one little more than that
    "bent": lambda z: np.where(z < -2, (z + 2) * 0.4 - 5, (z + 2) * 2 - 5),
}


def rnas(fault, *, n: int = 60, seed: int = 0):
    """Return log odds of pairs, with a fault, of RNAs in families of three."""
    rng = np.random.default_rng(seed)
    true = [np.concatenate([rng.normal(-6, 0.5, 400), rng.normal(0, 2.5, 60)]) for _ in range(n)]
    truths = [rng.random(len(z)) < sigmoid(z) for z in true]
    return [fault(z) for z in true], truths, [f"F{k // 3}" for k in range(n)]


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_repaired_on_held_out_families(fault) -> None:
    found = calibrate(*rnas(FAULTS[fault]), seed=0)
    assert found.error_before > 0.08
    assert found.error_after < 0.03
    assert found.n_families == 20
    assert "20 families" in repr(found)


def test_what_is_calibrated_stays_so() -> None:
    found = calibrate(*rnas(lambda z: z), seed=0)
    assert found.error_before < 0.02
    assert found.error_after < 0.03
    z = np.linspace(-5, 4, 50)
    np.testing.assert_allclose(found.curve(z), z, atol=0.7)


def test_a_temperature_alone_does_not_repair_what_is_bent() -> None:
    """Why there is a curve: the best line through the log odds leaves most of the error."""
    from sklearn.linear_model import LogisticRegression

    logits, truths, families = rnas(FAULTS["bent"])
    z, y = np.concatenate(logits)[:, None], np.concatenate(truths)
    line = LogisticRegression(C=1e6).fit(z, y)
    slope, offset = float(line.coef_[0, 0]), float(line.intercept_[0])
    straight = calibrate([slope * one + offset for one in logits], truths, families, seed=0)
    assert straight.error_before > 3 * straight.error_after


def test_the_reported_error_is_not_that_of_the_fit() -> None:
    """Families of which each lies elsewhere: no curve fitted on others can be right for one."""
    rng = np.random.default_rng(0)
    shifts = rng.normal(0, 4, 6)
    true = [rng.normal(0, 2, 400) for _ in range(6)]
    truths = [rng.random(400) < sigmoid(z) for z in true]
    logits = [z + shift for z, shift in zip(true, shifts, strict=True)]
    found = calibrate(logits, truths, [str(k) for k in range(6)], n_folds=6, seed=0)
    from rnaexplore.structure.reliability import calibration_error, pair_reliability

    fitted = [sigmoid(found.curve(z)) for z in logits]
    inside = pair_reliability(fitted, truths, [str(k) for k in range(6)], n_boot=10)
    assert found.error_after > 1.5 * calibration_error(inside)


def test_each_family_counts_once() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(0, 2, 4000)
    truth = rng.random(4000) < sigmoid(z)
    one = ([z, z + 3.0], [truth, truth], ["a", "b"])
    many = ([z, *[z + 3.0] * 9], [truth] * 10, ["a", *["b"] * 9])
    first, second = calibrate(*one).curve, calibrate(*many).curve
    at = np.linspace(-3, 5, 9)
    np.testing.assert_allclose(first(at), second(at), atol=0.4)
    assert np.abs(second(at) - (at - 3)).mean() > 0.5  # as if "b" alone counted


def test_ranks_do_not_change() -> None:
    curve = calibrate(*rnas(FAULTS["bent"])).curve
    assert (np.diff(curve(np.linspace(-30, 30, 999))) > 0).all()
    slopes = np.diff(curve.calibrated) / np.diff(curve.logits)
    assert slopes.min() >= FLATTEST * 0.999


def test_a_curve_is_linear_between_knots_and_beyond_them() -> None:
    curve = CalibrationCurve((-1.0, 0.0, 2.0), (-3.0, 0.0, 1.0))
    np.testing.assert_allclose(curve([-2, -1, -0.5, 0, 1, 2, 4]), [-6, -3, -1.5, 0, 0.5, 1, 2])
    assert curve(np.zeros((2, 3))).shape == (2, 3)


@pytest.mark.parametrize(
    "knots", [((0.0,), (0.0,)), ((0, 1), (1, 0)), ((0, 0), (0, 1)), ((0, 1), (0, np.nan))]
)
def test_curves_that_do_not_rise_are_refused(knots) -> None:
    with pytest.raises(InputError, match="must rise"):
        CalibrationCurve(*knots)


def test_pairs_of_both_kinds_are_needed() -> None:
    with pytest.raises(InputError, match="0 of 5 pairs are true"):
        fit_curve(np.arange(5.0), np.zeros(5, dtype=bool))
    logits, truths, _ = rnas(lambda z: z, n=6)
    with pytest.raises(InputError, match="n_folds must be 2 to 1"):
        calibrate(logits, truths, ["one"] * 6)


def test_few_pairs_make_a_curve_too() -> None:
    curve = fit_curve([-1.0, -1.0, -1.0, 2.0], [False, False, True, True])
    assert (np.diff(curve(np.linspace(-9, 9, 20))) > 0).all()
    flat = fit_curve(np.zeros(10), np.arange(10) < 3)
    assert sigmoid(flat([0.0]))[0] == pytest.approx(0.3, abs=0.02)
