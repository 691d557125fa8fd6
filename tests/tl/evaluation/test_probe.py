"""Probes: leaks that are planted, baselines, intervals, and bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, r2_score

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError, RnaExploreWarning, UnknownNameError
from rnaexplore.tl.evaluation.baseline_features import BASELINES
from rnaexplore.tl.evaluation.probe_scores import class_scores, number_scores

N_GROUPS, MEMBERS = 40, 8
KMERS = [f"{k}-mers{how}" for how in ("", " sqrt") for k in (3, 4, 5, 6)]
OTHERS = ["length", "one-hot", "nearest relative"]


@pytest.fixture(autouse=True)
def few_kmers(monkeypatch):
    """Leave out most k-mers, which takes most of the time; one test has all."""
    monkeypatch.setattr("rnaexplore.tl.evaluation.probe.BASELINES", ("4-mers", "length"))


@pytest.fixture(scope="module")
def leaky():
    """Groups of relatives; the label belongs to the group and to nothing that could be learned."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(N_GROUPS), MEMBERS)
    label = rng.permutation(np.arange(N_GROUPS) % 2)[group]
    parents = [rng.choice(list("ACGU"), 40) for _ in range(N_GROUPS)]
    sequences = []
    for k in group:
        child = parents[k].copy()
        child[rng.integers(40)] = rng.choice(list("ACGU"))
        sequences.append("".join(child))
    vectors = rng.normal(size=(N_GROUPS, 64))[group] + 0.1 * rng.normal(size=(len(group), 64))
    knows = rng.normal(size=(N_GROUPS, 6))[group] + 0.1 * rng.normal(size=(len(group), 6))
    obs = pd.DataFrame(
        {
            "sequence": sequences,
            "clan": [f"g{k}" for k in group],
            "label": np.where(label, "yes", "no"),
            "score": rng.normal(size=N_GROUPS)[group],
            "true": knows[:, 0] > 0,
            "signal": knows[:, 0] + 0.1 * rng.normal(size=len(group)),
        },
        index=[f"r{i}" for i in range(len(group))],
    )
    obsm = {"X_toy": vectors, "X_knows": knows}
    return AnnData(obs=obs, obsm={key: values.astype(np.float32) for key, values in obsm.items()})


@pytest.mark.parametrize("kind", ["linear", "knn", "mlp"])
def test_a_leak_between_relatives_inflates_random_splits_alone(leaky, kind) -> None:
    options = {"use_rep": "X_toy", "kind": kind, "n_boot": 200, "n_splits": 3}
    random = rx.tl.probe(leaky, "label", split="random", groups="clan", **options)
    group = rx.tl.probe(leaky, "label", groups="clan", **options)
    by_identity = rx.tl.probe(leaky, "label", **options)
    assert random.scores.loc["X_toy", "accuracy"] > 0.9
    assert group.scores.loc["X_toy", "accuracy"] < 0.75
    low, high = group.scores.loc["X_toy", ["accuracy_low", "accuracy_high"]]
    assert low < 0.5 < high
    assert by_identity.scores.loc["X_toy", "accuracy"] < 0.75
    assert by_identity.groups == "identity 0.6"
    assert random.scores.loc["4-mers", "accuracy"] > group.scores.loc["4-mers", "accuracy"] + 0.15


def test_numbers_leak_alike(leaky) -> None:
    random = rx.tl.probe(leaky, "score", use_rep="X_toy", split="random", groups="clan", n_boot=50)
    group = rx.tl.probe(leaky, "score", use_rep="X_toy", groups="clan", n_boot=50)
    assert random.scores.loc["X_toy", "r2"] > 0.9
    assert group.scores.loc["X_toy", "r2"] < 0.2


def test_no_group_is_on_both_sides(leaky) -> None:
    result = rx.tl.probe(leaky, "label", use_rep="X_toy", groups="clan", n_boot=10)
    assert result.predictions.groupby("group")["fold"].nunique().eq(1).all()
    assert result.predictions["fold"].nunique() == 5
    assert list(result.predictions.index) == list(leaky.obs_names)


