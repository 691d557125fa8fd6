"""Reliability of planted probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from rnaexplore.errors import InputError
from rnaexplore.structure import Structure, calibration_error, reliability
from rnaexplore.structure.reliability import BINS, pair_reliability, pair_vectors


def planted(rng: np.random.Generator, n: int, *, power: float = 1.0):
    """Return probabilities p of RNAs of which p ** power are true."""
    values = [rng.random(200) for _ in range(n)]
    return values, [rng.random(200) < p**power for p in values]


def test_bins_are_those_of_a_slow_count() -> None:
    values, truths = planted(np.random.default_rng(0), 10)
    table = pair_reliability(values, truths, [str(k) for k in range(10)], n_boot=10)
    p, y = np.concatenate(values), np.concatenate(truths)
    for row, low, high in zip(table.itertuples(), BINS[:-1], BINS[1:], strict=True):
        inside = (p >= low) & (p < high)
        assert (row.low, row.high, row.n) == (low, high, inside.sum())
        assert row.predicted == pytest.approx(p[inside].mean())
        assert row.observed == pytest.approx(y[inside].mean())
        assert row.observed_low <= row.observed <= row.observed_high


def test_the_error_is_small_for_probabilities_and_large_for_what_is_too_sure() -> None:
    rng = np.random.default_rng(1)
    families = [str(k) for k in range(200)]
    honest = pair_reliability(*planted(rng, 200), families, n_boot=10)
    sure = pair_reliability(*planted(rng, 200, power=3), families, n_boot=10)
    assert calibration_error(honest) < 0.01
    assert calibration_error(sure) == pytest.approx(0.25, abs=0.03)  # the mean of p - p³


def test_pairs_of_no_probability_do_not_hide_the_error() -> None:
    rng = np.random.default_rng(2)
    values, truths = planted(rng, 50, power=3)
    hidden = [np.concatenate([p, np.zeros(20_000)]) for p in values]
    told = [np.concatenate([t, np.zeros(20_000, dtype=bool)]) for t in truths]
    families = [str(k) for k in range(50)]
    alone = calibration_error(pair_reliability(values, truths, families, n_boot=10))
    assert calibration_error(pair_reliability(hidden, told, families, n_boot=10)) == pytest.approx(
        alone, abs=0.01
    )


def test_intervals_resample_families() -> None:
    rng = np.random.default_rng(3)
    values = [np.full(50, 0.4) for _ in range(40)]
    truths = [np.full(50, k % 2 == 0) for k in range(40)]  # whole RNAs are right or wrong
    apart = pair_reliability(values, truths, [str(k) for k in range(40)], seed=0).iloc[0]
    assert apart.n_families == 40
    assert apart.observed_high - apart.observed_low > 0.2  # 2,000 free pairs would have 0.04
    together = pair_reliability(values, truths, ["one"] * 40, seed=0).iloc[0]
    assert np.isnan([together.observed_low, together.observed_high]).all()
    del rng


def test_maps_are_read_above_the_diagonal_and_beyond_hairpin_loops() -> None:
    known = Structure.from_dot_bracket("GGGAAAACCC", "(((....)))")
    values = np.arange(100.0).reshape(10, 10) / 1000
    vector, truth = pair_vectors(values, known)
    expected = [(i, j) for i in range(10) for j in range(i + 4, 10)]
    np.testing.assert_allclose(vector, [values[pair] for pair in expected])
    assert [pair for pair, true in zip(expected, truth, strict=True) if true] == [
        (0, 9), (1, 8), (2, 7),
    ]  # fmt: skip
    table = reliability([np.zeros((10, 10))], [known], n_boot=10)
    assert table["n"].tolist() == [len(expected)]
    assert np.isnan(calibration_error(table))


def test_inputs_that_do_not_fit_are_refused() -> None:
    known = Structure.from_dot_bracket("GGGAAAACCC", "(((....)))")
    with pytest.raises(InputError, match="2 maps, but 1 structures"):
        reliability([np.zeros((10, 10))] * 2, [known])
    with pytest.raises(InputError, match=r"shape \(9, 9\), but its structure 10"):
        reliability([np.zeros((9, 9))], [known])
    with pytest.raises(InputError, match="bins must go up from 0 to 1"):
        reliability([np.zeros((10, 10))], [known], bins=[0, 0.5, 0.4, 1])
