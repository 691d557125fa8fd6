"""Linear probes: equal to scikit-learn, and tuned on groups of the training RNAs alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from rnaexplore.tl.evaluation.linear import STRENGTHS, Features, fit_linear, inner_folds


def data(n=60, width=12, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, width)).astype(np.float32) * rng.uniform(0.1, 5, width)
    y = (x[:, 0] / x[:, 0].std() + 0.3 * rng.normal(size=n) > 0).astype(int)
    return x.astype(np.float32), y


@pytest.mark.parametrize("width", [12, 200])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_classes_are_those_of_scikit_learn_at_the_chosen_strength(width, n_classes) -> None:
    x, y = data(width=width)
    y = np.arange(60) % n_classes if n_classes == 3 else y
    probe = fit_linear(Features(x), y, np.arange(60), is_class=True, seed=0)
    scaled = (x - x.mean(0)) / x.std(0)
    plain = LogisticRegression(C=probe.strength, max_iter=5000, tol=1e-8).fit(scaled, y)
    logits = x @ probe.weight.T + probe.bias
    chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    np.testing.assert_allclose(chances, plain.predict_proba(scaled), atol=5e-3)
    np.testing.assert_array_equal(probe.predict(x), plain.predict(scaled))


@pytest.mark.parametrize("width", [12, 200])
def test_numbers_are_those_of_scikit_learn(width) -> None:
    x, _ = data(width=width)
    y = x[:, 0] * 3 + 100 + np.random.default_rng(1).normal(size=60)
    probe = fit_linear(Features(x), y, np.arange(60), is_class=False, seed=0)
    scaled = (x - x.mean(0)) / x.std(0)
    plain = Ridge(alpha=1 / probe.strength).fit(scaled, y)
    np.testing.assert_allclose(probe.predict(x), plain.predict(scaled), atol=1e-3)


def test_columns_of_one_scale_keep_their_proportions() -> None:
    x, _ = data()
    mean, scale = Features.whole(x).moments()
    assert np.ptp(scale) == 0
    assert ((x - mean) / scale).var() == pytest.approx(1, rel=1e-5)
    both = Features(x).beside(Features.whole(100 * x[:, :3]))
    mean, scale = both.moments()
    parts = (((both.values - mean) / scale) ** 2).sum(1).mean(), 2 * x.shape[1]
    assert parts[0] == pytest.approx(parts[1], rel=1e-4)


def test_strengths_are_chosen_on_groups_that_were_held_out() -> None:
    """Labels of groups that nothing tells: single RNAs held out would call for a weak penalty."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(20), 10)
    x = (rng.normal(size=(20, 50))[group] + 0.01 * rng.normal(size=(200, 50))).astype(np.float32)
    y = rng.permutation(np.arange(20) % 2)[group]
    honest = fit_linear(Features(x), y, group, is_class=True, seed=0)
    careless = fit_linear(Features(x), y, np.arange(200), is_class=True, seed=0)
    assert careless.strength == max(STRENGTHS)
    assert honest.strength < careless.strength
    assert np.mean(careless.held_out == y) > 0.95
    assert np.mean(honest.held_out == y) < 0.75


def test_held_out_predictions_are_of_models_that_did_not_see_the_group() -> None:
    x, y = data()
    group = np.arange(60) // 3
    probe = fit_linear(Features(x), y, group, is_class=True, seed=4)
    scaled = (x - x.mean(0)) / x.std(0)
    for train, test in inner_folds(y, group, is_class=True, seed=4):
        assert not set(group[train]) & set(group[test])
        plain = LogisticRegression(C=probe.strength, max_iter=5000).fit(scaled[train], y[train])
        same = plain.predict(scaled[test]) == probe.held_out[test]
        assert same.mean() > 0.94  # on the border the rough fits of the path may differ


def test_one_group_leaves_nothing_to_choose_on() -> None:
    x, y = data()
    probe = fit_linear(Features(x), y, np.zeros(60, dtype=int), is_class=True, seed=0)
    assert probe.strength == 0.1
    assert not len(probe.held_out)


def test_class_weights_count() -> None:
    x, _ = data(seed=3)
    y = (np.arange(60) < 8).astype(int)
    heavy = fit_linear(
        Features(x), y, np.arange(60), is_class=True, seed=0, class_weight={0: 0.1, 1: 5.0, 2: 1.0}
    )
    plain = fit_linear(Features(x), y, np.arange(60), is_class=True, seed=0)
    assert heavy.predict(x).sum() > plain.predict(x).sum()
