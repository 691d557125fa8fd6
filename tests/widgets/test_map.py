"""Coordinates and colours as they travel to the browser."""

import numpy as np
import pytest
from ipywidgets.widgets.widget import _remove_buffers
from traitlets import TraitError

from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.widgets import EmbeddingMap, explore
from rnaexplore.widgets.columns import MISSING


def floats(data):
    return np.frombuffer(data, dtype="<f4")


def test_positions_are_those_of_the_basis(adata):
    view = EmbeddingMap(adata)
    assert view.basis == "X_umap"
    np.testing.assert_array_equal(floats(view._positions).reshape(-1, 2), adata.obsm["X_umap"])
    view.basis = "X_other"
    expected = adata.obsm["X_other"].astype(np.float32)
    np.testing.assert_array_equal(floats(view._positions).reshape(-1, 2), expected)
    assert view._bases == ["X_umap", "X_other"]


def test_categories(adata):
    adata.obs.loc["rna5", "family"] = np.nan
    view = EmbeddingMap(adata, color="family")
    codes = np.frombuffer(view._colour["data"], dtype="<u2")
    labels = view._colour["labels"]
    assert codes[5] == MISSING
    assert [labels[c] for c in codes[:3]] == adata.obs["family"].tolist()[:3]
    assert len(set(view._colour["colours"])) == 3


def test_kept_colours_are_used(adata):
    adata.uns["family_colors"] = ["red", "#00ff00", "#0000ff"]
    assert EmbeddingMap(adata, color="family")._colour["colours"] == [
        "#ff0000", "#00ff00", "#0000ff",
    ]  # fmt: skip


def test_numbers(adata):
    view = EmbeddingMap(adata, color="score")
    assert view._colour["kind"] == "number"
    np.testing.assert_allclose(floats(view._colour["data"]), adata.obs["score"].astype("f4"))


def test_every_one_of_500_categories_has_its_own_colour(large):
    large.obs["many"] = [f"family{i % 500}" for i in range(large.n_obs)]
    view = EmbeddingMap(large, color="many")
    assert len(set(view._colour["colours"])) == 500


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"basis": "X_umpa"}, MissingKeyError, "X_umap"),
        ({"basis": "X_mini"}, InputError, "two columns"),
        ({"color": "familly"}, MissingKeyError, "family"),
    ],
)
def test_wrong_keys(adata, options, error, told):
    with pytest.raises(error, match=told):
        EmbeddingMap(adata, **options)
    view = EmbeddingMap(adata)
    name, value = next(iter(options.items()))
    before = getattr(view, name)
    with pytest.raises(TraitError, match=told):
        setattr(view, name, value)
    assert getattr(view, name) == before


def test_coordinates_must_be_finite(adata):
    adata.obsm["X_umap"][3, 1] = np.nan
    with pytest.raises(InputError, match="NaN"):
        EmbeddingMap(adata, basis="X_umap")


def test_without_any_map_the_view_says_what_to_call(adata):
    for key in ("X_umap", "X_other"):
        del adata.obsm[key]
    view = explore(adata)
    assert view.basis is None
    assert "X_mini" in view._map_message
    assert "rx.tl.umap" in view._map_message


def test_payload_of_100_000_points(large):
    view = EmbeddingMap(large, color="family")
    assert len(view._positions) + len(view._colour["data"]) <= 1_300_000
    state, _, buffers = _remove_buffers(view.get_state())
    assert sum(len(b) for b in buffers) < 3_000_000
    assert "rna99999" not in str(state)


def test_repr_is_short(large):
    view = explore(large)
    assert repr(view) == (
        "<Explorer 100,000 RNAs, X_umap coloured by family, 0 selected, model None>"
    )
    assert repr(EmbeddingMap(large)).startswith("<EmbeddingMap 100,000 RNAs")