def test_what_is_there_is_found_and_beats_the_baselines(leaky, monkeypatch) -> None:
    monkeypatch.setattr("rnaexplore.tl.evaluation.probe.BASELINES", BASELINES)
    classes = rx.tl.probe(leaky, "true", use_rep="X_knows", groups="clan", n_boot=100)
    assert classes.scores.loc["X_knows", "accuracy"] > 0.85
    assert list(classes.scores.index) == [
        "X_knows", "X_knows + 6-mers sqrt", *KMERS, *OTHERS, "most frequent class",
        "shuffled target",
    ]  # fmt: skip
    kinds = classes.scores["kind"]
    assert kinds.tolist() == ["embedding", "combined", *["baseline"] * 12, "null"]
    others = classes.scores.loc[kinds.isin(["baseline", "null"]), "accuracy"]
    assert others.max() < classes.scores.loc["X_knows", "accuracy"] - 0.15
    found = classes.difference("X_knows")
    assert (found.first, found.second) == ("X_knows", classes.best_baseline)
    assert found.verdict == "better than"
    ours, theirs = (classes.scores.loc[name, "macro_f1"] for name in (found.first, found.second))
    assert found.value == pytest.approx(ours - theirs)
    numbers = rx.tl.probe(leaky, "signal", use_rep="X_knows", groups="clan", n_boot=100)
    assert numbers.task == "numbers"
    assert numbers.scores.loc["X_knows", "r2"] > 0.8
    assert numbers.scores.loc["mean", "r2"] == pytest.approx(0, abs=0.1)


def test_the_best_baseline_is_picked_on_training_rnas(leaky) -> None:
    """With other labels on the tested RNAs, the pick and what it rests on are the same."""
    data = leaky.copy()
    clan = data.obs["clan"].str[1:].astype(int)
    data.obs["set"] = np.where(clan < 28, "train", "test")
    turned = data.copy()
    tested = turned.obs["set"] == "test"
    turned.obs["true"] = np.where(tested, clan % 2 == 0, turned.obs["true"])
    options = {"use_rep": "X_knows", "split": "set", "groups": "clan", "n_boot": 5}
    first, second = (rx.tl.probe(d, "true", **options) for d in (data, turned))
    real = first.scores["kind"] != "null"
    pd.testing.assert_series_equal(
        first.scores.loc[real, "validation"], second.scores.loc[real, "validation"]
    )
    assert first.best_baseline == second.best_baseline
    assert not first.scores["accuracy"].equals(second.scores["accuracy"])


def test_the_validation_score_leaves_groups_out(leaky) -> None:
    """A label of groups that cannot be learned is not validated by relatives, either."""
    result = rx.tl.probe(leaky, "label", use_rep="X_toy", groups="clan", n_boot=5)
    assert result.scores.loc["X_toy", "validation"] < 0.75
    assert result.scores.loc["nearest relative", "validation"] < 0.75


def test_differences_are_of_known_rows_and_scores(leaky) -> None:
    result = rx.tl.probe(leaky, "signal", use_rep="X_knows", groups="clan", n_boot=5)
    found = result.difference("X_knows", "length", score="mean_absolute_error")
    assert found.value < 0
    assert found.verdict == "better than"
    with pytest.raises(UnknownNameError, match="Did you mean 'length'"):
        result.difference("X_knows", "lenght")
    with pytest.raises(UnknownNameError, match="no score 'accuracy'"):
        result.difference("X_knows", score="accuracy")


