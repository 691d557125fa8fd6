"""Palettes, groups, sizes and opacity: the same on paper and on the screen, or the same error."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

import rnaexplore as rx
from rnaexplore._figure_data.palettes import PALETTES, RAMP_NAMES, category_palette
from rnaexplore.errors import InputError


@pytest.mark.parametrize("name", PALETTES)
def test_palettes_are_those_of_their_names(name):
    import matplotlib as mpl

    colors = PALETTES[name]
    if name == "okabe-ito":
        return
    cmap = mpl.colormaps[name]
    at = np.linspace(0, 1, len(colors)) if name in RAMP_NAMES else np.arange(len(colors))
    assert [to_hex(cmap(k)) for k in at] == list(colors)


def test_few_colors_come_again_and_ramps_are_sampled():
    assert category_palette(["red", "#00ff00"], 3) == ["#ff0000", "#00ff00", "#ff0000"]
    assert category_palette("Set2", 9)[8] == PALETTES["Set2"][0]
    shades = category_palette("viridis", 300)
    assert len(set(shades)) > 200
    assert category_palette("viridis", 1) == [PALETTES["viridis"][5]]


def colors_of(ax):
    (points,) = ax.collections
    return points.get_facecolors()


@pytest.mark.parametrize("palette", ["tab10", "magma", ["#123456", "#abcdef"]])
def test_a_palette_reaches_both_faces(adata, palette):
    names = sorted(set(adata.obs["family"].astype(str)))
    wanted = category_palette(palette, len(names))
    figure = rx.px.umap(adata, color="family", palette=palette)
    found = {trace.name.rpartition(" (")[0]: trace.marker.color for trace in figure.data}
    assert found == dict(zip(names, wanted, strict=True))
    ax = rx.pl.umap(adata, color="family", palette=palette, legend="none")
    assert {to_hex(c) for c in colors_of(ax)} == set(wanted)
    scale = rx.px.umap(adata, color="length", palette=palette).data[0].marker.colorscale
    ends = PALETTES[palette] if isinstance(palette, str) else palette
    assert (scale[0][1], scale[-1][1]) == (ends[0], ends[-1])
    numbers = rx.pl.umap(adata, color="length", palette=palette).collections[0]
    assert [to_hex(numbers.cmap(v)) for v in (0.0, 1.0)] == [ends[0], ends[-1]]


def test_groups_alone_have_colors_and_names(adata):
    family = str(adata.obs["family"].iloc[0])
    figure = rx.px.umap(adata, color="family", groups=[family])
    rest, named = figure.data
    assert named.name.startswith(f"{family} (")
    assert {color for _, color in rest.marker.colorscale} == {"#C9CDD2"}
    ax = rx.pl.umap(adata, color="family", groups=[family])
    pale, strong = ax.collections[:2]
    assert {to_hex(c) for c in pale.get_facecolors()} == {"#c9cdd2"}
    assert len(strong.get_offsets()) == int((adata.obs["family"] == family).sum())


def test_size_opacity_and_title_reach_both_faces(adata):
    figure = rx.px.umap(adata, size=6, alpha=0.3, title="Map")
    assert (figure.data[0].marker.size, figure.data[0].marker.opacity) == (6, 0.3)
    assert figure.layout.title.text == "Map"
    ax = rx.pl.umap(adata, size=6, alpha=0.3, title="Map")
    assert (ax.collections[0].get_sizes()[0], ax.collections[0].get_alpha()) == (36, 0.3)
    assert ax.get_title() == "Map"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"palette": "tab11"}, "no palette 'tab11'.*tab10"),
        ({"palette": ["red"]}, "at least two colors"),
        ({"palette": ["red", "raspberry"]}, "'raspberry', which is no color"),
        ({"groups": ["RF9"], "color": "family"}, "groups has 'RF9', which is no category"),
        ({"size": 0}, "size must be above 0, got 0"),
        ({"alpha": 2}, "alpha must be above 0 and at most 1, got 2"),
    ],
)
def test_what_cannot_be_drawn_is_the_same_error(adata, wrong, told):
    for room in (rx.pl, rx.px):
        with pytest.raises(InputError, match=told):
            room.umap(adata, **wrong)
