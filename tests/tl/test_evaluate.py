"""evaluate and layer_sweep: equal to scikit-learn, baselines present, nulls near chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError

ROWS = ["3-mers", "4-mers", "length", "shuffled labels"]


@pytest.fixture
def planted(rnas):
    rng = np.random.default_rng(0)
    centres = 3 * np.eye(3)[rnas.obs["family"].cat.codes]
    rnas.obsm["X_planted"] = (centres + rng.normal(size=(60, 3))).astype(np.float32)
    return rnas


def test_metrics_equal_scikit_learn(planted) -> None:
    vectors, labels = planted.obsm["X_planted"], np.array(planted.obs["family"])
    row = rx.tl.evaluate(planted, use_rep="X_planted", n_neighbors=5, seed=3).loc["X_planted"]
    clusters = KMeans(3, n_init=10, random_state=3).fit_predict(vectors)
    assert row["ARI"] == pytest.approx(metrics.adjusted_rand_score(labels, clusters))
    assert row["NMI"] == pytest.approx(metrics.normalized_mutual_info_score(labels, clusters))
    assert row["homogeneity"] == pytest.approx(metrics.homogeneity_score(labels, clusters))
    assert row["silhouette"] == pytest.approx(metrics.silhouette_score(vectors, labels))


def test_neighbour_scores_equal_brute_force(planted) -> None:
    vectors, labels = planted.obsm["X_planted"], np.array(planted.obs["family"])
    row = rx.tl.evaluate(planted, use_rep="X_planted", n_neighbors=5).loc["X_planted"]
    shares = []
    for i, vector in enumerate(vectors):
        order = np.argsort(np.linalg.norm(vectors - vector, axis=1), kind="stable")
        nearest = [j for j in order if j != i][:5]
        shares.append(np.mean(labels[nearest] == labels[i]))
    assert row["knn_purity"] == pytest.approx(np.mean(shares))
    single = rx.tl.evaluate(planted, use_rep="X_planted", n_neighbors=1).loc["X_planted"]
    predicted = cross_val_predict(
        KNeighborsClassifier(1, algorithm="brute"), vectors, labels, cv=LeaveOneOut()
    )
    assert single["knn_accuracy"] == pytest.approx(np.mean(predicted == labels))
    assert single["knn_purity"] == single["knn_accuracy"]


def test_every_table_has_its_baselines(planted, tiny) -> None:
    rx.tl.embed(planted, tiny, progress=False)
    table = rx.tl.evaluate(planted, use_rep=["X_planted", "X_tiny"])
    assert list(table.index) == ["X_planted", "X_tiny", *ROWS]
    assert list(table["kind"]) == ["embedding"] * 2 + ["baseline"] * 3 + ["null"]
    assert table.drop(columns="kind").notna().all(axis=None)
    planted_truth = table.loc["X_planted"]
    null = table.loc["shuffled labels"]
    assert planted_truth["ARI"] > 0.8
    assert abs(null["ARI"]) < 0.1
    assert abs(null["knn_purity"] - 1 / 3) < 0.1


def test_evaluate_gives_the_same_numbers_twice_and_writes_nothing(planted) -> None:
    before = planted.copy()
    first = rx.tl.evaluate(planted, use_rep="X_planted", seed=2)
    pd.testing.assert_frame_equal(first, rx.tl.evaluate(planted, use_rep="X_planted", seed=2))
    assert dict(before.uns) == dict(planted.uns)
    assert list(before.obsm) == list(planted.obsm)


def test_perfect_vectors_score_one_and_equal_vectors_do_not_break(planted) -> None:
    one_hot = np.eye(3, dtype=np.float32)[planted.obs["family"].cat.codes]
    planted.obsm["X_one_hot"] = one_hot
    row = rx.tl.evaluate(planted, use_rep="X_one_hot").loc["X_one_hot"].drop("kind")
    assert (row == 1).all()


def test_layer_sweep_agrees_with_evaluate(planted, tiny) -> None:
    sweep = rx.tl.layer_sweep(planted, tiny, progress=False)
    assert list(sweep.index) == ["layer 0", "layer 1", "layer 2", *ROWS]
    assert list(sweep["layer"].dropna()) == [0, 1, 2, 2]
    for layer in range(3):
        rx.tl.embed(planted, tiny, layer=layer, progress=False)
        single = rx.tl.evaluate(planted, use_rep="X_tiny").loc["X_tiny"].drop("kind")
        expected = single.astype(float)
        found = sweep.loc[f"layer {layer}"].drop(["kind", "layer"]).astype(float)
        pd.testing.assert_series_equal(found, expected, check_names=False, atol=1e-3)
    assert not any(key.startswith("X_layer") for key in planted.obsm)


def test_errors_say_what_to_do(planted) -> None:
    with pytest.raises(MissingKeyError, match=r"no 'familly'\. Did you mean 'family'"):
        rx.tl.evaluate(planted, use_rep="X_planted", labels="familly")
    with pytest.raises(MissingKeyError, match=r"Did you mean 'X_planted'"):
        rx.tl.evaluate(planted, use_rep="X_plantd")
    with pytest.raises(InputError, match="at least one"):
        rx.tl.evaluate(planted, use_rep=[])
    with pytest.raises(InputError, match="n_neighbors"):
        rx.tl.evaluate(planted, use_rep="X_planted", n_neighbors=60)
    planted.obs["family"] = planted.obs["family"].where(planted.obs["length"] > 30)
    with pytest.raises(InputError, match=r"12 of 60 RNAs have no 'family'.*notna"):
        rx.tl.evaluate(planted, use_rep="X_planted")
    planted.obs["family"] = "one"
    with pytest.raises(InputError, match="at least 2 values"):
        rx.tl.evaluate(planted, use_rep="X_planted")
