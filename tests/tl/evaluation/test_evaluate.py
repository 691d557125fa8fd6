"""evaluate: equal to scikit-learn and scipy, baselines present and hard, nulls near chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist
from sklearn import metrics
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.tl.embedding.spaces import JointSpace, VectorSpace
from rnaexplore.tl.evaluation import scores
from rnaexplore.tl.evaluation.intervals import Draws, chosen_elsewhere

BASELINES = [
    "3-mers", "3-mers cosine", "4-mers", "4-mers cosine", "5-mers", "5-mers cosine", "6-mers",
    "6-mers cosine", "3-mers sqrt", "4-mers sqrt", "5-mers sqrt", "6-mers sqrt", "best k-mers",
    "sequence identity", "length",
]  # fmt: skip
ROWS = [*BASELINES, "shuffled labels"]
SCORES = [*scores.METRICS, "knn_accuracy_low", "knn_accuracy_high"]


def evaluate(adata, use_rep="X_planted", **options):
    return rx.tl.evaluate(adata, use_rep=use_rep, **{"progress": False, "n_boot": 50} | options)


@pytest.fixture
def planted(rnas):
    rng = np.random.default_rng(0)
    centres = 3 * np.eye(3)[rnas.obs["family"].cat.codes]
    rnas.obsm["X_planted"] = (centres + rng.normal(size=(60, 3))).astype(np.float32)
    return rnas


@pytest.mark.parametrize("cosine", [False, True])
def test_metrics_equal_scipy_and_scikit_learn(planted, cosine) -> None:
    vectors, labels = planted.obsm["X_planted"].astype(float), np.array(planted.obs["family"])
    if cosine:
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    row = evaluate(planted, n_neighbors=5).loc["X_planted cosine" if cosine else "X_planted"]
    trees = {how: linkage(pdist(vectors), how) for how in ("average", "ward")}
    clusters = {how: fcluster(tree, 3, "maxclust") for how, tree in trees.items()}
    agreement = {how: metrics.adjusted_rand_score(labels, of) for how, of in clusters.items()}
    best = clusters[row["linkage"]]
    assert row["ARI"] == pytest.approx(max(agreement.values()))
    assert row["NMI"] == pytest.approx(metrics.normalized_mutual_info_score(labels, best))
    assert row["homogeneity"] == pytest.approx(metrics.homogeneity_score(labels, best))
    silhouette = metrics.silhouette_score(vectors, labels)
    assert row["silhouette"] == pytest.approx(silhouette, abs=1e-5)
    assert row["distance"] == ("cosine" if cosine else "euclidean")


def test_neighbour_scores_equal_brute_force(planted) -> None:
    vectors, labels = planted.obsm["X_planted"], np.array(planted.obs["family"])
    row = evaluate(planted, n_neighbors=5).loc["X_planted"]
    shares = []
    for i, vector in enumerate(vectors):
        order = np.argsort(np.linalg.norm(vectors - vector, axis=1), kind="stable")
        nearest = [j for j in order if j != i][:5]
        shares.append(np.mean(labels[nearest] == labels[i]))
    assert row["knn_purity"] == pytest.approx(np.mean(shares))
    for metric in ("euclidean", "cosine"):
        name = "X_planted" if metric == "euclidean" else "X_planted cosine"
        single = evaluate(planted, n_neighbors=1).loc[name]
        nearest = KNeighborsClassifier(1, algorithm="brute", metric=metric)
        predicted = cross_val_predict(nearest, vectors, labels, cv=LeaveOneOut())
        assert single["knn_accuracy"] == pytest.approx(np.mean(predicted == labels))
        assert single["knn_purity"] == single["knn_accuracy"]


@pytest.mark.parametrize("n_neighbors", [1, 4])
def test_kmers_and_identity_equal_brute_force(planted, n_neighbors) -> None:
    table = evaluate(planted, n_neighbors=n_neighbors)
    labels = np.array(planted.obs["family"])
    for name, k, transform, metric in (
        ("3-mers", 3, None, "euclidean"),
        ("4-mers cosine", 4, None, "cosine"),
        ("6-mers sqrt", 6, "sqrt", "cosine"),
        ("6-mers sqrt", 6, "sqrt", "euclidean"),
    ):
        rx.tl.kmers(planted, k=k, transform=transform, key_added="k")
        search = KNeighborsClassifier(n_neighbors, algorithm="brute", metric=metric)
        near = search.fit(planted.obsm["k"].astype(float), labels).kneighbors()[1]
        purity = (labels[near] == labels[:, None]).mean()
        assert table.loc[name, "knn_purity"] == pytest.approx(purity, abs=0.02), name
    if n_neighbors == 1:
        rx.tl.nearest_identity(planted)
        nearest = planted.obs.loc[planted.obs["nearest_identity_name"], "family"].to_numpy()
        found = table.loc["sequence identity", "knn_accuracy"]
        assert found == pytest.approx(np.mean(nearest == labels), abs=0.07)  # ties


def test_every_table_has_its_baselines(planted, tiny) -> None:
    rx.tl.embed(planted, tiny, layer=1, progress=False)
    table = evaluate(planted, ["X_planted", "X_tiny"])
    own = ["X_planted", "X_planted cosine", "X_tiny", "X_tiny cosine"]
    both = ["X_planted + 6-mers sqrt", "X_tiny + 6-mers sqrt"]
    assert list(table.index) == [*own, *both, *ROWS]
    kinds = ["embedding"] * 4 + ["combined"] * 2 + ["baseline"] * 15 + ["null"]
    assert list(table["kind"]) == kinds
    assert table[SCORES].drop(index="best k-mers").notna().all(axis=None)
    assert table["layer"].dropna().to_dict() == {
        "X_tiny": 1, "X_tiny cosine": 1, "X_tiny + 6-mers sqrt": 1,
    }  # fmt: skip
    null = table.loc["shuffled labels"]
    assert table.loc["X_planted", "ARI"] > 0.8
    assert abs(null["ARI"]) < 0.1
    assert abs(null["knn_purity"] - 1 / 3) < 0.1
    assert set(table["distance"].drop("best k-mers")) == {"euclidean", "cosine", "edit"}
    assert table.attrs["n_scored"] == 60


def mutated(rng, n_families, members, length, share):
    """Families whose members are copies of a parent, with the composition of all others.

    Each has a run of A of another length, which takes up much of its k-mers and tells nothing.
    """
    names, made = [], []
    for family in range(n_families):
        parent = rng.permutation(list("ACGU" * (length // 4)))
        for _ in range(members):
            child = parent.copy()
            at = np.flatnonzero(rng.random(length) < share)
            child[at] = rng.permutation(child[at])
            half = length // 2
            made.append("".join([*child[:half], "A" * rng.integers(5, 120), *child[half:]]))
            names.append(f"f{family}")
    return made, names


def test_a_weak_baseline_would_be_found_out() -> None:
    """A set on which raw 3- and 4-mers fail; square-rooted 6-mers and identities do not."""
    rng = np.random.default_rng(0)
    sequences, names = mutated(rng, 25, 6, 80, 0.25)
    adata = rx.from_sequences(dict(enumerate_names(sequences)))
    adata.obs["family"] = names
    adata.obsm["X_middling"] = half_told(rng, names)
    table = evaluate(adata, "X_middling", n_neighbors=1)
    accuracy = table["knn_accuracy"]
    weak = accuracy[["3-mers", "4-mers"]].max()
    assert accuracy["X_middling"] > weak + 0.15, "an embedding that beats weak baselines alone"
    assert accuracy["6-mers sqrt"] > weak + 0.3
    assert accuracy["6-mers sqrt"] > accuracy["6-mers"] + 0.1
    baselines = accuracy[table["kind"] == "baseline"]
    assert baselines.max() > accuracy["X_middling"] + 0.1
    assert baselines["best k-mers"] >= accuracy["6-mers sqrt"] - 0.1
    assert baselines["sequence identity"] > 0.75


def enumerate_names(sequences):
    return ((f"r{k}", sequence) for k, sequence in enumerate(sequences))


def half_told(rng, names):
    """Vectors that know about two thirds of the families."""
    of = np.unique(names, return_inverse=True)[1]
    known = rng.normal(size=(of.max() + 1, 16)) * (rng.random(of.max() + 1) < 0.7)[:, None]
    return (4 * known[of] + rng.normal(size=(len(names), 16))).astype(np.float32)


def test_square_roots_rank_alike_by_both_distances() -> None:
    rng = np.random.default_rng(1)
    sequences, _ = mutated(rng, 5, 6, 60, 0.3)
    adata = rx.from_sequences(dict(enumerate_names(sequences)))
    rx.tl.kmers(adata, k=5, transform="sqrt")
    rows = np.arange(30)
    found = [
        VectorSpace(adata.obsm["X_kmer5_sqrt"], how).between(rows, rows)
        for how in ("euclidean", "cosine")
    ]
    np.testing.assert_allclose(*found, atol=1e-6)


def test_joined_vectors_are_those_of_unit_vectors_side_by_side() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(12, 4)), 50 * rng.normal(size=(12, 9))
    unit = np.hstack([v / np.linalg.norm(v, axis=1, keepdims=True) for v in (a, b)]) / np.sqrt(2)
    rows = np.arange(12)
    space = JointSpace(VectorSpace(a, "cosine"), VectorSpace(b, "cosine"))
    expected = np.linalg.norm(unit[:, None] - unit[None], axis=2)
    np.testing.assert_allclose(space.between(rows, rows), expected, atol=1e-5)


def test_untrained_models_are_rows_of_their_own(planted, tiny) -> None:
    rx.tl.embed(planted, tiny, layer=1, pooling="max", key_added="X_mine", progress=False)
    table = evaluate(planted, ["X_planted", "X_mine"], model=tiny, seed=5)
    nulls = table[table["kind"] == "null"]
    names = [f"X_mine {what} weights" for what in ("random", "permuted")]
    expected = [name + end for name in names for end in ("", " cosine")]
    assert list(nulls.index) == [*expected, "shuffled labels"]
    assert nulls["layer"].iloc[:4].tolist() == [1] * 4
    for name, null in zip(names, (tiny.randomised(seed=5), tiny.permuted(seed=5)), strict=True):
        rx.tl.embed(planted, null, layer=1, pooling="max", key_added="X_null", progress=False)
        again = evaluate(planted, "X_null", seed=5).loc["X_null"]
        pd.testing.assert_series_equal(
            table.loc[name, SCORES].astype(float), again[SCORES].astype(float), check_names=False,
            atol=1e-4,
        )  # fmt: skip
    with pytest.raises(InputError, match=r"'tiny': X_planted by an unknown model"):
        evaluate(planted, model=tiny)


def test_intervals_count_families(planted) -> None:
    rng = np.random.default_rng(0)
    right = rng.random(30) < 0.7
    few = Draws(np.repeat(np.arange(30), 20).astype(str), 2000, 0).interval(np.repeat(right, 20))
    one = Draws(np.arange(30).astype(str), 2000, 0).interval(right)
    many = Draws(np.arange(600).astype(str), 2000, 0).interval(np.repeat(right, 20))
    assert np.ptp(few) == pytest.approx(np.ptp(one), rel=0.1)
    assert np.ptp(many) < 0.4 * np.ptp(few)
    share = right.mean()
    width = 2 * 1.96 * np.sqrt(share * (1 - share) / 30)
    assert np.ptp(one) == pytest.approx(width, rel=0.15)
    table = evaluate(planted, n_boot=300)
    low, high = (table[f"knn_accuracy_{end}"] for end in ("low", "high"))
    assert ((low <= table["knn_accuracy"]) & (table["knn_accuracy"] <= high)).all()
    assert table.attrs["groups"] == "family"


def test_groups_of_the_intervals(planted) -> None:
    planted.obs["type"] = np.where(planted.obs["family"] == "rich", "a", "b")
    assert evaluate(planted, labels="type").attrs["groups"] == "family"
    assert evaluate(planted, labels="type").attrs["n_groups"] == 3
    planted.obs["clan"] = [f"c{k % 12}" for k in range(59)] + [None]
    assert evaluate(planted, groups="clan").attrs["n_groups"] == 13
    planted.obs["clan"] = "all"
    with pytest.raises(InputError, match="groups='clan' must have at least 2"):
        evaluate(planted, groups="clan")
    with pytest.raises(InputError, match="n_boot must be at least 1"):
        evaluate(planted, n_boot=0)


def test_a_choice_has_no_say_in_its_own_score() -> None:
    """Of candidates that are right by chance, the chosen one is right by chance."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(60), 5).astype(str)
    gains = []
    for seed in range(40):
        hits = (rng.random((30, 60)) < 0.5).repeat(5, axis=1)
        choice = chosen_elsewhere(hits, groups, seed)
        gains.append((hits[choice, np.arange(300)].mean(), hits.mean(1).max()))
    nested, after_the_fact = np.mean(gains, axis=0)
    assert nested == pytest.approx(0.5, abs=0.03)
    assert after_the_fact > 0.6
    hits = rng.random((4, 300)) < np.array([0.3, 0.4, 0.9, 0.4])[:, None]
    assert (chosen_elsewhere(hits, groups, 0) == 2).all()
    two = np.repeat(["a", "b"], 150)
    hits = np.array([two == "a", two == "b"])
    assert hits[chosen_elsewhere(hits, two, 0), np.arange(300)].sum() == 0


