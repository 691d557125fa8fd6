"""Figures of the tables of evaluate and layer_sweep, as they come."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import rnaexplore as rx
from rnaexplore.errors import MissingKeyError


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(0)
    bias = {"rich": [0.1, 0.4, 0.4, 0.1], "poor": [0.45, 0.05, 0.05, 0.45], "flat": [0.25] * 4}
    made = {
        f"{family}-{i}": "".join(rng.choice(list("ACGU"), 30 + i % 5, p=p))
        for family, p in bias.items()
        for i in range(8)
    }
    adata = rx.from_sequences(made)
    adata.obs["family"] = [name.split("-")[0] for name in made]
    adata.obsm["X_mini"] = rng.normal(size=(24, 4)).astype(np.float32)
    return adata


@pytest.fixture(scope="module")
def scores(sample):
    return rx.tl.evaluate(sample, use_rep="X_mini", n_neighbors=3, n_boot=50, progress=False)


@pytest.fixture(scope="module")
def sweep(sample):
    options = {"n_neighbors": 3, "n_boot": 20, "progress": False}
    return rx.tl.layer_sweep(sample, rx.load_model("mini"), **options)


def test_every_row_has_room_and_its_interval(scores):
    ax = rx.pl.metrics(scores)
    ax.figure.canvas.draw()
    labels = [t for t in ax.get_yticklabels() if t.get_text()]
    assert len(labels) == len(scores)
    boxes = sorted((t.get_window_extent() for t in labels), key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 for below, above in pairwise(boxes))
    lines = [line for line in ax.lines if line.get_marker() == "None" and line.get_zorder() == 2]
    ends = sorted(tuple(line.get_xdata()) for line in lines)
    expected = scores[["knn_accuracy_low", "knn_accuracy_high"]].to_numpy()
    np.testing.assert_allclose(ends, sorted(map(tuple, expected)))
    names = [t.get_text() for t in ax.get_legend().get_texts()]
    assert names == ["ARI", "NMI", "homogeneity", "silhouette", "kNN purity", "kNN accuracy"]


def test_some_rows_alone(scores):
    ax = rx.pl.metrics(scores.loc[["6-mers sqrt", "X_mini"]], columns=["knn_accuracy"])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["mini", "6-mers sqrt"]


def test_a_sweep_shows_both_distances_and_the_hard_levels(sweep):
    ax = rx.pl.layers(sweep, "knn_accuracy")
    n = rx.load_model("mini").spec.n_layers + 1
    lines = [line for line in ax.lines if line.get_marker() == "o" and len(line.get_xdata()) == n]
    assert [line.get_linestyle() for line in lines] == ["-", "--"]
    assert len(ax.collections) == 2, "bands"
    named = [t.get_text() for t in ax.get_legend().get_texts()]
    assert named == [
        "layers", "layers, cosine", "best layer", f"layer {n - 1} + 6-mers sqrt", "best k-mers",
        "sequence identity", "length", "random weights", "permuted weights", "shuffled labels",
    ]  # fmt: skip
    entries = ax.get_legend().get_lines()
    looks = {(line.get_color(), str(line._unscaled_dash_pattern)) for line in entries}
    assert len(looks) == len(entries), "two entries look alike"
    drawn = {line.get_ydata()[0] for line in ax.lines if line.get_marker() == "None"}
    assert sweep.loc["best k-mers", "knn_accuracy"] in drawn


def test_levels_can_be_chosen(sweep):
    ax = rx.pl.layers(sweep, "ARI", levels=["6-mers sqrt", "sequence identity"])
    levels = [line.get_ydata()[0] for line in ax.lines if line.get_marker() == "None"]
    expected = sweep.loc[["6-mers sqrt", "sequence identity"], "ARI"]
    np.testing.assert_allclose(levels, expected)
    with pytest.raises(MissingKeyError, match="no level '7-mers'"):
        rx.pl.layers(sweep, "ARI", levels=["7-mers"])
    named = {t.get_text() for t in rx.pl.layers(sweep, "ARI").get_legend().get_texts()}
    kmers = sweep.index.str.contains("-mers") & (sweep["kind"] == "baseline") & sweep["ARI"].notna()
    assert named & set(sweep.index[kmers]) == {sweep.loc[kmers, "ARI"].idxmax()}
