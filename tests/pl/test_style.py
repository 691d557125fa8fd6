"""A style holds for its block, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

import rnaexplore as rx
from rnaexplore._figure_data import palette as _palette
from rnaexplore.errors import InputError

WIDTHS = {
    ("nature", "single"): 89, ("nature", "double"): 183, ("cell", "single"): 85,
    ("cell", "double"): 174, ("ieee", "single"): 88.9, ("ieee", "double"): 182,
}  # fmt: skip


@pytest.mark.parametrize(("journal", "width"), WIDTHS)
def test_figures_have_the_width_of_a_column(journal, width):
    with rx.pl.style(journal, width=width):
        figure = plt.figure()
    assert figure.get_figwidth() * 25.4 == pytest.approx(WIDTHS[journal, width])


@pytest.mark.parametrize("journal", ["nature", "cell", "ieee", "poster"])
def test_settings_are_restored(journal):
    before = dict(mpl.rcParams)
    with rx.pl.style(journal):
        assert mpl.rcParams["pdf.fonttype"] == 42
        assert mpl.rcParams["svg.fonttype"] == "none"
        assert dict(mpl.rcParams) != before
    assert dict(mpl.rcParams) == before


def test_settings_are_restored_after_an_error():
    before = dict(mpl.rcParams)
    with pytest.raises(ZeroDivisionError), rx.pl.style("cell"):
        1 / 0  # noqa: B018
    assert dict(mpl.rcParams) == before


def test_text_is_no_smaller_than_journals_print():
    for journal, smallest in (("nature", 5), ("cell", 6), ("ieee", 7), ("poster", 14)):
        with rx.pl.style(journal):
            ax = plt.subplots()[1]
            assert ax.xaxis.label.get_fontsize() >= smallest
            assert ax.get_xticklabels()[0].get_fontsize() >= smallest


def test_text_follows_the_style(adata):
    sizes = []
    for journal in ("nature", "poster"):
        with rx.pl.style(journal):
            legend = rx.pl.umap(adata, color="family").get_legend()
        sizes.append(legend.get_texts()[0].get_fontsize())
    assert sizes[1] > 2 * sizes[0]


@pytest.mark.parametrize(
    ("journal", "width", "message"),
    [("science", "single", "nature, cell"), ("cell", "triple", "single, double")],
)
def test_unknown_names_are_errors_that_list_the_known(journal, width, message):
    with pytest.raises(InputError, match=message), rx.pl.style(journal, width=width):
        pass


def test_importing_pl_imports_nothing_heavy():
    code = (
        "import sys; import rnaexplore.pl; "
        "heavy = {'torch', 'anndata', 'matplotlib', 'pandas', 'seaborn'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_panels_have_letters_in_reading_order():
    with rx.pl.style("nature", width="double"):
        figure, axes = rx.pl.panels("aab;ccc", height=100, height_ratios=[1, 2])
        figure.canvas.draw()
    assert list(axes) == ["a", "b", "c"]
    assert figure.get_figheight() * 25.4 == pytest.approx(100)
    boxes = {letter: ax.get_window_extent() for letter, ax in axes.items()}
    assert boxes["a"].x1 < boxes["b"].x0
    assert boxes["c"].y1 < boxes["a"].y0
    assert boxes["c"].height > 1.4 * boxes["a"].height
    letters = [part.get_suptitle() for part in figure.subfigs]
    assert letters == ["a", "b", "c"]


@pytest.mark.parametrize("mosaic", ["ab;c", "", "ab;ba"])
def test_a_mosaic_that_is_none_is_an_error(mosaic):
    with pytest.raises(InputError, match="must"):
        rx.pl.panels(mosaic)
    assert plt.get_fignums() == []


def test_colours_are_distinct_also_for_colour_blind_readers():
    for n in (1, 7, 8, 19, 20, 300):
        assert len(set(rx.pl.palette(n))) == n
    few = np.array([mpl.colors.to_rgb(c) for c in rx.pl.palette(7)])
    for matrix in (DEUTERANOPIA, PROTANOPIA):
        seen = np.clip(few @ matrix.T, 0, 1)
        gaps = np.linalg.norm(seen[:, None] - seen[None], axis=2)[np.triu_indices(7, 1)]
        assert gaps.min() > 0.1


def test_groups_get_a_hue_and_their_categories_shades_of_it():
    sizes = {"tRNA": 40, "miRNA": 150, "rRNA": 3}
    groups = [group for group, n in sizes.items() for _ in range(n)]
    names = [f"family {k}" for k in range(len(groups))]
    colours = _palette.grouped(names, groups)
    assert len(set(colours.values())) == len(names)
    first = [colours[names[groups.index(group)]] for group in sizes]
    assert first == rx.pl.palette(3)
    hues = {group: [] for group in sizes}
    for name, group in zip(names, groups, strict=True):
        hues[group].append(_palette._as_oklch(colours[name])[2])
    for group, hue in zip(sizes, first, strict=True):
        middle = _palette._as_oklch(hue)[2]
        off = [abs((h - middle + 0.5) % 1 - 0.5) for h in hues[group]]
        assert np.quantile(off, 0.9) < 0.12, group  # colours that sRGB lacks drift a little


def test_every_colour_survives_the_way_through_oklch():
    for colour in rx.pl.palette(19):
        back = _palette._oklch(*_palette._as_oklch(colour))
        gap = np.subtract(mpl.colors.to_rgb(back), mpl.colors.to_rgb(colour))
        assert np.abs(gap).max() <= 1.5 / 255


def test_large_categories_get_the_distinct_colours():
    counts = list(range(300))
    colours = _palette.category_colours([f"c{k}" for k in range(300)], counts)
    assert colours[:-20:-1] == rx.pl.palette(19)
    assert len(set(colours)) == 300


def test_colours_are_legible_on_white_and_on_dark_ground():
    for colour in rx.pl.palette(7):
        for ground in ("#FFFFFF", "#111111"):
            assert contrast(colour, ground) > 2.2, (colour, ground)
    for colour in rx.pl.palette(19):
        assert contrast(colour, "#111111") > 2.5, colour


def contrast(first, second):
    """Contrast ratio of WCAG 2: 1 to 21."""
    dark, light = sorted(luminance(mpl.colors.to_rgb(c)) for c in (first, second))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in colour]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("interactive", [True, False])
def test_a_notebook_that_becomes_interactive_inside_a_style_stays_so(interactive):
    was = mpl.is_interactive()
    try:
        mpl.interactive(not interactive)
        with rx.pl.style("nature"):
            mpl.interactive(interactive)  # what the first figure of a notebook does
        assert mpl.is_interactive() is interactive
    finally:
        mpl.interactive(was)


def test_a_negative_number_of_colours_is_an_error():
    with pytest.raises(InputError, match="n must be 0 or more, got -1"):
        rx.pl.palette(-1)


#: Machado, Oliveira & Fernandes 2009, severity 1.
PROTANOPIA = np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]])
DEUTERANOPIA = np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]])
