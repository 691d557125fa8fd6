"""Maps of RNAs: positions, groups, scales, hovering, and what a figure weighs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError

LARGEST = 2_500_000  #: bytes of 100,000 points


@pytest.mark.parametrize("color", [None, "family", "length"])
def test_customdata_is_the_position_of_each_rna_across_traces(adata, color):
    before = adata.copy()
    figure = rx.px.umap(adata, color=color, top=3)
    positions = np.concatenate([trace.customdata for trace in figure.data])
    assert sorted(positions) == list(range(adata.n_obs))
    for trace in figure.data:
        place = np.column_stack([trace.x, trace.y])
        np.testing.assert_array_equal(place, adata.obsm["X_umap"][trace.customdata])
        assert trace.type == "scattergl"
    pd.testing.assert_frame_equal(adata.obs, before.obs)
    assert dict(adata.uns) == {}


def test_three_dimensions_are_drawn_where_there_are_three(adata):
    adata.obsm["X_3"] = np.random.default_rng(0).normal(size=(adata.n_obs, 3)).astype(np.float32)
    figure = rx.px.embedding(adata, "X_3", color="family")
    assert {trace.type for trace in figure.data} == {"scatter3d"}
    for trace in figure.data:
        place = np.column_stack([trace.x, trace.y, trace.z])
        np.testing.assert_array_equal(place, adata.obsm["X_3"][trace.customdata])
    flat = rx.px.embedding(adata, "X_3", dimensions=2)
    assert {trace.type for trace in flat.data} == {"scattergl"}


def test_hundreds_of_families_are_a_few_traces_by_group_with_counts(many):
    many.obs["type"] = [f"type {int(name[2:]) % 4}" for name in many.obs["family"]]
    figure = rx.px.umap(many, color="family", group="type", top=12)
    assert len(figure.data) == 12 + 4
    titles = {trace.legendgrouptitle.text for trace in figure.data}
    counts = many.obs["type"].value_counts()
    assert titles == {f"{name} ({n:,})" for name, n in counts.items()}
    told = sum(int(t.name.rpartition("(")[2].strip(")").replace(",", "")) for t in figure.data)
    assert told == many.n_obs
    rest = [trace for trace in figure.data if "others" in trace.name]
    for trace in rest:
        families = many.obs["family"].iloc[trace.customdata]
        color = pd.Series(np.asarray(trace.marker.color, dtype=int), index=families.index)
        assert (color.groupby(families, observed=True).nunique() == 1).all()
        assert color.nunique() == families.nunique()
        assert trace.marker.color.dtype.itemsize == 1


def test_colors_of_uns_may_be_names(adata):
    adata.uns["family_colors"] = ["red", "tab:blue", *(f"#0000{k:02x}" for k in range(0x10, 0x16))]
    colors = {t.marker.color for t in rx.px.umap(adata, color="family").data}
    assert {"#ff0000", "#1f77b4"} < colors


def test_numbers_have_a_scale_over_their_range_and_missing_ones_are_grey(adata):
    adata.obs["gc"] = np.linspace(0, 1, adata.n_obs)
    adata.obs.loc[adata.obs_names[:50], "gc"] = np.nan
    missing, known = rx.px.umap(adata, color="gc").data
    assert missing.name == "no value (50)"
    assert (known.marker.cmin, known.marker.cmax) == (adata.obs["gc"].min(), 1)
    assert known.marker.colorbar.title.text == "gc"


def test_categories_without_a_value_are_grey_and_said_so(adata):
    adata.obs.loc[adata.obs_names[:50], "family"] = np.nan
    figure = rx.px.umap(adata, color="family")
    (missing,) = [t for t in figure.data if t.name == "no value (50)"]
    assert sorted(missing.customdata) == list(range(50))


def test_hovering_tells_name_family_length_and_a_piece_of_the_sequence(adata):
    adata.obs["sequence"] = "ACGU" * 20
    trace = rx.px.umap(adata, color="family").data[0]
    position = trace.customdata[0]
    family, length = adata.obs[["family", "length"]].iloc[position]
    assert trace.text[0] == adata.obs_names[position]
    assert trace.hovertext[0] == f"{family}<br>{length} nt<br>{'ACGU' * 6}…"
    assert trace.hovertemplate == "<b>%{text}</b><br>%{hovertext}<extra></extra>"


def test_hovering_tells_the_columns_asked_for(adata):
    adata.obs["gc"] = 0.25
    adata.obs["kept"] = True
    trace = rx.px.umap(adata, color="family", hover=["gc", "kept"]).data[0]
    assert trace.hovertext[0] == "gc 0.25<br>kept True"
    name = trace.name.rpartition(" (")[0]
    assert trace.hovertemplate == f"<b>%{{text}}</b><br>{name}<br>%{{hovertext}}<extra></extra>"
    with pytest.raises(MissingKeyError, match="no column 'GC'"):
        rx.px.umap(adata, hover=["GC"])


def test_a_hundred_thousand_points_stay_below_the_limit(make_families):
    large = make_families(500, 100_000)
    large.obs["sequence"] = "ACGU" * 30
    figure = rx.px.umap(large, color="family")
    assert len(figure.to_json()) <= LARGEST
    large.obs_names = [f"URS{k:015d}_9606" for k in range(large.n_obs)]
    long_names = rx.px.umap(large, color="family")
    assert len(long_names.to_json()) <= LARGEST
    assert long_names.data[-1].text is None
    assert long_names.data[-1].hovertemplate.startswith(
        "<b>RNA at position %{customdata}</b><br>RF"
    )


def test_sizes_and_shapes_stand_for_columns(adata):
    adata.obs["type"] = ["long" if n > 200 else "short" for n in adata.obs["length"]]
    figure = rx.px.umap(adata, size="length", symbol="type")
    cloud, *legend = figure.data
    order = np.argsort(adata.obs["length"].to_numpy(), kind="stable")
    assert (np.diff(cloud.marker.size[order]) >= 0).all()
    assert (cloud.marker.size.min(), cloud.marker.size.max()) == (3, 15)
    assert [(t.name, t.marker.symbol) for t in legend] == [("long", "circle"), ("short", "square")]
    shapes = np.asarray(cloud.marker.symbol) == "square"
    np.testing.assert_array_equal(shapes, adata.obs["type"] == "short")
    assert rx.px.umap(adata, size=4).data[0].marker.size == 4


def test_what_cannot_be_drawn_is_an_error_that_says_what_can(adata):
    with pytest.raises(InputError, match="dimensions must be 2 or 3, got 4"):
        rx.px.umap(adata, dimensions=4)
    with pytest.raises(InputError, match="has 2 columns; a map needs three"):
        rx.px.umap(adata, dimensions=3)
    with pytest.raises(InputError, match="size must be a column of numbers"):
        rx.px.umap(adata, size="family")
    with pytest.raises(InputError, match="size must be above 0, got -1"):
        rx.px.umap(adata, size=-1)
    adata.obs["own"] = adata.obs_names
    with pytest.raises(InputError, match="400 categories, but there are 8 shapes in 2 dim"):
        rx.px.umap(adata, symbol="own")


def test_more_rnas_than_a_browser_can_show_are_an_error(adata, monkeypatch):
    monkeypatch.setattr("rnaexplore.px._embedding._MOST_POINTS", 100)
    with pytest.raises(InputError, match="at most 100 RNAs, got 400; draw a part"):
        rx.px.umap(adata)
