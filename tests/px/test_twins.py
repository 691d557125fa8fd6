"""The same values reach matplotlib and plotly: both faces of each figure are compared."""

from __future__ import annotations

from inspect import signature

import numpy as np
import pytest
from matplotlib.colors import to_hex

import rnaexplore as rx
from rnaexplore.errors import RnaExploreError

HELPERS = {"palette", "panels", "style"}  #: of `pl`: they draw no data
OF_PAPER = {"ax", "legend"}  #: parameters that make sense in `pl` alone
NAMES = sorted(set(rx.px.__all__))


def test_both_rooms_draw_the_same_things():
    assert set(rx.pl.__all__) - HELPERS == set(rx.px.__all__)


@pytest.mark.parametrize("name", NAMES)
def test_arguments_have_the_same_names_kinds_and_defaults(name):
    paper, screen = (signature(getattr(room, name)).parameters for room in (rx.pl, rx.px))
    for parameter in set(paper) - OF_PAPER:
        ours, theirs = screen[parameter], paper[parameter]
        assert (ours.kind, ours.default) == (theirs.kind, theirs.default), parameter


def rows(values):
    """Return rows in an order that does not depend on how they were drawn."""
    values = np.round(np.asarray(values, dtype=float), 5)
    return values[np.lexsort(values.T[::-1])]


def points(traces, mode="markers"):
    found = [np.column_stack([t.x, t.y]) for t in traces if t.mode == mode and t.x[0] is not None]
    return np.concatenate(found)


def image(ax, figure, heat=0):
    """Compare a heatmap: values and the ends of the scale."""
    shown = np.ma.filled(ax.images[0].get_array(), np.nan)
    np.testing.assert_allclose(figure.data[heat].z, shown, rtol=1e-6, equal_nan=True)
    low, high = ax.images[0].get_clim()
    assert (figure.data[heat].zmin, figure.data[heat].zmax) == pytest.approx((low, high))


def marked(ax):
    """Return marks of matplotlib without a line, from 1: x, y."""
    lines = [line for line in ax.lines if line.get_linestyle() == "None" and len(line.get_xdata())]
    return np.concatenate([line.get_xydata() for line in lines]) + 1


def segments(collections, shift=0.0):
    """Return the x of all arcs, one row an arc, with color and whether it is dashed."""
    found = []
    for collection in collections:
        for k, path in enumerate(collection.get_segments()):
            color = to_hex(collection.get_colors()[k % len(collection.get_colors())]).lower()
            found.append((*np.round(np.asarray(path)[:, 0] + shift, 3), color))
    return sorted(found)


def pieces(traces):
    """Return the x of all curves of plotly's lines with gaps."""
    found = []
    for trace in traces:
        x = np.asarray(trace.x, dtype=float)
        for part in np.split(x, np.flatnonzero(np.isnan(x))):
            known = part[~np.isnan(part)]
            if len(known):
                found.append((*np.round(known, 3), trace.line.color.lower()))
    return sorted(found)


def same_pieces(ours, theirs):
    assert [one[-1] for one in ours] == [one[-1] for one in theirs]
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one[:-1], other[:-1], atol=2e-3)


def arcs(ax, figure):
    curves = [t for t in figure.data if t.mode == "lines" and t.text is not None]
    same_pieces(pieces(curves), segments(ax.collections, 1.0))
    styles = []
    for drawn in ax.collections[:2]:
        dashes = [dash is not None for _, dash in drawn.get_linestyles()]
        styles += np.broadcast_to(dashes, len(drawn.get_segments())).tolist()
    dashed = [int(np.isnan(np.float64(t.x)).sum()) for t in curves if t.line.dash == "dash"]
    assert sum(dashed) == sum(styles)


def attention(ax, figure):
    image(ax, figure)
    np.testing.assert_array_equal(rows(points(figure.data[1:])), rows(marked(ax)))


def contacts(ax, figure):
    image(ax, figure)
    np.testing.assert_array_equal(rows(points(figure.data[1:])), rows(marked(ax)))
    entries = [t.get_text() for legend in ax.artists for t in legend.get_texts()]
    assert [t.name for t in figure.data[2:-1]] == entries
    assert figure.layout.title.text == ax.get_title().replace("\n", "<br>")


