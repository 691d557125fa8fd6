"""Paired differences: the same draws of groups for both methods."""

from __future__ import annotations

import numpy as np
import pytest

from rnaexplore.tl.evaluation.paired import Difference, difference
from rnaexplore.tl.evaluation.probe_scores import (
    class_scores,
    main_value,
    mean_scores,
    number_scores,
)


def two_methods(n_groups=60, members=5, seed=0):
    """Return groups that are hard for both methods or for neither, one method slightly ahead."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(n_groups), members)
    easy = (rng.random(n_groups) < 0.6)[group]
    true = np.zeros(len(group), dtype=int)
    first = np.where(easy, 0, 1)
    first[::9] = 0
    second = np.where(easy, 0, 1)
    return group, true, first, second


def scored(guess, true, group):
    return class_scores(true, guess, group, n_classes=2, n_boot=500, seed=3)


def test_a_difference_is_found_although_the_intervals_overlap() -> None:
    group, true, first, second = two_methods()
    one, two = (scored(guess, true, group) for guess in (first, second))
    a, b = one.row(), two.row()
    assert a["accuracy_low"] < b["accuracy_high"]  # two intervals tell nothing
    found = difference(("a", one), ("b", two), "accuracy")
    assert found.low > 0
    assert found.verdict == "better than"
    assert "a is better than b, difference +0.0" in str(found)
    back = difference(("b", two), ("a", one), "accuracy")
    assert back.verdict == "worse than"
    assert (back.low, back.high) == pytest.approx((-found.high, -found.low))


def test_the_interval_is_that_of_brute_force() -> None:
    group, true, first, second = two_methods(20, 3)
    one, two = (scored(guess, true, group) for guess in (first, second))
    rng = np.random.default_rng(3)
    times = rng.multinomial(20, np.full(20, 1 / 20), size=500)
    drawn = []
    for counts in times:
        rows = np.concatenate(
            [np.tile(np.flatnonzero(group == g), n) for g, n in enumerate(counts) if n]
        )
        drawn.append((first[rows] == 0).mean() - (second[rows] == 0).mean())
    found = difference(("a", one), ("b", two), "accuracy")
    np.testing.assert_allclose([found.low, found.high], np.percentile(drawn, [2.5, 97.5]))


def test_a_method_does_not_differ_from_itself() -> None:
    group, true, first, _ = two_methods()
    found = difference(*[("a", scored(first, true, group))] * 2, "macro_f1")
    assert (found.value, found.low, found.high) == (0, 0, 0)
    assert found.verdict == "not clearly different from"


def test_errors_are_better_when_they_are_smaller() -> None:
    assert Difference("mean_absolute_error", "a", "b", -0.5, -0.7, -0.2).verdict == "better than"
    assert Difference("r2", "a", "b", -0.5, -0.7, -0.2).verdict == "worse than"


def test_numbers_and_means_are_drawn_alike() -> None:
    rng = np.random.default_rng(0)
    true, group = rng.normal(size=40), np.arange(40) // 2
    close = number_scores(true, true + 0.1, group, n_boot=50, seed=0)
    far = number_scores(true, true + rng.normal(size=40), group, n_boot=50, seed=0)
    assert difference(("close", close), ("far", far), "r2").low > 0
    table = rng.random((40, 2))
    means = mean_scores(table, ("f1", "recall"), group, n_boot=200, seed=0)
    assert means.values["f1"] == pytest.approx(table[:, 0].mean())
    better = mean_scores(table + 0.01, ("f1", "recall"), group, n_boot=200, seed=0)
    found = difference(("b", better), ("a", means), "f1")
    np.testing.assert_allclose([found.low, found.high], 0.01)


def test_one_value_is_that_of_the_whole_row() -> None:
    group, true, first, _ = two_methods()
    true[: len(true) // 2] = 1
    found = scored(first, true, group)
    assert main_value(true, first, 2) == pytest.approx(found.values["macro_f1"])
