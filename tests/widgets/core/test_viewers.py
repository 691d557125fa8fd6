"""Viewers of maps that are computed already."""

import numpy as np
import pytest
from matplotlib import pyplot as plt
from traitlets import TraitError

from rnaexplore.errors import InputError
from rnaexplore.maps import AttentionMaps, ContactMap
from rnaexplore.structure import DEFAULT, Structure
from rnaexplore.widgets import AttentionViewer, ContactStudio, EmbeddingMap, explore
from rnaexplore.widgets.core.codec import dequantise

SEQUENCE = "GGGAAACCC"


@pytest.fixture
def maps():
    values = np.random.default_rng(0).random((2, 3, 9, 9), dtype=np.float32)
    return AttentionMaps(values, (4, 5), (0, 2, 7), SEQUENCE, "tiny")


@pytest.fixture
def contacts():
    values = np.zeros((9, 9), dtype=np.float32)
    values[0, 8] = values[8, 0] = 0.9
    return ContactMap(values, SEQUENCE, method="regression", model="tiny")


def test_attention_viewer_shows_the_map_asked_for(maps):
    view = AttentionViewer(maps)
    assert (view.layer, view.head) == (5, None)
    view.set_state({"layer": 4, "head": 7})
    shown = np.frombuffer(view._attention["levels"], dtype=np.uint8).reshape(9, 9)
    np.testing.assert_allclose(dequantise(shown, maps.at(4, 7).max()), maps.at(4, 7), atol=1 / 255)
    assert view._attention["top"] == pytest.approx(maps.at(4, 7).max())


@pytest.mark.parametrize("state", [{"layer": 0}, {"head": 1}])
def test_attention_viewer_refuses_what_the_maps_do_not_hold(maps, state):
    with pytest.raises(TraitError, match=r"must be (one of|in)"):
        AttentionViewer(maps).set_state(state)


def test_attention_viewer_refuses_corrected_maps(maps):
    with pytest.raises(InputError, match="apc"):
        AttentionViewer(maps.apc())


def test_reprs(maps, contacts):
    assert "2 layers x 3 heads" in repr(AttentionViewer(maps))
    assert f"threshold {DEFAULT.threshold:g}" in repr(ContactStudio(contacts))


def test_every_view_has_a_static_twin(adata, maps, contacts, tmp_path):
    views = {
        "map": EmbeddingMap(adata),
        "explorer": explore(adata),
        "attention": AttentionViewer(maps),
        "contacts": ContactStudio(contacts, Structure.from_dot_bracket(SEQUENCE, "(((...)))")),
    }
    for name, view in views.items():
        path = view.savefig(tmp_path / f"{name}.svg")
        assert path.read_text(encoding="utf-8").count("<path") > 5
    assert plt.get_fignums() == []


def test_there_is_no_figure_without_a_map(adata, tmp_path):
    for key in ("X_umap", "X_other", "X_mini"):
        del adata.obsm[key]
    with pytest.raises(InputError, match="basis"):
        explore(adata).savefig(tmp_path / "map.svg")


def test_the_static_twin_shows_what_the_map_shows(adata, tmp_path):
    """A projection made by the view, RNAs out of the map, and values that obs does not hold."""
    adata.obsm["X_part"] = np.where(np.arange(60)[:, None] < 9, adata.obsm["X_umap"], np.nan)
    view = EmbeddingMap(adata, basis="X_mini", color="GC")
    assert "PCA of mini 1" in view.savefig(tmp_path / "pca.svg").read_text(encoding="utf-8")
    view.basis, view.color = "X_part", "family"
    assert "<path" in view.savefig(tmp_path / "part.svg").read_text(encoding="utf-8")
    assert plt.get_fignums() == []