def embedding(ax, figure):
    (cloud,) = ax.collections
    (trace,) = figure.data
    np.testing.assert_allclose(np.column_stack([trace.x, trace.y]), cloud.get_offsets())
    np.testing.assert_allclose(trace.marker.color, cloud.get_array())
    assert (trace.marker.cmin, trace.marker.cmax) == cloud.get_clim()


def umap(ax, figure):
    drawn = {}
    for cloud in ax.collections:
        for place, color in zip(cloud.get_offsets(), cloud.get_facecolors(), strict=False):
            drawn[tuple(np.float32(place).tolist())] = (to_hex(color), round(color[3], 2))
    found = {}
    for trace in figure.data:
        for k, place in enumerate(zip(trace.x.tolist(), trace.y.tolist(), strict=True)):
            color = trace.marker.color
            if not isinstance(color, str):
                color = trace.marker.colorscale[2 * int(color[k])][1]
            found[place] = (color.lower(), trace.marker.opacity)
    assert found == drawn
    entries = [t.get_text() for t in ax.get_legend().get_texts()]
    ranked = sorted(figure.data, key=lambda t: t.legendrank)
    names = [t.name.rpartition(" (")[0] for t in ranked]
    assert names == [text.removesuffix(" (pale)") for text in entries]


def fitness(ax, figure):
    for trace, cloud in zip(figure.data, ax.collections, strict=True):
        np.testing.assert_array_equal(np.c_[trace.x, trace.y], cloud.get_offsets())
        assert trace.name == cloud.get_label()
        assert trace.marker.color.lower() == to_hex(cloud.get_facecolors()[0])
    assert figure.layout.title.text == ax.get_title()
    assert figure.layout.xaxis.title.text == ax.get_xlabel()


def fitness_metrics(ax, figure):
    for trace, container in zip(figure.data, ax.containers, strict=True):
        np.testing.assert_allclose(np.c_[trace.x, trace.y], container.lines[0].get_xydata())
        (bars,) = container.lines[2]
        ends = np.array([segment[:, 1] for segment in bars.get_segments()])
        drawn = np.c_[trace.y - trace.error_y.arrayminus, trace.y + trace.error_y.array]
        np.testing.assert_allclose(drawn, ends)
        assert trace.name == container.get_label()
    ticks = [t.get_text().replace("\n", "<br>") for t in ax.get_xticklabels()]
    assert list(figure.layout.xaxis.ticktext) == ticks
    assert figure.layout.shapes[0].y0 == ax.lines[-1].get_ydata()[0] == 0


def head_grid(ax, figure):
    image(ax, figure)
    (frame,) = ax.patches
    shape = figure.layout.shapes[0]
    assert (shape.x0 - 1, shape.y0 - 1) == frame.get_xy()
    assert shape.x1 - shape.x0 == frame.get_width()


def head_scores(ax, figure):
    titled(ax, figure)
    bars = rows([(b.get_x() + 0.36, b.get_height()) for c in ax.containers for b in c])
    drawn = [t for t in figure.data if t.type == "bar"]
    np.testing.assert_allclose(rows(np.concatenate([np.c_[t.x, t.y] for t in drawn])), bars)
    (dashes,) = [t for t in figure.data if t.type != "bar" and t.mode == "markers"]
    shuffled, *levels = [line for line in ax.lines if line not in error_lines(ax)]
    np.testing.assert_allclose(np.c_[dashes.x, dashes.y], shuffled.get_xydata())
    drawn = [t.y[0] for t in figure.data if t.type != "bar" and t.mode == "lines"]
    assert drawn == [line.get_ydata()[0] for line in levels]
    ends = np.c_[dashes.x, dashes.y - dashes.error_y.arrayminus, dashes.y + dashes.error_y.array]
    drawn = [(at[0], *line) for at, line in intervals(ax)]
    np.testing.assert_allclose(rows(ends), rows(drawn))
    assert list(figure.layout.xaxis.ticktext) == [t.get_text() for t in ax.get_xticklabels()]


