"""Every figure as files: not blank, text that is text, points as pixels, all within the page."""

from __future__ import annotations

import inspect
import re
import zlib
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.text import Text

import rnaexplore as rx

BLANK = 0.995  #: share of white pixels above which a page counts as empty


def draw(name, request, ax=None):
    """Return the axes of one figure, drawn on given axes or on axes of its own."""
    get = request.getfixturevalue
    return {
        "umap by family": lambda: rx.pl.umap(get("adata"), color="family", ax=ax),
        "umap with names": lambda: rx.pl.umap(get("adata"), color="family", legend="map", ax=ax),
        "umap by length": lambda: rx.pl.umap(get("adata"), color="length", ax=ax),
        "umap of 500 families": lambda: rx.pl.umap(get("many"), color="family", ax=ax),
        "attention": lambda: rx.pl.attention(get("maps"), layer=2, head=3, ax=ax),
        "head grid": lambda: rx.pl.head_grid(get("maps"), ax=ax),
        "contacts": lambda: rx.pl.contacts(get("contact_map"), ax=ax),
        "contacts beside a reference": lambda: rx.pl.contacts(
            get("contact_map"), reference=get("cloverleaf"), predicted=get("partly"), ax=ax
        ),
        "arcs": lambda: rx.pl.arcs(get("cloverleaf"), ax=ax),
        "arcs beside a reference": lambda: rx.pl.arcs(
            get("partly"), reference=get("cloverleaf"), ax=ax
        ),
        "pairs as arcs": lambda: rx.pl.pair_arcs(
            get("cloverleaf").sequence, get("partly").pairs, reference=get("cloverleaf"), ax=ax
        ),
        "attention beside a reference": lambda: rx.pl.attention(
            get("maps"), layer=2, head=3, reference=get("cloverleaf"), threshold=0.1, ax=ax
        ),
        "ranked heads": lambda: rx.pl.head_grid(
            get("maps"), ranked=[(2, 3, 0.9), (0, 1, 0.1)], marked=(2, 3), ax=ax
        ),
        "structure": lambda: rx.pl.structure(get("cloverleaf"), ax=ax),
        "structure by value": lambda: rx.pl.structure(
            get("cloverleaf"), color=np.arange(76.0), ax=ax
        ),
        "metrics": lambda: rx.pl.metrics(get("scores"), ax=ax),
    }[name]()


FIGURES = (
    "umap by family", "umap with names", "umap by length", "umap of 500 families", "attention",
    "head grid", "contacts", "contacts beside a reference", "arcs", "arcs beside a reference",
    "structure", "structure by value", "metrics", "pairs as arcs", "attention beside a reference",
    "ranked heads",
)  # fmt: skip


@pytest.fixture(params=FIGURES)
def axes(request):
    with rx.pl.style("nature", width="single"):
        yield draw(request.param, request)


def written(axes, kind):
    buffer = BytesIO()
    axes.get_figure(root=True).savefig(buffer, format=kind)
    return buffer.getvalue()


def visible_texts(figure):
    figure.canvas.draw()
    return [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]


def shown_texts(figure):
    """Return the texts on the page; tick labels beyond the limits of their axis are not drawn."""
    drawn = []
    for text in visible_texts(figure):
        axis_ticks = [
            (axis, tick)
            for ax in figure.findobj(plt.Axes)
            for axis in (ax.xaxis, ax.yaxis)
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
            if text in (tick.label1, tick.label2)
        ]
        if all(_is_within(axis, tick) for axis, tick in axis_ticks):
            drawn.append(text)
    return drawn


def _is_within(axis, tick):
    low, high = sorted(axis.get_view_interval())
    slack = 1e-6 * (high - low)
    return axis.axes.axison and low - slack <= tick.get_loc() <= high + slack


def test_png_is_not_blank(axes):
    picture = plt.imread(BytesIO(written(axes, "png")), format="png")[..., :3]
    assert picture.shape[1] == pytest.approx(89 / 25.4 * 450, abs=1)
    assert (picture > 0.99).all(-1).mean() < BLANK
    assert picture.std() > 0.01


def test_svg_keeps_text_as_text(axes):
    svg = written(axes, "svg").decode()
    kept = set(re.findall(r"<text[^>]*>([^<]*)</text>", svg))
    missing = {t.get_text() for t in shown_texts(axes.get_figure(root=True))} - kept
    assert not {m for m in missing if "\n" not in m and "&" not in m}
    assert kept


def test_pdf_embeds_fonts_as_truetype(axes):
    pdf = written(axes, "pdf")
    assert pdf.startswith(b"%PDF")
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    assert b"/Subtype /Type0" in pdf or b"/CIDFontType2" in pdf
    drawn = b"".join(
        zlib.decompress(part)
        for part in re.findall(rb"/FlateDecode.*?stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)[
            :1
        ]
    )
    assert b"BT" in drawn, "no text operator on the page"


def test_text_stays_on_the_page(axes):
    figure = axes.get_figure(root=True)
    page = figure.bbox
    for text in shown_texts(figure):
        box = text.get_window_extent()
        inside = box.x0 >= page.x0 - 1 and box.x1 <= page.x1 + 1
        inside = inside and box.y0 >= page.y0 - 1 and box.y1 <= page.y1 + 1
        assert inside, f"{text.get_text()!r} is cut off: {box} beyond {page}"


def test_legend_and_title_do_not_lie_on_the_data_or_each_other(axes):
    figure = axes.get_figure(root=True)
    figure.canvas.draw()
    outside = [a for a in axes.get_children() if type(a).__name__ == "Legend"]
    boxes = [legend.get_window_extent() for legend in outside]
    inner = axes.get_window_extent()
    if axes.get_title():
        boxes.append(axes.title.get_window_extent())
    boxes += [child.get_tightbbox() for child in axes.child_axes]
    for box in boxes:
        assert _overlap(box, inner) < 2.0, "covers the data"
    for k, box in enumerate(boxes):
        for other in boxes[k + 1 :]:
            assert _overlap(box, other) < 2.0, "two of legends, title and colour bar overlap"


def _overlap(a, b):
    """Return the shorter side, in pixels, of what two boxes share."""
    width, height = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
    return max(0.0, min(width, height))


def test_tick_labels_do_not_overlap(axes):
    axes.get_figure(root=True).canvas.draw()
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        boxes = [
            tick.label1.get_window_extent()
            for tick in axis.get_major_ticks()
            if axes.axison and tick.label1.get_text() and low <= tick.get_loc() <= high
        ]
        for box, following in pairwise(boxes):
            assert _overlap(box, following) < 1.0


def test_only_points_are_pixels(adata, cloverleaf):
    with rx.pl.style():
        points = written(rx.pl.umap(adata, color="family"), "svg")
        lines = written(rx.pl.arcs(cloverleaf), "svg")
    assert points.count(b"<image") == 1
    assert b"<image" not in lines
    assert rx.pl.umap(adata, color="family").collections[0].get_rasterized()


@pytest.mark.parametrize("name", FIGURES)
def test_draws_on_the_axes_given_and_nowhere_else(name, request):
    figure, (left, right) = plt.subplots(1, 2, layout="constrained")
    before = right.get_children()
    assert draw(name, request, left) is left
    assert plt.get_fignums() == [figure.number]
    assert right.get_children() == before
    assert left.has_data() or left.collections


def test_every_function_takes_ax_by_keyword_alone():
    for name in set(rx.pl.__all__) - {"palette", "panels", "style"}:
        ax = inspect.signature(getattr(rx.pl, name)).parameters["ax"]
        assert ax.kind is ax.KEYWORD_ONLY
        assert ax.default is None
