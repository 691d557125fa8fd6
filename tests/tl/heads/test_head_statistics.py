"""Statistics of heads: errors are controlled, planted heads are found, repetition adds nothing."""

from __future__ import annotations

from dataclasses import astuple, fields

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from rnaexplore.tl.heads.head_statistics import HeadStatistics, NullHeads, head_statistics

HEADS, MODELS = 24, 20


def null_world(seed, *, families=12, members=4, loud=1.0, heavy=False):
    """Return AUPRC of heads that learned nothing, of their nulls, and the families.

    Untrained heads differ in what they gain from a sequence (letters that pair), those of one model
    are alike, and RNAs of one family are. `loud` heads are as right as others, but vary more.
    """
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(families), members)

    def heads(models, scale=1.0):
        shape = (models, HEADS)
        own = rng.standard_t(3, shape) if heavy else rng.normal(size=shape)
        gain = 0.01 * own + 0.01 * rng.normal(size=(models, 1))
        of_family = 0.01 * scale * rng.normal(size=(models, families, HEADS))
        of_rna = 0.01 * scale * rng.normal(size=(models, len(groups), HEADS))
        shuffled = 0.02 * rng.random((models, len(groups), HEADS))
        return shuffled + gain[:, None] + of_family[:, groups] + of_rna, shuffled

    known, shuffled = heads(1, loud)
    return known[0], NullHeads(shuffled, *heads(MODELS)), groups


def planted(auprc, groups, where, seed, effect=0.15):
    """Add an effect that varies from family to family."""
    rng = np.random.default_rng(seed)
    changed = auprc.copy()
    by_family = effect + effect / 4 * rng.normal(size=(groups.max() + 1, len(where)))
    changed[:, where] += by_family[groups]
    return changed


@pytest.mark.parametrize("options", [{}, {"heavy": True}, {"loud": 5.0}, {"families": 50}])
def test_heads_that_learned_nothing_are_rarely_called(options) -> None:
    called, naive = [], []
    for seed in range(150):
        auprc, nulls, groups = null_world(seed, **options)
        found = head_statistics(auprc, nulls, groups, seed=seed)
        called.append((found.fdr <= 0.05).any())
        p = ttest_1samp(auprc - nulls.shuffled[0], 0, alternative="greater").pvalue
        naive.append((p * HEADS <= 0.05).any())
    assert np.mean(called) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 150)
    assert np.mean(naive) > 0.5, "a test over RNAs calls them: this world is not too easy"


@pytest.mark.parametrize(("where", "families"), [([7], 12), ([0, 1, 8, 9, 16, 17], 7)])
def test_planted_heads_are_found_and_hardly_any_others(where, families) -> None:
    power, false = [], []
    for seed in range(100):
        auprc, nulls, groups = null_world(seed, families=families)
        found = head_statistics(
            planted(auprc, groups, where, seed, effect=0.3), nulls, groups, seed=seed
        )
        called = set(np.flatnonzero(found.fdr <= 0.05).tolist())
        power.append(len(called & set(where)) / len(where))
        false.append(len(called - set(where)) / max(1, len(called)))
    assert np.mean(power) > 0.95
    assert np.mean(false) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 100)


@pytest.mark.parametrize("times", [4, 12])
def test_the_same_rnas_again_change_nothing(times) -> None:
    auprc, nulls, groups = null_world(3)
    auprc = planted(auprc, groups, [5], 3)
    once = head_statistics(auprc, nulls, groups, seed=0)
    repeated = NullHeads(
        *(np.tile(a, (1, times, 1)) for a in (nulls.shuffled, nulls.random, nulls.random_shuffled))
    )
    again = head_statistics(np.tile(auprc, (times, 1)), repeated, np.tile(groups, times), seed=0)
    for field in fields(HeadStatistics):
        first, second = (getattr(found, field.name) for found in (once, again))
        np.testing.assert_allclose(second, first, rtol=1e-9, atol=1e-12, err_msg=field.name)
    assert repeated.best == pytest.approx(nulls.best)


def test_more_members_of_the_same_families_do_not_make_a_finding_surer() -> None:
    """Widths shrink with families, not with RNAs."""
    width = {}
    for families, members in ((10, 2), (10, 40), (160, 2)):
        auprc, nulls, groups = null_world(1, families=families, members=members, loud=5.0)
        found = head_statistics(auprc, nulls, groups, seed=0)
        width[families, members] = float((found.high - found.low).mean())
    assert width[10, 40] > 0.6 * width[10, 2]
    assert width[160, 2] < 0.4 * width[10, 2]