def test_large_inputs_are_sampled_and_say_so(planted, monkeypatch, capsys) -> None:
    whole = evaluate(planted, n_neighbors=5)
    monkeypatch.setattr(scores, "MOST", 36)
    part = evaluate(planted, n_neighbors=5, progress=True)
    assert part.attrs["n_scored"] == 36
    assert "scores of 36 of 60 RNAs" in capsys.readouterr().err
    assert set(part.index) == set(whole.index)
    assert part["knn_accuracy"].between(0, 1).all()
    assert part.loc["X_planted", "knn_purity"] == pytest.approx(
        whole.loc["X_planted", "knn_purity"], abs=0.15
    )


def test_a_sample_holds_whole_classes(monkeypatch) -> None:
    monkeypatch.setattr(scores, "MOST", 100)
    labels = np.array([f"f{k // 5}" for k in range(400)] + ["large"] * 300)
    chosen = labels[scores.sample_of(labels, 0)]
    assert len(chosen) == 100
    names, counts = np.unique(chosen, return_counts=True)
    assert counts[names == "large"].sum() <= 10
    assert (counts[names != "large"] == 5).sum() >= (names != "large").sum() - 1
    two = np.array(["a", "b"] * 500)
    assert np.unique(two[scores.sample_of(two, 0)], return_counts=True)[1].tolist() == [50, 50]


