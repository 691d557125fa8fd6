"""Metrics of fitness: SciPy's and scikit-learn's, signed, and the same by counts of draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.tl.mutational_scans.metrics import METRICS, intervals, metrics_of, resampled_metrics


def assay(n=200, *, noise=0.0, seed=0):
    """Return a result whose measurements follow the score."""
    rng = np.random.default_rng(seed)
    score = rng.normal(size=n)
    counts = rng.integers(1, 8, n)
    table = pd.DataFrame(
        {
            "kind": "substitution",
            "n_mutations": pd.array(counts, dtype="Int64"),
            "score": score,
            "delta_mfe": -score,
            "edit_distance": pd.array(counts, dtype="Int64"),
            "DMS_score": score + noise * rng.normal(size=n),
        }
    )
    table.attrs = {"model": "toy", "caution": "weak"}
    return table


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_counts_give_what_repeated_variants_give(data) -> None:
    """Draws as counts are the metrics of SciPy and scikit-learn on variants that are repeated."""
    n = data.draw(st.integers(6, 40))
    values = st.lists(st.integers(-4, 4), min_size=n, max_size=n).map(np.array)
    measured, score = (data.draw(values).astype(float) for _ in range(2))
    counts = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)))
    rows = np.repeat(np.arange(n), counts)
    again, other = measured[rows], score[rows]
    found = {k: v[0] for k, v in resampled_metrics_of(measured, score, counts).items()}
    if len(rows) > 1 and np.ptp(again) > 0 and np.ptp(other) > 0:
        from scipy.stats import spearmanr

        assert found["spearman"] == pytest.approx(spearmanr(again, other).statistic, abs=1e-9)
    high, chosen = (again > np.median(measured)), (other > np.median(score))
    if high.any() and not high.all():
        from sklearn.metrics import matthews_corrcoef, roc_auc_score

        assert found["auc"] == pytest.approx(roc_auc_score(high, other), abs=1e-9)
        assert found["mcc"] == pytest.approx(matthews_corrcoef(high, chosen), abs=1e-9)
    if np.ptp(measured) > 0 and len(rows) > 1 and again.max() > measured.min():
        from sklearn.metrics import ndcg_score

        gains = (again - measured.min()) / np.ptp(measured)
        expected = ndcg_score(gains[None], other[None], k=max(1, n // 10))
        assert found["ndcg"] == pytest.approx(expected, abs=1e-9)


def resampled_metrics_of(measured, score, counts):
    if np.ptp(measured) == 0 or counts.sum() == 0:
        return {metric: np.array([np.nan]) for metric in METRICS}
    return resampled_metrics(measured, score, counts[None].astype(float))


def test_values_of_all_variants_are_those_of_one_draw_each() -> None:
    table = assay(noise=1.0)
    measured, score = table["DMS_score"].to_numpy(), table["score"].to_numpy()
    once = resampled_metrics(measured, score, np.ones((1, 200)))
    for metric, value in metrics_of(measured, score).items():
        assert once[metric][0] == pytest.approx(value, abs=1e-9)


def test_metrics_keep_their_sign() -> None:
    rng = np.random.default_rng(0)
    measured = rng.normal(size=300)
    right, wrong = metrics_of(measured, measured), metrics_of(measured, -measured)
    assert right == pytest.approx({"spearman": 1, "auc": 1, "mcc": 1, "ndcg": 1})
    assert (wrong["spearman"], wrong["auc"], wrong["mcc"]) == pytest.approx((-1, 0, -1))
    assert wrong["ndcg"] < 0.3
    none = metrics_of(measured, rng.normal(size=300))
    assert abs(none["spearman"]) < 0.15
    assert abs(none["auc"] - 0.5) < 0.1


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    """Pearson 0.6 of normal variables is Spearman 0.582 (6 / pi arcsin(r / 2))."""
    truth = 6 / np.pi * np.arcsin(0.3)
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(60):
        a, b = rng.normal(size=(2, 80))
        low, high = intervals(a, 0.6 * a + 0.8 * b, n_boot=200, rng=rng)["spearman"]
        inside += low < truth < high
    assert 51 <= inside <= 60


def test_scores_are_compared_by_number_of_mutations() -> None:
    table = assay()
    singles = table["n_mutations"] == 1
    table.loc[singles, "DMS_score"] *= -1  # a score that is wrong for single mutations
    frame = rx.tl.evaluate_fitness(table, n_boot=50)
    assert frame["score"].unique().tolist() == ["score", "-delta_mfe", "-edit_distance"]
    assert frame["mutations"].unique().tolist() == ["all", "1", "2", "3", "4", "5+"]
    by = frame.set_index(["score", "mutations"])["spearman"]
    assert by["score", "1"] == pytest.approx(-1)
    assert by["score", "5+"] == pytest.approx(1)
    assert 0 < by["score", "all"] < 1
    assert by["-delta_mfe", "2"] == pytest.approx(1)
    n = frame.set_index(["score", "mutations"])["n"]
    assert n["score", "all"] == 200 == n["score"].drop("all").sum()
    assert n["score", "1"] == singles.sum()
    assert frame.attrs["caution"] == "weak"


def test_wild_type_invalid_and_unmeasured_rows_are_left_out() -> None:
    table = assay(30)
    table.loc[0, "kind"] = "wild type"
    table.loc[1, ["kind", "score"]] = ["invalid", np.nan]
    table.loc[2, "DMS_score"] = np.nan
    table.loc[3, "kind"] = "indel"
    frame = rx.tl.evaluate_fitness(table, scores=["score"], n_boot=10)
    n = frame.set_index("mutations")["n"]
    assert n["all"] == 27
    assert n["indel"] == 1
    few = frame.set_index("mutations").loc["indel", ["spearman", "auc_low", "mcc_high"]]
    assert few.isna().all()


def test_draws_are_repeated_by_their_seed() -> None:
    one, same, other = (
        rx.tl.evaluate_fitness(assay(noise=1), n_boot=20, random_state=seed) for seed in (0, 0, 1)
    )
    pd.testing.assert_frame_equal(one, same)
    assert not np.allclose(one["auc_low"], other["auc_low"])


def test_scores_of_others_and_missing_columns() -> None:
    table = assay().assign(evmutation=lambda t: t["score"] ** 3)
    frame = rx.tl.evaluate_fitness(table, scores=["evmutation"], n_boot=10)
    assert frame["spearman"].iloc[0] == pytest.approx(1)
    with pytest.raises(MissingKeyError, match=r"no column 'evmutatoin'.*Did you mean 'evmutation'"):
        rx.tl.evaluate_fitness(table, scores=["evmutatoin"])
    with pytest.raises(MissingKeyError, match="no column 'measured'"):
        rx.tl.evaluate_fitness(table, measured="measured")
    with pytest.raises(InputError, match="no variant has a finite 'DMS_score'"):
        rx.tl.evaluate_fitness(table.assign(DMS_score=np.nan))


def test_constant_scores_have_no_correlation() -> None:
    found = metrics_of(np.arange(20.0), np.zeros(20))
    assert np.isnan(found["spearman"])
    assert found["auc"] == 0.5