def titled(ax, figure):
    """Compare what is written along the axes: seaborn writes names of columns."""
    axes = figure.layout.xaxis, figure.layout.yaxis
    assert [axis.title.text for axis in axes] == [ax.get_xlabel(), ax.get_ylabel()]


def history(ax, figure):
    titled(ax, figure)
    for trace, line in zip(figure.data, ax.lines[:2], strict=True):
        np.testing.assert_array_equal(np.c_[trace.x, trace.y], line.get_xydata())
        assert trace.line.color == line.get_color()
        assert trace.name == line.get_label()
    assert figure.layout.shapes[0].x0 == ax.lines[2].get_xdata()[0]


def layers(ax, figure):
    titled(ax, figure)
    lines = [t for t in figure.data if t.type != "bar" and t.mode == "lines+markers"]
    drawn = [line for line in ax.lines if line.get_marker() == "o"][::2]
    for trace, line in zip(lines, drawn, strict=True):
        np.testing.assert_array_equal(np.c_[trace.x, trace.y], line.get_xydata())
        assert trace.line.color == line.get_color()
    drawn_levels = [t for t in figure.data if "level" in t.legendgroup and t.showlegend is False]
    levels = [(t.y[0], t.line.color) for t in drawn_levels]
    drawn = [(ln.get_ydata()[0], ln.get_color()) for ln in ax.lines if ln.get_marker() == "None"]
    assert levels == drawn
    bands = [t for t in figure.data if t.fill == "toself"]
    for trace, band in zip(bands, ax.collections, strict=True):
        ends = band.get_paths()[0].vertices[:, 1]
        assert (trace.y.min(), trace.y.max()) == pytest.approx((ends.min(), ends.max()))
    assert figure.layout.yaxis.range == pytest.approx(ax.get_ylim())
    entries = [t.name for t in figure.data if t.showlegend is not False]
    assert entries == [t.get_text() for t in ax.get_legend().get_texts()]


def error_lines(ax):
    """Return the lines that are intervals: seaborn draws one each, of two points, without marks."""
    return [
        line
        for line in ax.lines
        if len(line.get_xdata()) == 2 and line.get_marker() in ("None", "") and not is_level(line)
    ]


def is_level(line):
    """Return whether a line goes over the whole axes."""
    return [0, 1] in (list(line.get_xdata()), list(line.get_ydata()))


def intervals(ax):
    return [(line.get_xdata(), line.get_ydata()) for line in error_lines(ax)]


def metrics(ax, figure):
    dots = np.concatenate(
        [line.get_xydata() for line in ax.lines if line.get_marker() not in ("None", None, "")]
    )
    np.testing.assert_allclose(rows(points(figure.data)), rows(dots))
    ends = []
    for trace in figure.data:
        if trace.error_x.array is not None:
            low, high = trace.x - trace.error_x.arrayminus, trace.x + trace.error_x.array
            ends += list(zip(low, high, trace.y, strict=True))
    drawn = [(*line, at[0]) for line, at in intervals(ax)]
    np.testing.assert_allclose(rows(ends), rows(drawn))
    hollow = [sum("open" in s for s in t.marker.symbol) for t in figure.data]
    white = [len(ln.get_xdata()) for ln in ax.lines if ln.get_markerfacecolor() == "white"]
    assert sum(hollow) == sum(white)
    names = [t.get_text() for t in ax.get_yticklabels()]
    assert list(figure.layout.yaxis.ticktext) == names
    assert (ax.get_xlabel(), ax.get_ylabel()) == (figure.layout.xaxis.title.text, "")


def mutations(ax, figure):
    image(ax, figure)
    here = next(t for t in figure.data if t.name == "reference")
    drawn = np.c_[np.asarray(here.x) - 1, [figure.data[0].y.index(v) for v in here.y]]
    np.testing.assert_array_equal(drawn, ax.lines[0].get_xydata())
    entropy, structure = [
        child for child in ax.child_axes if len(child.patches) or child.collections
    ][:2]
    (bars,) = [t for t in figure.data if t.type == "bar"]
    np.testing.assert_allclose(bars.y, [p.get_height() for p in entropy.patches], rtol=1e-5)
    curves = [t for t in figure.data if t.name == "pairs"]
    same_pieces(pieces(curves), segments(structure.collections, 1.0))


