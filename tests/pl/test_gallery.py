"""The gallery draws every function of `rnaexplore.pl`; each figure is fit to be printed.

Its cells run once for the module. Every figure is written as PDF, SVG and PNG at the end of its
``with rx.pl.style(…)``, as a user would, and then looked at.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import combinations
from pathlib import Path

import jupytext
import matplotlib as mpl
import nbformat
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text
from pypdf import PdfReader

import rnaexplore as rx

SOURCE = Path(__file__).parents[2] / "notebooks" / "gallery.py"
CELLS = [c.source for c in jupytext.read(SOURCE).cells if c.cell_type == "code"]
DRAWING = [c for c in CELLS if "rx.pl.style(" in c]
NAMES = [
    ",".join(dict.fromkeys(n for n in re.findall(r"rx\.pl\.(\w+)\(", cell) if n != "style"))
    for cell in DRAWING
]
HELPERS = {"palette", "panels", "style"}
SLACK = 1.5  #: pixels of overlap that rounding may leave, at 150 dots an inch


@dataclass
class Drawn:
    """A figure, its files, and what is seen of it: texts with their boxes, axes, legends."""

    figure: Figure
    files: dict[str, bytes] = field(default_factory=dict)
    texts: list[tuple[str, object, object]] = field(default_factory=list)


def look_at(figure):
    """Write a figure and note where its texts are, while the style holds."""
    drawn = Drawn(figure)
    for kind in ("pdf", "svg", "png"):
        buffer = BytesIO()
        figure.savefig(buffer, format=kind, dpi=150)
        drawn.files[kind] = buffer.getvalue()
    drawn.texts = shown_texts(figure)
    return drawn


def shown_texts(figure):
    """Return the texts on the page; tick labels beyond the limits of their axis are not there."""
    figure.canvas.draw()
    hidden = set()
    for ax in figure.findobj(plt.Axes):
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            slack = 1e-6 * (high - low)
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not (ax.axison and low - slack <= tick.get_loc() <= high + slack):
                    hidden |= {id(tick.label1), id(tick.label2)}
            if not ax.axison:
                hidden |= {id(axis.label), id(axis.offsetText)}
    return [
        (t.get_text(), t.get_window_extent(), t)
        for t in figure.findobj(Text)
        if id(t) not in hidden and t.get_visible() and t.get_text().strip()
    ]


@pytest.fixture(scope="module")
def gallery():
    """Return the figure of each drawing cell."""
    plt.switch_backend("agg")
    style, figures = rx.pl.style, []

    @contextmanager
    def watched(*args, **kwargs):
        with style(*args, **kwargs):
            yield
            assert len(plt.get_fignums()) == 1, "a block of the gallery draws one figure"
            figures.append(look_at(plt.gcf()))
            plt.close("all")

    names = {}
    with pytest.MonkeyPatch.context() as patch, mpl.rc_context():
        patch.setattr(rx.pl, "style", watched)
        for cell in CELLS:
            exec(compile(re.sub(r"(?m)^%.*$", "", cell), str(SOURCE), "exec"), names)
    assert len(figures) == len(DRAWING)
    return figures


@pytest.fixture(params=range(len(DRAWING)), ids=NAMES)
def drawn(request, gallery):
    return gallery[request.param]


def test_notebook_and_source_are_in_step_without_output():
    notebook = nbformat.read(SOURCE.with_suffix(".ipynb"), as_version=4)
    written = jupytext.read(SOURCE)
    assert [(c.cell_type, c.source) for c in notebook.cells] == [
        (c.cell_type, c.source) for c in written.cells
    ], "run: jupytext --to ipynb notebooks/gallery.py"
    assert not [cell for cell in notebook.cells if cell.get("outputs")]


def test_every_function_has_a_figure():
    shown = {name for names in NAMES for name in names.split(",")}
    assert shown - HELPERS == set(rx.pl.__all__) - HELPERS


def test_every_view_has_its_three_faces():
    source = "\n".join(CELLS)
    for name in rx.px.__all__:
        assert f"rx.px.{name}(" in source, name
    for name in ("EmbeddingMap", "AttentionViewer", "ContactStudio", "MutationViewer"):
        assert f"rx.widgets.{name}(" in source, name
    assert "rx.explore(" in source


def test_no_file_is_blank(drawn):
    picture = plt.imread(BytesIO(drawn.files["png"]), format="png")[..., :3]
    ink = (picture < 0.99).any(-1)
    assert 0.005 < ink.mean() < 0.9
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    height, width = ink.shape
    assert np.ptp(rows) > 0.75 * height, "much of the height is empty"
    assert np.ptp(columns) > 0.4 * width, "much of the width is empty"
    assert len(drawn.files["pdf"]) > 4000
    svg = drawn.files["svg"]
    assert b"<image" in svg or svg.count(b"<path") + svg.count(b"<use") > 10


def test_fonts_are_embedded_as_truetype(drawn):
    pdf = drawn.files["pdf"]
    assert pdf.startswith(b"%PDF")
    assert b"/FontFile2" in pdf
    assert b"/CIDFontType2" in pdf, "type 42"
    assert b"/Type3" not in pdf
    (page,) = PdfReader(BytesIO(pdf)).pages
    operators = {operator for _, operator in page.get_contents().operations}
    assert {b"BT", b"Tf"} <= operators, "no text operator"


def test_text_is_text(drawn):
    svg = drawn.files["svg"].decode()
    kept = {unescaped(t) for t in re.findall(r"<text[^>]*>([^<]*)</text>", svg)}
    lines = {line for text, _, _ in drawn.texts for line in text.split("\n")}
    assert lines
    assert lines <= kept, f"drawn as outlines: {sorted(lines - kept)}"


def unescaped(text):
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def test_only_points_and_maps_are_pixels(drawn, request):
    name = NAMES[request.node.callspec.params["drawn"]]
    images = drawn.files["svg"].count(b"<image")
    vector = {"arcs", "pair_arcs", "metrics", "layers", "probe", "head_scores", "history"}
    vector |= {"reliability", "distribution", "fitness_metrics"}
    assert (images == 0) == (name in vector) or name == "structure"


def test_text_lies_on_the_page_and_can_be_read(drawn):
    page = drawn.figure.bbox
    for text, box, artist in drawn.texts:
        beyond = (page.x0 - box.x0, box.x1 - page.x1, page.y0 - box.y0, box.y1 - page.y1)
        assert max(beyond) <= 1, f"{text!r} is cut off"
        assert artist.get_fontsize() >= 2.6, f"{text!r} is too small"


def test_no_text_lies_on_another(drawn):
    for (one, first, a), (other, second, b) in combinations(drawn.texts, 2):
        if one == other and a.get_position() == b.get_position():
            continue  # a name and its halo
        shared = overlap(first, second)
        tiny = len(one) == len(other) == 1  # letters side by side: boxes are higher than letters
        assert shared < (3 if tiny else SLACK), f"{one!r} and {other!r} overlap by {shared:.1f}"


def test_nothing_lies_on_the_axes_of_another(drawn):
    top = [ax for ax in drawn.figure.findobj(plt.Axes) if not is_inset(ax)]
    boxes = [ax.get_tightbbox() for ax in top]
    for (one, first), (other, second) in combinations(zip(top, boxes, strict=True), 2):
        assert overlap(first, second) < SLACK, (one, other)
    for ax in top:
        inner = ax.get_window_extent()
        outside = [a for a in ax.get_children() if isinstance(a, Legend)] + list(ax.child_axes)
        for artist in outside:
            assert overlap(artist.get_window_extent(), inner) < SLACK, "covers the data"
        if ax.get_title():
            assert overlap(ax.title.get_window_extent(), inner) < SLACK


def is_inset(ax):
    return any(ax in other.child_axes for other in ax.figure.axes)


def overlap(a, b):
    """Return the shorter side, in pixels, of what two boxes share."""
    width, height = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
    return max(0.0, min(width, height))


@pytest.mark.parametrize("journal", ["cell", "ieee", "poster"])
@pytest.mark.parametrize("width", ["single", "double"])
def test_layout_holds_in_other_journals(journal, width, request):
    adata, scores, contact_map = map(request.getfixturevalue, ("adata", "scores", "contact_map"))
    with rx.pl.style(journal, width=width):
        for draw in (
            lambda: rx.pl.umap(adata, color="family"),
            lambda: rx.pl.metrics(scores),
            lambda: rx.pl.contacts(contact_map),
        ):
            ax = draw()
            found = Drawn(ax.figure, texts=shown_texts(ax.figure))
            test_text_lies_on_the_page_and_can_be_read(found)
            test_no_text_lies_on_another(found)
            test_nothing_lies_on_the_axes_of_another(found)
            plt.close("all")