def test_intervals_cover_the_effect_where_those_over_rnas_do_not() -> None:
    covered, naive = [], []
    nulls = NullHeads(*(np.zeros((1, 120, 20)) for _ in range(3)))
    for seed in range(60):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(24), 5)
        auprc = 0.3 + 0.1 * rng.normal(size=(24, 20))[groups] + 0.02 * rng.normal(size=(120, 20))
        by_family = head_statistics(auprc, nulls, groups, seed=seed)
        by_rna = head_statistics(auprc, nulls, np.arange(120), seed=seed)
        covered.append((by_family.low <= 0.3) & (by_family.high >= 0.3))
        naive.append((by_rna.low <= 0.3) & (by_rna.high >= 0.3))
    assert 0.9 <= np.mean(covered) <= 0.98
    assert np.mean(naive) < 0.75


def test_p_shuffled_is_a_t_test_over_groups() -> None:
    """Of equal groups it is that of their means; groups of one RNA are RNAs."""
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(6), 3)
    difference = rng.normal(0.3, 1, size=(18, 8))
    nulls = NullHeads(np.zeros((1, 18, 8)), np.zeros((1, 18, 8)), np.zeros((1, 18, 8)))
    means = difference.reshape(6, 3, 8).mean(1)
    expected = ttest_1samp(means, 0, alternative="greater").pvalue
    found = head_statistics(difference, nulls, groups, seed=0)
    np.testing.assert_allclose(found.p_shuffled, expected)
    np.testing.assert_allclose(found.effect, difference.mean(0))
    each = head_statistics(difference, nulls, np.arange(18), seed=0)
    expected = ttest_1samp(difference, 0, alternative="greater").pvalue
    np.testing.assert_allclose(each.p_shuffled, expected)


def test_one_large_family_does_not_speak_for_all() -> None:
    """Thirty RNAs of one family that agree are one observation."""
    rng = np.random.default_rng(0)
    groups = np.array([0] * 30 + [1, 2, 3])
    difference = np.full((33, 1), 0.5) + 0.01 * rng.normal(size=(33, 1))
    difference[30:] = [[0.0], [-0.1], [0.1]]
    nulls = NullHeads(np.zeros((1, 33, 1)), np.zeros((1, 33, 1)), np.zeros((1, 33, 1)))
    assert head_statistics(difference, nulls, groups, seed=0).p_shuffled[0] > 0.1
    assert head_statistics(difference, nulls, np.arange(33), seed=0).p_shuffled[0] < 1e-6


def test_ranks_corrections_and_the_larger_p_by_hand() -> None:
    random = np.array([[[0.1, 0.2]], [[0.3, 0.4]]]).repeat(6, axis=1)
    nulls = NullHeads(np.zeros((1, 6, 3)), random, np.zeros((2, 6, 2)))
    auprc = np.tile([0.5, 0.3, 0.05], (6, 1))
    found = head_statistics(auprc, nulls, np.arange(6), seed=0)
    np.testing.assert_allclose(found.p_random, [1 / 5, 3 / 5, 1])  # a tie is no better
    np.testing.assert_allclose(found.p_shuffled, 0, atol=1e-12)  # all RNAs agree
    np.testing.assert_array_equal(found.p, np.maximum(found.p_random, found.p_shuffled))
    np.testing.assert_allclose(found.fdr, [3 / 5, 9 / 10, 1])


def test_a_head_as_good_on_shuffles_does_not_pass() -> None:
    """It beats every untrained head, and knows nothing of the sequence."""
    auprc, nulls, groups = null_world(2)
    rng = np.random.default_rng(0)
    shuffled, known = nulls.shuffled.copy(), auprc.copy()
    shuffled[0, :, 4] = 0.5 + 0.1 * rng.normal(size=len(groups))
    known[:, 4] = 0.52 + 0.1 * rng.normal(size=len(groups))
    nulls = NullHeads(shuffled, 0 * nulls.random, 0 * nulls.random)
    found = head_statistics(known, nulls, groups, seed=0)
    assert found.effect[4] > nulls.gains.max()
    assert found.p[4] > 0.01
    assert nulls.best == pytest.approx(shuffled[0, :, 4].mean())


def test_the_best_null_head_is_of_either_kind() -> None:
    low, high = np.full((2, 5, 3), 0.1), np.full((2, 5, 3), 0.1)
    high[1, :, 2] = 0.4
    assert NullHeads(low, high, low).best == pytest.approx(0.4)
    assert NullHeads(high, low, low).best == pytest.approx(0.4)
    assert NullHeads(low, low, high).best == pytest.approx(0.1)  # no head of this model, no bar


def test_one_group_has_no_interval_and_no_finding() -> None:
    auprc, nulls, groups = null_world(0)
    found = head_statistics(auprc + 0.5, nulls, 0 * groups, seed=0)
    assert np.isnan([found.low, found.high]).all()
    assert (found.p == 1).all()
    assert all(np.isfinite(value).all() for value in astuple(found)[3:])