def reliability(ax, figure):
    lines = [t for t in figure.data if t.type != "bar" and t.mode == "lines+markers"]
    drawn = [container.lines[0] for container in ax.containers]
    for trace, line in zip(lines, drawn, strict=True):
        np.testing.assert_allclose(np.c_[trace.x, trace.y], line.get_xydata())
    counts = next(a for a in ax.figure.axes if a.get_yscale() == "log")
    bars = [t for t in figure.data if t.type == "bar"]
    found = np.concatenate([np.c_[t.x, t.width, t.y] for t in bars])
    patches = [(p.get_x(), p.get_width(), p.get_height()) for p in counts.patches]
    np.testing.assert_allclose(found, patches)


def structure(ax, figure):
    residues = next(t for t in figure.data if t.name == "residues")
    circles = next(c for c in ax.collections if len(c.get_offsets()) == 76)
    drawn = np.column_stack([residues.x, residues.y])
    np.testing.assert_allclose(drawn, circles.get_offsets(), atol=1e-5)
    np.testing.assert_allclose(residues.marker.color, circles.get_array())
    assert (residues.marker.cmin, residues.marker.cmax) == circles.get_clim()
    lines = [c for c in ax.collections if c is not circles]
    drawn = np.concatenate([np.asarray(s) for c in lines for s in c.get_segments()])
    found = [t for t in figure.data if t.name in ("nested", "pseudoknot")]
    found = np.concatenate([np.column_stack([t.x, t.y]) for t in found])
    np.testing.assert_allclose(found[~np.isnan(found[:, 0])], drawn, atol=1e-5)
    written = next(t for t in figure.data if t.name == "numbers")
    texts = [t.get_text() for t in ax.texts if t.get_text() not in "ACGU"]
    assert [t.removeprefix("<b>").removesuffix("</b>") for t in written.text] == texts


def table(ax, figure):
    """Compare a table of cells: values, the ends of the scale, names, numbers."""
    mesh = ax.collections[0]
    shown = np.ma.filled(mesh.get_array(), np.nan)
    np.testing.assert_allclose(figure.data[0].z, shown, rtol=1e-6, equal_nan=True)
    assert (figure.data[0].zmin, figure.data[0].zmax) == pytest.approx(mesh.get_clim())
    names = [t.get_text() for t in ax.get_xticklabels()]
    assert [str(name) for name in figure.data[0].x] == names
    assert [str(name) for name in figure.data[0].y] == [t.get_text() for t in ax.get_yticklabels()]


def clustered_similarity(ax, figure):
    table(ax, figure)
    (above,) = [a for a in ax.child_axes if not a.axison]
    drawn = np.array(above.collections[0].get_segments())
    x, y = (np.array(v, dtype=float) for v in (figure.data[1].x, figure.data[1].y))
    np.testing.assert_allclose(x.reshape(-1, 5)[:, :4] + 0.5, drawn[:, :, 0])
    np.testing.assert_allclose(y.reshape(-1, 5)[:, :4], drawn[:, :, 1])


def distribution(ax, figure):
    drawn = []
    for container in ax.containers:
        for k, box in enumerate(container.boxes):
            x = box.get_path().vertices[:, 0]
            low, high = (container.whiskers[2 * k + side].get_xdata()[1] for side in (0, 1))
            beyond = container.fliers[k].get_xdata()
            middle = container.medians[k].get_xdata()[0]
            color = to_hex(box.get_facecolor())
            drawn.append((low, x.min(), middle, x.max(), high, len(beyond), sum(beyond), color))
    found = [
        (
            t.lowerfence[0], t.q1[0], t.median[0], t.q3[0], t.upperfence[0],
            0 if t.x is None else len(t.x[0]), 0 if t.x is None else sum(t.x[0]),
            t.line.color.lower(),
        )
        for t in figure.data
    ]  # fmt: skip
    for one, other in zip(sorted(found), sorted(drawn), strict=True):
        assert one[:-1] == pytest.approx(other[:-1])
        assert one[-1] == other[-1]
    names = [t.get_text() for t in ax.get_yticklabels()]
    assert list(figure.layout.yaxis.ticktext) == names
    shown = [t.name for t in figure.data if t.showlegend]
    assert shown == [t.get_text() for t in ax.get_legend().get_texts()]


