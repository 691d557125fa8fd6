"""Faults of a comparison, planted: each must be found out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rnaexplore.errors import RnaExploreWarning
from rnaexplore.finetuning import FinetuneResult
from rnaexplore.finetuning.examples import examples_of
from rnaexplore.finetuning.parts import parts_of
from rnaexplore.tl.embedding.identity import identity_groups
from tests.finetuning.conftest import planted


def with_late_class(n=80):
    """Return RNAs of which one class, long runs of A, is in the validation and test parts alone."""
    rnas = planted(n)
    obs = rnas.obs.copy()
    for column in ("sequence", "kind"):
        obs[column] = obs[column].astype(object)
    part = np.array(["train"] * (n // 2) + ["valid"] * (n // 4) + ["test"] * (n // 4), dtype=object)
    late = np.flatnonzero(part != "train")[::2]
    obs.iloc[late, obs.columns.get_loc("sequence")] = ["A" * (15 + k % 9) for k in late]
    obs.iloc[late, obs.columns.get_loc("kind")] = "late"
    rnas.obs = obs.assign(mine=part)
    return rnas


@pytest.mark.parametrize("refit", [True, False])
def test_both_sides_learn_from_the_same_rnas(tuned, tmp_path, refit):
    """A class of validation RNAs is known to the tuned model and to the probe, or to neither."""
    rnas = with_late_class()
    with pytest.warns(RnaExploreWarning, match=r"1 of 3 classes .*\(late\)"):
        result = tuned(rnas, "kind", tmp_path / "run", split="mine", refit=refit, epochs=1)
    n = {"train": 40, "valid": 20}
    assert set(result.metrics["n_train"]) == {n["train"] + n["valid"] * refit}
    test = result.predictions.query("part == 'test'")
    found = test.query("true == 'late'")["predicted"] == "late"
    assert found.mean() > 0.9 if refit else not found.any()
    probe = result.metrics.loc["tiny-mini, probe", "accuracy"]
    assert probe > 0.8 if refit else probe < 0.6


def test_training_that_harms_is_undone_and_the_probe_is_kept(rnas, tuned, tmp_path):
    """Epoch 0 is a candidate: with absurd rates the model ends as the probe, prediction by one."""
    harm = {"learning_rate": 3.0, "head_rate": 3.0, "warmup": 0.0}
    result = tuned(rnas, "kind", tmp_path / "run", epochs=3, patience=3, **harm)
    assert list(result.history.index) == [0, 1, 2, 3]
    assert result.history["valid_loss"].idxmin() == 0
    assert result.kept_epoch == 0
    ours, probe = result.metrics.iloc[0], result.metrics.loc["tiny-mini, probe"]
    for score in ("accuracy", "macro_f1", "macro_f1_low", "macro_f1_high", "validation"):
        assert ours[score] == pytest.approx(probe[score]), score
    assert (probe[["difference", "difference_low", "difference_high"]] == 0).all()
    assert "not clearly different from the frozen model" in result.verdict()
    assert "the model as it began was kept" in result.verdict()


def test_the_best_baseline_does_not_depend_on_the_test_rnas(tuned, tmp_path):
    """With other labels on the test RNAs, scores on validation RNAs and the pick are the same."""
    rnas = planted(60)
    rnas.obs["mine"] = ["train"] * 30 + ["valid"] * 14 + ["test"] * 16
    turned = rnas.copy()
    kinds = turned.obs["kind"].astype(object)
    kinds.iloc[44:] = np.random.default_rng(1).permutation(kinds.iloc[44:])
    turned.obs["kind"] = kinds
    options = {"split": "mine", "epochs": 1, "method": "frozen"}
    first = tuned(rnas, "kind", tmp_path / "a", **options)
    second = tuned(turned, "kind", tmp_path / "b", **options)
    pd.testing.assert_series_equal(first.metrics["validation"], second.metrics["validation"])
    assert first.best("baseline") == second.best("baseline")
    assert not first.metrics["accuracy"].equals(second.metrics["accuracy"])


@pytest.fixture
def made_up(rnas, tuned, tmp_path) -> FinetuneResult:
    """A result whose numbers are written by hand."""
    names = ["m, fine-tuned (lora)", "3-mers", "6-mers", "m, probe"]
    table = pd.DataFrame(
        {
            "kind": ["fine-tuned", "baseline", "baseline", "probe"],
            "n_train": 100,
            "macro_f1": [0.80, 0.72, 0.79, 0.78],
            "macro_f1_low": [0.70, 0.62, 0.69, 0.68],
            "macro_f1_high": [0.90, 0.82, 0.89, 0.88],
            "validation": [0.8, 0.75, 0.60, 0.8],
            "difference": [np.nan, 0.08, 0.01, 0.02],
            "difference_low": [np.nan, 0.03, -0.02, -0.01],
            "difference_high": [np.nan, 0.13, 0.04, 0.05],
        },
        index=pd.Index(names, name="method"),
    )
    history = pd.DataFrame({"valid_loss": [1.0, 0.5], "best": [False, True]}, index=[0, 1])
    return FinetuneResult(
        folder=tmp_path, metrics=table, history=history, predictions=pd.DataFrame(),
        task="sequence", target="kind", split="group", groups="alone", test_groups=40,
    )  # fmt: skip


def test_the_verdict_is_that_of_the_paired_difference_and_the_validation_pick(made_up):
    """Intervals overlap and the test set has a better baseline: neither decides."""
    verdict = made_up.verdict()
    assert "is better than the best baseline (3-mers, 0.72; difference +0.08 [+0.03, +0.13])" in (
        verdict
    )
    assert "not clearly different from the frozen model (m, probe" in verdict
    assert "not clearly better than 6-mers either" in verdict
    assert made_up.best("baseline") == "3-mers"
    assert made_up.best("null") is None
    worse = made_up.metrics.assign(difference_low=-0.2, difference_high=-0.1, difference=-0.15)
    assert "worse than the best baseline" in replace(made_up, metrics=worse).verdict()
    assert "no claim" in replace(made_up, test_groups=4).verdict()
    assert made_up.summary().loc["3-mers", "difference"] == "+0.08 [+0.03, +0.13]"
    assert made_up.summary()["difference"].iloc[0] == ""


def test_relatives_between_60_and_80_percent_stay_together(tiny):
    """At 80 % identity these families would be torn apart between training and test."""
    rng = np.random.default_rng(0)
    sequences, families = [], []
    for family in range(15):
        parent = rng.choice(list("ACGU"), 100)
        for _ in range(4):
            child = parent.copy()
            places = rng.choice(100, 20, replace=False)
            child[places] = rng.choice(list("ACGU"), 20)
            sequences.append("".join(child))
            families.append(family)
    assert len(set(identity_groups(sequences, 0.8).tolist())) > 30
    rnas = planted(60)
    rnas.obs["sequence"] = sequences
    known = examples_of(rnas, "kind", task="sequence", partner=None, alphabet=tiny.spec.alphabet)
    parts = parts_of(rnas, known, "kind", split="group", groups=None, seed=0)
    assert parts.described == "identity 0.6"
    of = np.array(families)
    named = [set(of[rows]) for rows in (parts.train, parts.valid, parts.test)]
    assert sum(map(len, named)) == len(set.union(*named)) == 15