def test_scores_are_those_of_the_predictions(leaky) -> None:
    result = rx.tl.probe(leaky, "label", use_rep="X_toy", groups="clan", n_boot=10)
    for name, row in result.scores.iterrows():
        true, told = result.predictions["true"], result.predictions[name]
        assert row["accuracy"] == pytest.approx(accuracy_score(true, told))
        assert row["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(true, told))
        assert row["macro_f1"] == pytest.approx(f1_score(true, told, average="macro"))
        assert row["accuracy_low"] <= row["accuracy"] <= row["accuracy_high"]
    numbers = rx.tl.probe(leaky, "signal", use_rep="X_toy", groups="clan", n_boot=10)
    told = numbers.predictions
    assert numbers.scores.loc["X_toy", "r2"] == pytest.approx(r2_score(told["true"], told["X_toy"]))
    expected = told["true"].corr(told["X_toy"], method="spearman")
    assert numbers.scores.loc["X_toy", "spearman"] == pytest.approx(expected)


def test_intervals_count_groups_and_not_rnas() -> None:
    rng = np.random.default_rng(0)
    right = rng.random(30) < 0.7
    true = np.zeros(30, dtype=int)
    few = class_scores(
        np.repeat(true, 20), np.repeat(1 - right, 20), np.repeat(np.arange(30), 20),
        n_classes=2, n_boot=2000, seed=0,
    ).row()  # fmt: skip
    one = class_scores(true, 1 - right, np.arange(30), n_classes=2, n_boot=2000, seed=0).row()
    assert few["accuracy"] == one["accuracy"]
    assert few["accuracy_low"] == pytest.approx(one["accuracy_low"], abs=1e-9)
    share = right.mean()
    width = 2 * 1.96 * np.sqrt(share * (1 - share) / 30)
    assert one["accuracy_high"] - one["accuracy_low"] == pytest.approx(width, rel=0.15)


def test_numbers_of_a_constant_prediction() -> None:
    true = np.arange(10.0)
    scores = number_scores(true, np.full(10, 4.5), np.arange(10), n_boot=20, seed=0).row()
    assert (scores["r2"], scores["spearman"]) == (pytest.approx(0), 0)
    assert scores["mean_absolute_error"] == 2.5


def test_classes_one_by_one_and_confusion(leaky) -> None:
    result = rx.tl.probe(leaky, "label", use_rep="X_toy", groups="clan", n_boot=10)
    counts = result.confusion("X_toy")
    assert list(counts.index) == list(counts.columns) == ["no", "yes"]
    assert counts.to_numpy().sum() == leaky.n_obs
    right = np.trace(counts) / leaky.n_obs
    assert right == pytest.approx(result.scores.loc["X_toy", "accuracy"])
    table = result.per_class("X_toy")
    assert table.loc["yes", "recall"] == pytest.approx(
        counts.loc["yes", "yes"] / counts.loc["yes"].sum()
    )
    assert table["n"].tolist() == counts.sum(axis=1).tolist()
    with pytest.raises(UnknownNameError, match="Did you mean 'X_toy'"):
        result.confusion("X_tooy")
    numbers = rx.tl.probe(leaky, "signal", use_rep="X_toy", groups="clan", n_boot=2)
    with pytest.raises(InputError, match="only classes"):
        numbers.confusion("X_toy")


def test_given_splits(leaky) -> None:
    data = leaky.copy()
    clan = data.obs["clan"].str[1:].astype(int)
    data.obs["set"] = np.select([clan < 25, clan < 30], ["train", "valid"], "test")
    result = rx.tl.probe(data, "true", use_rep="X_toy", split="set", groups="clan", n_boot=10)
    assert len(result.predictions) == 10 * MEMBERS
    data.obs["part"] = (clan % 3).astype(str)
    parts = rx.tl.probe(data, "true", use_rep="X_toy", split="part", groups="clan", n_boot=10)
    assert parts.predictions["fold"].nunique() == 3
    assert len(parts.predictions) == data.n_obs
    for column, message in (
        ("train x", "got 'x'"),
        ("train train", "no 'test'"),
        ("a a", "2 folds"),
    ):
        first, second = column.split()
        data.obs["bad"] = np.where(clan < 5, second, first)
        with pytest.raises(InputError, match=message):
            rx.tl.probe(data, "true", use_rep="X_toy", split="bad", groups="clan")


def test_families_are_the_groups_unless_they_are_the_target(leaky) -> None:
    data = leaky.copy()
    data.obs["family"] = data.obs["clan"]
    assert rx.tl.probe(data, "true", use_rep="X_toy", n_boot=2).groups == "family"
    few = data[data.obs["clan"].isin(["g0", "g1", "g2"])].copy()
    few.obs["family"] = few.obs["clan"].astype(str)
    result = rx.tl.probe(few, "family", use_rep="X_toy", n_boot=2, n_splits=2)
    assert result.groups == "identity 0.6"
    with pytest.raises(InputError, match="is the target itself"):
        rx.tl.probe(few, "family", use_rep="X_toy", groups="family")


def test_rnas_without_a_target_are_left_out(leaky) -> None:
    data = leaky.copy()
    data.obs.loc[data.obs_names[:16], "label"] = None
    result = rx.tl.probe(data, "label", use_rep="X_toy", groups="clan", n_boot=2)
    assert list(result.predictions.index) == list(data.obs_names[16:])


def test_bad_settings(leaky) -> None:
    def call(target="label", **options):
        return rx.tl.probe(leaky, target, **({"use_rep": "X_toy", "groups": "clan"} | options))

    for error, message, options in (
        (InputError, "linear, knn, mlp", {"kind": "forest"}),
        (InputError, r"n_splits must be in \[2, 40\]", {"n_splits": 41}),
        (InputError, "n_boot", {"n_boot": 0}),
        (MissingKeyError, "Did you mean 'label'", {"target": "lable"}),
        (MissingKeyError, "X_other", {"use_rep": "X_other"}),
        (MissingKeyError, "group_by_identity", {"groups": "klan"}),
        (MissingKeyError, "'group', 'random' or a column", {"split": "rand"}),
    ):
        with pytest.raises(error, match=message):
            call(**options)
    data = leaky.copy()
    data.obs["one"], data.obs["const"], data.obs["inf"] = "x", 1.0, np.inf
    for target in ("one", "const", "inf"):
        with pytest.raises(InputError, match="at least 2"):
            rx.tl.probe(data, target, use_rep="X_toy", groups="clan")


def test_a_probe_that_did_not_converge_says_so(leaky, monkeypatch) -> None:
    from sklearn.linear_model import LogisticRegression

    def hasty(*args, **options):
        return LogisticRegression(max_iter=1)

    monkeypatch.setattr("sklearn.linear_model.LogisticRegression", hasty)
    with pytest.warns(RnaExploreWarning, match="did not converge in 5 of 5 folds"):
        rx.tl.probe(leaky, "label", use_rep="X_toy", groups="clan", n_boot=2)


def test_nothing_is_written_and_repeats_are_equal(leaky) -> None:
    before = leaky.copy()
    results = [rx.tl.probe(leaky, "label", use_rep="X_toy", n_boot=20, seed=3) for _ in range(2)]
    pd.testing.assert_frame_equal(results[0].scores, results[1].scores)
    pd.testing.assert_frame_equal(leaky.obs, before.obs)
    assert leaky.uns.keys() == before.uns.keys()
    row = results[0].scores.loc["length"]
    told = f"{row['accuracy']:.2f} [{row['accuracy_low']:.2f}, {row['accuracy_high']:.2f}]"
    assert results[0].summary().loc["length", "accuracy"] == told
    assert "linear probe of 'label'" in repr(results[0])
    assert told in repr(results[0])


def test_untrained_models_are_nulls_of_the_probe(rnas, tiny) -> None:
    rx.tl.embed(rnas, tiny, layer=1, pooling="max", progress=False)
    options = {"use_rep": "X_tiny", "split": "random", "n_splits": 2, "n_boot": 5}
    table = rx.tl.probe(rnas, "family", model=tiny, **options).scores
    nulls = table[table["kind"] == "null"]
    names = ["X_tiny random weights", "X_tiny permuted weights"]
    assert list(nulls.index) == [*names, "shuffled target"]
    rx.tl.embed(rnas, tiny.permuted(seed=0), layer=1, pooling="max", progress=False)
    again = rx.tl.probe(rnas, "family", **options).scores.loc["X_tiny"].drop("kind")
    pd.testing.assert_series_equal(
        nulls.loc[names[1]].drop("kind"), again, check_names=False, check_dtype=False, atol=1e-6
    )
    with pytest.raises(InputError, match="'mini': X_tiny by tiny"):
        rx.tl.probe(rnas, "family", model="mini", **options)
