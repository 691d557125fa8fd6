"""Maps of RNAs: what is coloured, named and left alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import rgb_to_hsv, to_hex

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError


def drawn(ax):
    """Return positions and colours of all points."""
    points = [c for c in ax.collections if len(c.get_offsets())]
    xy = np.concatenate([np.asarray(c.get_offsets()) for c in points])
    colours = [np.broadcast_to(c.get_facecolors(), (len(c.get_offsets()), 4)) for c in points]
    return xy, np.concatenate(colours)


def in_order(xy):
    return xy[np.lexsort(xy.T)]


@pytest.mark.parametrize("color", [None, "family", "length"])
def test_every_rna_is_drawn_once_and_the_adata_stays(adata, color):
    before = adata.copy()
    xy, _ = drawn(rx.pl.umap(adata, color=color))
    np.testing.assert_allclose(in_order(xy), in_order(adata.obsm["X_umap"]))
    pd.testing.assert_frame_equal(adata.obs, before.obs)
    np.testing.assert_array_equal(adata.obsm["X_umap"], before.obsm["X_umap"])
    assert dict(adata.uns) == dict(before.uns) == {}


def test_a_family_has_one_colour_and_no_other_family_has_it(adata):
    ax = rx.pl.umap(adata, color="family")
    xy, colours = drawn(ax)
    family = {
        tuple(p): f for p, f in zip(adata.obsm["X_umap"].tolist(), adata.obs["family"], strict=True)
    }
    pairs = {
        (family[tuple(np.float32(p).tolist())], to_hex(c)) for p, c in zip(xy, colours, strict=True)
    }
    assert len(pairs) == len({c for _, c in pairs}) == adata.obs["family"].nunique()
    entries = ax.get_legend().get_texts()
    assert [t.get_text() for t in entries] == list(adata.obs["family"].cat.categories)


def test_colours_in_uns_are_used(adata):
    adata.uns["family_colors"] = [f"#0000{k:02x}" for k in range(0x10, 0x18)]
    _, colours = drawn(rx.pl.umap(adata, color="family"))
    assert {to_hex(c) for c in colours} == set(adata.uns["family_colors"])


def test_five_hundred_families_are_no_grey_mass(many):
    ax = rx.pl.umap(many, color="family", top=20)
    _, colours = drawn(ax)
    hue, saturation, _ = rgb_to_hsv(colours[:, :3]).T
    assert (saturation > 0.1).mean() > 0.95
    assert len(np.unique(np.floor(hue * 24))) == 24
    assert len({to_hex(c) for c in colours}) > 300
    entries = [t.get_text() for t in ax.get_legend().get_texts()]
    assert len(entries) == 21
    assert entries[-1] == "480 others (pale)"
    largest = many.obs["family"].value_counts().index[:20]
    assert set(entries[:-1]) == set(largest)


def test_the_largest_families_stand_out(many):
    ax = rx.pl.umap(many, color="family", top=5)
    pale, strong = [c for c in ax.collections if len(c.get_offsets())]
    assert len(strong.get_offsets()) == many.obs["family"].value_counts()[:5].sum()
    assert strong.get_facecolors()[0, 3] > pale.get_facecolors()[0, 3]
    assert strong.get_zorder() >= pale.get_zorder()


def test_names_on_the_map_do_not_overlap_and_stand_at_their_points(many):
    ax = rx.pl.umap(many, color="family", legend="map", top=40)
    ax.figure.canvas.draw()
    texts = [t for t in ax.texts if not t.get_path_effects()]
    boxes = [t.get_window_extent() for t in texts]
    assert len(texts) >= 5
    for k, a in enumerate(boxes):
        for b in boxes[k + 1 :]:
            assert min(a.x1, b.x1) - max(a.x0, b.x0) < 1 or min(a.y1, b.y1) - max(a.y0, b.y0) < 1
    for text in texts:
        own = many.obsm["X_umap"][(many.obs["family"] == text.get_text()).to_numpy()]
        place = text.get_position()
        ends = [line.get_xydata()[0] for line in ax.lines if tuple(line.get_xydata()[1]) == place]
        near = [np.linalg.norm(own - at, axis=1).min() for at in [place, *ends]]
        assert min(near) < (0.5 if ends else 4), "beside its points, or a line leads to them"


def test_a_name_stands_at_a_cluster_and_not_between_two(adata):
    left = (adata.obs["family"] == "RF00000").to_numpy()
    adata.obsm["X_umap"][left] = [-50, 0]
    adata.obsm["X_umap"][np.flatnonzero(left)[::3]] = [50, 0]
    ax = rx.pl.umap(adata, color="family", legend="map")
    (name,) = [t for t in ax.texts if t.get_text() == "RF00000" and not t.get_path_effects()]
    assert name.get_position()[0] == pytest.approx(-50, abs=12)


def test_rnas_without_a_value_are_grey_and_said_so(adata):
    adata.obs.loc[adata.obs_names[:50], "family"] = np.nan
    ax = rx.pl.umap(adata, color="family")
    xy, colours = drawn(ax)
    assert len(xy) == adata.n_obs
    assert sum(to_hex(c) == "#c9cdd2" for c in colours) == 50
    assert ax.get_legend().get_texts()[-1].get_text() == "no value"


def test_numbers_get_a_colour_bar_over_their_range(adata):
    ax = rx.pl.umap(adata, color="length")
    (bar,) = ax.child_axes
    assert bar.get_ylabel() == "length"
    assert bar.get_ylim() == (adata.obs["length"].min(), adata.obs["length"].max())


def test_one_unit_is_as_long_on_both_axes(adata):
    ax = rx.pl.umap(adata)
    ax.figure.canvas.draw()
    box = ax.get_window_extent()
    per_x, per_y = box.width / np.ptp(ax.get_xlim()), box.height / np.ptp(ax.get_ylim())
    assert per_x == pytest.approx(per_y, rel=1e-3)


def test_missing_keys_name_the_call_that_makes_them(adata):
    with pytest.raises(MissingKeyError, match=r"Did you mean 'family'"):
        rx.pl.umap(adata, color="familiy")
    with pytest.raises(MissingKeyError, match=r"rx\.tl\.umap\(adata"):
        rx.pl.umap(adata, basis="X_tsne")
    adata.obsm["X_line"] = np.zeros((adata.n_obs, 1))
    with pytest.raises(InputError, match="needs two"):
        rx.pl.embedding(adata, "X_line")
    for wrong in ({"top": -1}, {"legend": "left"}):
        with pytest.raises(InputError, match="must be"):
            rx.pl.umap(adata, color="family", **wrong)


def test_names_do_not_cover_the_points_they_name(some):
    ax = rx.pl.umap(some, color="family", legend="map")
    ax.figure.canvas.draw()
    to_data = ax.transData.inverted()
    for text in [t for t in ax.texts if not t.get_path_effects()]:
        box = text.get_window_extent().transformed(to_data)
        own = some.obsm["X_umap"][(some.obs["family"] == text.get_text()).to_numpy()]
        assert sum(box.contains(*place) for place in own) <= 0.1 * len(own) + 1


@pytest.fixture
def some():
    from tests.pl.conftest import families

    return families(20, 1500)


@pytest.mark.parametrize("width", ["single", "double"])
def test_a_legend_takes_at_most_a_quarter_of_the_figure(some, width):
    some.obs["family"] = [f"{name} with a long name" for name in some.obs["family"]]
    with rx.pl.style("nature", width=width):
        ax = rx.pl.umap(some, color="family")
        ax.figure.canvas.draw()
        legend = ax.get_legend()
        if legend is None:
            assert len(ax.texts) >= 20
            return
        box, page = legend.get_window_extent(), ax.figure.bbox
        assert box.width * box.height <= 0.3 * page.width * page.height
        assert box.x0 >= page.x0 - 1
        assert box.x1 <= page.x1 + 1
        assert ax.get_window_extent().height >= 0.45 * page.height


def test_the_key_of_all_others_has_their_colors(many):
    from matplotlib.colors import to_hex as hexed

    ax = rx.pl.umap(many, color="family", top=3)
    entry = ax.get_legend().legend_handles[-1]
    colors = {hexed(mark.get_color()) for mark in ax.get_legend().get_lines()[-3:]}
    assert entry is not None
    assert len(colors) == 3
    assert "#c9cdd2" not in colors