def test_ties_do_not_follow_the_order_of_the_file(planted) -> None:
    planted.obsm["X_planted"] = np.zeros((60, 3), dtype=np.float32)
    found = [evaluate(planted, n_neighbors=1, seed=k).loc["X_planted"] for k in range(3)]
    assert max(row["knn_accuracy"] for row in found) < 0.6


def test_evaluate_gives_the_same_numbers_twice_and_writes_nothing(planted) -> None:
    before = planted.copy()
    first = evaluate(planted, seed=2)
    pd.testing.assert_frame_equal(first, evaluate(planted, seed=2))
    assert dict(before.uns) == dict(planted.uns)
    assert list(before.obsm) == list(planted.obsm)
    assert list(before.obs) == list(planted.obs)


def test_perfect_vectors_score_one_and_equal_vectors_do_not_break(planted) -> None:
    one_hot = np.eye(3, dtype=np.float32)[planted.obs["family"].cat.codes]
    planted.obsm["X_one_hot"] = one_hot
    row = evaluate(planted, "X_one_hot").loc["X_one_hot"]
    assert (row[SCORES] == 1).all()


def test_errors_say_what_to_do(planted) -> None:
    with pytest.raises(MissingKeyError, match=r"no 'familly'\. Did you mean 'family'"):
        evaluate(planted, labels="familly")
    with pytest.raises(MissingKeyError, match=r"Did you mean 'X_planted'"):
        evaluate(planted, "X_plantd")
    with pytest.raises(InputError, match="at least one"):
        evaluate(planted, [])
    with pytest.raises(InputError, match="n_neighbors"):
        evaluate(planted, n_neighbors=60)
    planted.obs["family"] = planted.obs["family"].where(planted.obs["length"] > 30)
    with pytest.raises(InputError, match=r"12 of 60 RNAs have no 'family'.*notna"):
        evaluate(planted)
    planted.obs["family"] = "one"
    with pytest.raises(InputError, match="at least 2 values"):
        evaluate(planted)
