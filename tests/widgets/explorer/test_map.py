"""Coordinates and colours as they travel to the browser."""

import anndata
import numpy as np
import pandas as pd
import pytest
from ipywidgets.widgets.widget import _remove_buffers
from traitlets import TraitError

from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.widgets import EmbeddingMap, explore
from rnaexplore.widgets.core.columns import MISSING
from rnaexplore.widgets.explorer.derived import gc_content
from rnaexplore.widgets.explorer.points import ABSENT, TOP


def floats(data):
    return np.frombuffer(data, dtype="<f4")


def unpacked(shown):
    """Coordinates as a view reads them."""
    levels = np.frombuffer(shown["data"], dtype="<u2").reshape(-1, 2).astype(float)
    levels[levels == ABSENT] = np.nan
    left, right, bottom, top = shown["box"]
    return [left, bottom] + levels / TOP * [right - left, top - bottom]


def test_positions_are_those_of_the_basis(adata):
    view = EmbeddingMap(adata)
    assert view.basis == "X_umap"
    step = np.ptp(adata.obsm["X_umap"], axis=0).max() / TOP
    np.testing.assert_allclose(unpacked(view._map), adata.obsm["X_umap"], atol=step, rtol=0)
    view.basis = "X_other"
    np.testing.assert_allclose(unpacked(view._map), adata.obsm["X_other"], atol=step, rtol=0)
    assert view._bases == ["X_umap", "X_other", "X_mini"]


def test_two_maps_beside_each_other(adata):
    view = explore(adata, beside="X_other")
    np.testing.assert_allclose(unpacked(view._map), adata.obsm["X_umap"], atol=1e-3)
    np.testing.assert_allclose(unpacked(view._map_beside), adata.obsm["X_other"], atol=1e-3)
    view.beside = None
    assert view._map_beside == {}
    with pytest.raises(TraitError, match="X_umap"):
        view.beside = "X_umpa"


def test_of_an_embedding_the_principal_components_are_shown(adata):
    view = EmbeddingMap(adata, basis="X_mini")
    centred = adata.obsm["X_mini"] - adata.obsm["X_mini"].mean(0)
    left, spread, _ = np.linalg.svd(centred, full_matrices=False)
    expected = np.abs(left[:, :2] * spread[:2])
    np.testing.assert_allclose(np.abs(unpacked(view._map)), expected, atol=1e-3)
    assert view._map["label"] == "PCA of mini"


def test_of_principal_components_the_first_two_are_shown(adata):
    adata.obsm["X_pca"] = adata.obsm["X_mini"]
    shown = unpacked(EmbeddingMap(adata, basis="X_pca")._map)
    np.testing.assert_allclose(shown, adata.obsm["X_mini"][:, :2], atol=1e-3)


def test_rnas_that_a_map_does_not_hold(adata):
    adata.obsm["X_part"] = np.where(np.arange(60)[:, None] < 9, adata.obsm["X_umap"], np.nan)
    shown = EmbeddingMap(adata, basis="X_part")._map
    assert shown["held"] == 9
    assert np.isnan(unpacked(shown)).all(1).tolist() == [False] * 9 + [True] * 51
    adata.obsm["X_part"][:] = np.nan
    with pytest.raises(InputError, match="places no RNA"):
        EmbeddingMap(adata, basis="X_part")


def test_categories(adata):
    adata.obs.loc["rna5", "family"] = np.nan
    view = EmbeddingMap(adata, color="family")
    codes = np.frombuffer(view._colour["data"], dtype=np.uint8)
    labels = view._colour["labels"]
    assert codes[5] == 255
    assert [labels[c] for c in codes[:3]] == adata.obs["family"].tolist()[:3]
    assert len(set(view._colour["colours"])) == 3


def many_families(adata, n):
    obs = adata.obs.iloc[np.arange(n * 3) % 60].reset_index(drop=True)
    obs.index = [f"rna{i}" for i in range(n * 3)]
    number = np.arange(n * 3) % n
    obs["family"] = [f"RF{k:05d}" for k in number]
    obs["type"] = [["rRNA", "tRNA", "miRNA"][k % 3] for k in number]
    return anndata.AnnData(obs=obs, obsm={"X_umap": np.random.default_rng(0).random((n * 3, 2))})


def test_hundreds_of_families_get_the_hues_of_their_types(adata):
    view = EmbeddingMap(many_families(adata, 600), color="family")
    colour = view._colour
    assert colour["grouping"] == "type"
    codes = np.frombuffer(colour["data"], dtype="<u2")
    assert colour["bytes"] == 2
    assert codes.max() == 599 < MISSING
    assert len(set(colour["colours"])) == 600
    by_label = dict(zip(colour["labels"], colour["groups"], strict=True))
    assert by_label["RF00001"] == "tRNA"


def test_a_column_that_divides_families_does_not_group_them(adata):
    many = many_families(adata, 90)
    many.obs["type"] = [["rRNA", "tRNA"][k % 2] for k in range(270)]
    many.obs.iloc[0, many.obs.columns.get_loc("type")] = "miRNA"
    assert EmbeddingMap(many, color="family")._colour["grouping"] == ""


def test_values_can_be_given(adata):
    view = explore(adata)
    assert "GC" in view._colourings
    view.color = "GC"
    gc = [sum(c in "GC" for c in s) / len(s) for s in adata.obs["sequence"]]
    np.testing.assert_allclose(floats(view._colour["data"]), gc, rtol=1e-6)
    view.add_values("rank", pd.Series(range(60), index=adata.obs_names[::-1]))
    view.color = "rank"
    assert floats(view._colour["data"])[:2].tolist() == [59, 58]
    assert "rank" in [column["name"] for column in view._table]
    assert list(adata.obs) == ["sequence", "structure", "family", "length", "score"]
    with pytest.raises(InputError, match="60 RNAs"):
        view.add_values("short", [1, 2])
    with pytest.raises(InputError, match="family"):
        view.add_values("family", np.zeros(60))


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
        ({"basis": "X_thin"}, InputError, "two columns"),
        ({"color": "familly"}, MissingKeyError, "family"),
    ],
)
def test_wrong_keys(adata, options, error, told):
    adata.obsm["X_thin"] = np.ones((60, 1))
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
    for key in ("X_umap", "X_other", "X_mini"):
        del adata.obsm[key]
    view = explore(adata)
    assert view.basis is None
    assert "obsm is empty" in view._map_message
    assert "rx.tl.umap" in view._map_message


def test_payload_of_100_000_points(large):
    view = EmbeddingMap(large, color="family")
    assert len(view._map["data"]) + len(view._colour["data"]) == 500_000
    state, _, buffers = _remove_buffers(view.get_state())
    assert sum(len(b) for b in buffers) < 2_000_000
    assert "rna99999" not in str(state)


def test_repr_is_short(large):
    view = explore(large)
    assert repr(view) == (
        "<Explorer 100,000 RNAs, X_umap coloured by family, 0 selected, model None>"
    )
    assert repr(EmbeddingMap(large)).startswith("<EmbeddingMap 100,000 RNAs")


def test_gc_is_the_share_of_the_known_letters():
    found = gc_content(["GCAU", "gcat", "GGNN", "NN", "", "AUU"])
    np.testing.assert_array_equal(found, np.float32([0.5, 0.5, 1, np.nan, np.nan, 0]))


def test_empty_columns_are_left_out(adata):
    adata.obs["description"] = ""
    adata.obs["gone"] = pd.Series([None] * 60, index=adata.obs_names, dtype=object)
    assert not {"description", "gone"} & set(explore(adata)._colourings)