COMPARED = {
    "arcs": arcs, "attention": attention, "clustered_similarity": clustered_similarity,
    "confusion": table, "contacts": contacts, "distribution": distribution,
    "embedding": embedding, "fitness": fitness, "fitness_metrics": fitness_metrics,
    "head_grid": head_grid, "head_scores": head_scores,
    "history": history, "layers": layers, "metrics": metrics, "mutations": mutations,
    "pair_arcs": arcs, "probe": metrics, "reliability": reliability, "similarity": table,
    "structure": structure, "umap": umap,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_same_values_reach_matplotlib_and_plotly(name, call):
    COMPARED[name](call(rx.pl, name), call(rx.px, name))


WRONG = {
    "clustered_similarity": lambda room, get: room.clustered_similarity(get("alike")),
    "one name": lambda room, get: room.clustered_similarity(get("close").iloc[:1, :1]),
    "distribution": lambda room, get: room.distribution(get("adata"), "family"),
    "number": lambda room, get: room.distribution(get("adata"), "lenght"),
    "selection": lambda room, get: room.distribution(get("adata"), "length", selection=["x"]),
    "mask": lambda room, get: room.distribution(get("adata"), "length", selection=np.array([True])),
    "no group": lambda room, get: room.distribution(get("adata"), "length", top=0),
    "arcs": lambda room, get: room.arcs(get("partly"), reference=short(get("partly"))),
    "pair_arcs": lambda room, get: room.pair_arcs("ACGU", np.array([[0, 9]])),
    "pair_arcs of another": lambda room, get: room.pair_arcs(
        "ACGU", np.array([[0, 3]]), reference=get("partly")
    ),
    "attention": lambda room, get: room.attention(get("maps"), layer=9, head=0),
    "threshold": lambda room, get: room.attention(get("maps"), layer=0, head=0, threshold=2),
    "confusion": lambda room, get: room.confusion(get("confused").iloc[:2]),
    "contacts": lambda room, get: room.contacts(get("contact_map"), short(get("partly"))),
    "basis": lambda room, get: room.umap(get("adata"), basis="X_tsne"),
    "color": lambda room, get: room.umap(get("adata"), color="familiy"),
    "top": lambda room, get: room.umap(get("adata"), color="family", top=-1),
    "head_grid": lambda room, get: room.head_grid(get("maps"), marked=(0, 9)),
    "head_scores": lambda room, get: room.head_scores(get("heads").drop(columns="fdr")),
    "fdr": lambda room, get: room.head_scores(get("heads"), fdr=2),
    "history": lambda room, get: room.history(get("losses").drop(columns="best")),
    "layers": lambda room, get: room.layers(get("sweep"), "ARI"),
    "level": lambda room, get: room.layers(get("sweep"), "NMI", levels=["4-mers"]),
    "metrics": lambda room, get: room.metrics(get("scores"), columns=["AIR"]),
    "mutations": lambda room, get: room.mutations(get("substitutions"), entropy=[1.0]),
    "probe": lambda room, get: room.probe({}),
    "score": lambda room, get: room.probe(get("probes"), "macro_f"),
    "reliability": lambda room, get: room.reliability(get("bins").drop(columns="n")),
    "similarity": lambda room, get: room.similarity(get("alike") * 2),
    "structure": lambda room, get: room.structure(get("partly"), color=[1.0]),
    "layout": lambda room, get: room.structure(get("partly"), layout="round"),
}  # fmt: skip


def short(structure):
    return rx.Structure(structure.sequence[:-1], structure.pairs)


@pytest.mark.parametrize("name", WRONG)
def test_bad_input_gives_the_same_error_in_both(name, request):
    told = []
    for room in (rx.pl, rx.px):
        with pytest.raises(RnaExploreError) as error:
            WRONG[name](room, request.getfixturevalue)
        told.append((type(error.value), str(error.value)))
    assert told[0] == told[1]
