"""Distributions of numbers by group and of a selection, and clusters of similarities."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

import rnaexplore as rx


@pytest.fixture
def rnas() -> AnnData:
    """Lengths 1 to 9 and one of 100 in family a; 5, 6 and a missing one in b."""
    lengths = [*range(1, 10), 100, 5, 6, np.nan]
    obs = {"length": np.array(lengths, dtype=float), "family": ["a"] * 10 + ["b"] * 3}
    return AnnData(obs=pd.DataFrame(obs, index=[f"rna{k}" for k in range(13)]))


def test_boxes_hold_quartiles_whiskers_and_what_is_beyond(rnas):
    a, b = rx.px.distribution(rnas, "length", groupby="family").data
    assert (a.q1[0], a.median[0], a.q3[0]) == (3.25, 5.5, 7.75)
    assert (a.lowerfence[0], a.upperfence[0]) == (1, 9)
    assert (a.x.tolist(), [list(names) for names in a.customdata]) == ([[100]], [["rna9"]])
    assert (b.median[0], b.x) == (5.5, None)
    ax = rx.pl.distribution(rnas, "length", groupby="family")
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a (10)", "b (2)"]
    assert ax.get_xlabel() == "length"


def test_a_selection_stands_beside_all_others(rnas):
    chosen = ["rna0", "rna1", "rna10"]
    figure = rx.px.distribution(rnas, "length", groupby="family", selection=chosen)
    medians = {(round(t.y[0]), t.name): t.median[0] for t in figure.data}
    assert medians == {
        (0, "selected"): 1.5, (0, "others"): 6.5, (1, "selected"): 5, (1, "others"): 6,
    }  # fmt: skip
    mask = rnas.obs_names.isin(chosen)
    assert rx.px.distribution(rnas, "length", groupby="family", selection=mask) == figure
    together = rx.px.distribution(rnas, "length", selection=mask)
    assert [t.median[0] for t in together.data] == [2, 6]


def test_the_largest_groups_are_drawn_and_the_others_are_counted(many):
    figure = rx.px.distribution(many, "length", groupby="family", top=3)
    largest = many.obs["family"].value_counts().index[:3]
    names = [name.rpartition(" (")[0] for name in figure.layout.yaxis.ticktext]
    assert names == list(largest)
    assert figure.layout.yaxis.title.text == "family, 3 largest of 500"
    maps = rx.px.umap(many, color="family", top=3)
    colors = {t.name.rpartition(" (")[0]: t.marker.color for t in maps.data}
    assert [t.line.color for t in figure.data] == [colors[name] for name in names]


def test_clusters_are_neighbors_and_branches_have_their_heights():
    rng = np.random.default_rng(0)
    group = rng.permutation(np.arange(12) % 3)
    values = np.where(group[:, None] == group[None], 0.8, 0.2) + 0.05 * rng.random((12, 12))
    values = (values + values.T) / 2
    np.fill_diagonal(values, 1)
    names = [f"layer {k}" for k in range(12)]
    figure = rx.px.clustered_similarity(pd.DataFrame(values, index=names, columns=names))
    order = [names.index(name) for name in figure.data[0].x]
    assert sorted(order) == list(range(12))
    assert (np.diff(group[order]) != 0).sum() == 2, "each group lies together"
    np.testing.assert_allclose(figure.data[0].z, values[np.ix_(order, order)])
    tree = linkage(squareform(1 - values, checks=False), "average")
    heights = np.array(figure.data[1].y, dtype=float).reshape(-1, 5)[:, 1]
    np.testing.assert_allclose(np.sort(heights), tree[:, 2] / tree[:, 2].max())
    assert len(set(fcluster(tree, 3, "maxclust"))) == 3
