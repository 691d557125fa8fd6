"""Each view as a plotly figure: what it shows now."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import rnaexplore as rx
from rnaexplore.errors import InputError
from rnaexplore.maps import AttentionMaps, ContactMap, MutationMap
from rnaexplore.widgets import AttentionViewer, ContactStudio, EmbeddingMap, MutationViewer

SEQUENCE = "GGGGAAAACCCC"


@pytest.fixture
def adata() -> AnnData:
    rng = np.random.default_rng(0)
    obs = pd.DataFrame(
        {"family": pd.Categorical(np.arange(30) % 3)}, index=[f"rna{k}" for k in range(30)]
    )
    place = rng.normal(size=(30, 3)).astype(np.float32)
    place[4] = np.nan
    return AnnData(obs=obs, obsm={"X_umap": place})


@pytest.mark.parametrize("make", [EmbeddingMap, rx.explore])
def test_a_map_with_its_selection_and_positions_in_the_adata(adata, make) -> None:
    view = make(adata, color="family")
    view.selection = ["rna7", "rna2"]
    figure = view.to_plotly()
    positions = np.concatenate([trace.customdata for trace in figure.data])
    assert sorted(positions) == [k for k in range(30) if k != 4]
    for trace in figure.data:
        assert trace.type == "scattergl"
        place = np.column_stack([trace.x, trace.y])
        np.testing.assert_array_equal(place, adata.obsm["X_umap"][trace.customdata, :2])
    lit = [k for t in figure.data for k in np.asarray(t.customdata)[list(t.selectedpoints)]]
    assert sorted(lit) == [2, 7]


def test_without_a_map_there_is_no_figure() -> None:
    view = EmbeddingMap(AnnData(obs=pd.DataFrame(index=["a", "b"])))
    with pytest.raises(InputError, match="no basis is chosen"):
        view.to_plotly()


def test_the_attention_map_that_is_looked_at() -> None:
    values = np.random.default_rng(0).random((2, 2, 12, 12)).astype(np.float32) / 12
    maps = AttentionMaps(values, (0, 1), (0, 1), SEQUENCE, "mini")
    view = AttentionViewer(maps)
    view.layer, view.head, view.symmetrize = 1, 0, True
    figure = view.to_plotly()
    np.testing.assert_allclose(figure.data[0].z, view.shown.values[0, 0])
    assert figure.layout.title.text.startswith("mini, layer 1, head 0, symmetrised")


def test_the_maps_that_a_studio_compares() -> None:
    values = np.zeros((12, 12), dtype=np.float32)
    for k in range(4):
        values[k, 11 - k] = values[11 - k, k] = 0.9
    contacts = ContactMap(values, SEQUENCE, "regression", "mini")
    figure = ContactStudio(contacts).to_plotly()
    np.testing.assert_array_equal(np.triu(figure.data[0].z), np.triu(values))


def test_the_scores_of_mutations() -> None:
    values = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
    values[np.arange(12), ["ACGU".index(letter) for letter in SEQUENCE]] = 0
    scores = MutationMap(values, SEQUENCE, "mini", "masked-marginal")
    figure = MutationViewer(scores).to_plotly()
    np.testing.assert_array_equal(figure.data[0].z, values.T)
