"""Folds and intervals by family."""

from __future__ import annotations

import numpy as np
import pytest

from rnaexplore.errors import InputError
from rnaexplore.structure.resampling import family_folds, interval, resampled_means


def test_no_family_is_in_two_folds_and_folds_are_of_like_size() -> None:
    rng = np.random.default_rng(0)
    families = [f"F{k}" for k in rng.integers(0, 30, 300)]
    folds = family_folds(families, 5, seed=1)
    for name in set(families):
        assert len({f for f, own in zip(folds.tolist(), families, strict=True) if own == name}) == 1
    assert np.ptp(np.bincount(folds)) < 30
    assert (folds == family_folds(families, 5, seed=1)).all()
    assert (folds != family_folds(families, 5, seed=2)).any()


@pytest.mark.parametrize(
    ("families", "n_folds", "told"),
    [
        (["a", "b"], 3, "2 to 2"),
        (["a", "b"], 1, "got 1"),
        (["a", "", ""], 2, "2 RNAs have no family"),
    ],
)
def test_folds_that_cannot_be_made_are_refused(families, n_folds, told) -> None:
    with pytest.raises(InputError, match=told):
        family_folds(families, n_folds, seed=0)


def test_means_of_resampled_families_are_those_of_drawing_them_one_by_one() -> None:
    values = np.array([[0.0], [1.0], [4.0], [10.0]])
    families = ["a", "a", "b", "c"]
    exact = []
    for drawn in np.ndindex(3, 3, 3):
        rows = [k for f in drawn for k, own in enumerate(families) if own == "abc"[f]]
        exact.append(values[rows].mean())
    found = resampled_means(values, families, n_boot=40_000, seed=0)[:, 0]
    assert found.mean() == pytest.approx(np.mean(exact), abs=0.03)
    assert found.std() == pytest.approx(np.std(exact), abs=0.03)
    each = resampled_means(values, families, n_boot=40_000, seed=0, per_family=True)[:, 0]
    assert each.mean() == pytest.approx(np.mean([0.5, 4, 10]), abs=0.03)


def test_copies_of_rnas_do_not_narrow_the_interval() -> None:
    rng = np.random.default_rng(0)
    values = rng.random((20, 1))
    families = [str(k) for k in range(20)]
    low, high = interval(resampled_means(values, families, n_boot=4000, seed=0))
    copied = np.repeat(values, 50, axis=0)
    again = interval(resampled_means(copied, np.repeat(families, 50).tolist(), n_boot=4000, seed=0))
    np.testing.assert_allclose(again, (low, high))
    as_if_free = interval(
        resampled_means(copied, [str(k) for k in range(1000)], n_boot=500, seed=0)
    )
    assert np.ptp(as_if_free) < 0.3 * np.ptp([low, high])
