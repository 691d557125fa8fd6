"""All heads of a model at a glance, and one of them to look at."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnaexplore._figure_data.head_grid import Grid, Ranked, grid_of, places_of, thumbnail
from rnaexplore._figure_data.theme import RAMPS
from rnaexplore.maps import AttentionMaps
from rnaexplore.px._figure import NAMED, figure, heatmap, residue_axis
from rnaexplore.px._head_choice import HeadChoice, controls

__all__ = ["head_grid"]

_WIDE = 1.6  #: columns of a ranked grid for each row
_LEFT, _RIGHT = (0.0, 0.42), (0.57, 1.0)  #: of the width: thumbnails, and the chosen map
_ABOVE = 0.29  #: of the height, below which the slider lies

_SIZE = (960, 520)  #: pixels

Place = tuple[int, int]


def head_grid(
    maps: AttentionMaps,
    *,
    ranked: Ranked | None = None,
    marked: tuple[int, int | None] | None = None,
) -> go.Figure:
    """Draw thumbnails of all attention maps, and beside them one map to choose.

    Parameters
    ----------
    maps
        From `rnaexplore.tl.attention`.
    ranked
        Layer, head and score of each map, in the order to draw them in, left to right and row by
        row; hovering tells the score.
    marked
        Layer and head to begin with; head ``None`` begins with the first one of the layer.

    Returns
    -------
    Figure
        On the left the thumbnails of `rnaexplore.pl.head_grid`, each on its own scale. On the right
        one map with its weights. A menu chooses the layer and a slider the head; ranked heads have
        a slider alone. Both are part of the figure and work in a page without Python. Beyond 4
        million weights in all maps together, those on the right are shrunk, each pixel the largest
        of its cells.

    Raises
    ------
    InputError
        If `ranked` or `marked` names a map that is not there.
    """
    places = places_of(maps, ranked, marked)
    columns = len(maps.heads) if ranked is None else _columns(len(places))
    pictures = [thumbnail(maps.at(*place)) for place in places]
    grid = grid_of(len(pictures[0]), columns, labelled=False)
    choice = HeadChoice.of(maps, places, grid, ranked)
    first = _first(places, marked)
    traces = [_thumbnails(grid, pictures), choice.detail(first), _names(grid, choice)]
    layout = _layout(maps, grid, len(places), ranked=ranked is not None)
    controls(layout, choice, first, by_layer=ranked is None)
    return figure(traces, layout)


def _columns(n: int) -> int:
    return int(np.clip(round((n * _WIDE) ** 0.5), 1, n))


def _first(places: list[Place], marked: tuple[int, int | None] | None) -> int:
    """Return which thumbnail is chosen at first."""
    if marked is None:
        return 0
    layer, head = marked
    found = [k for k, place in enumerate(places) if place[0] == layer and head in (None, place[1])]
    return found[0] if found else 0


def _thumbnails(grid: Grid, pictures: list[NDArray[np.float32]]) -> go.Heatmap:
    trace = heatmap(grid.canvas(pictures), ramp=RAMPS["attention"], ends=(0, 1), label="", hover="")
    return trace.update(showscale=False, hoverinfo="skip", hovertemplate=None)


def _names(grid: Grid, choice: HeadChoice) -> go.Scatter:
    """Return invisible points that tell which head a thumbnail is."""
    corners = np.array([grid.corner(slot) for slot in range(len(choice.places))])
    y, x = (corners + (grid.length + 1) / 2).T.astype(np.float32)
    return go.Scatter(
        x=x, y=y, mode="markers", marker={"opacity": 0, "size": 24, "symbol": "square"},
        text=[choice.title(slot) for slot in range(len(choice.places))], name="heads",
        hovertemplate="%{text}<extra></extra>", showlegend=False,
    )  # fmt: skip


def _layout(maps: AttentionMaps, grid: Grid, n: int, *, ranked: bool) -> go.Layout:
    """Return the axes of the thumbnails and of the chosen map."""
    half = (grid.length + 1) / 2
    rows = range(0, n, grid.columns)
    xaxis = {
        "domain": _LEFT, **NAMED, "constrain": "domain",
        "tickvals": [] if ranked else [grid.corner(k)[1] + half for k in range(len(maps.heads))],
        "ticktext": [] if ranked else list(map(str, maps.heads)),
        "title": {"text": "best first" if ranked else "head"},
    }  # fmt: skip
    yaxis = {
        "domain": (_ABOVE, 1.0), **NAMED, "autorange": "reversed", "scaleanchor": "x",
        "tickvals": [] if ranked else [grid.corner(k)[0] + half for k in rows],
        "ticktext": [] if ranked else list(map(str, maps.layers)),
        "title": {"text": "" if ranked else "layer"}, "constrain": "domain",
        "constraintoward": "top",
    }  # fmt: skip
    across = residue_axis(maps.residues, "attended residue")
    down = residue_axis(maps.residues, "attending residue")
    title = f"{maps.model}, attention of {maps.values.shape[-1]} residues"
    return go.Layout(
        title={"text": title}, xaxis=xaxis, yaxis=yaxis, width=_SIZE[0], height=_SIZE[1],
        xaxis2=across | {"domain": _RIGHT, "anchor": "y2"},
        yaxis2=down
        | {
            "domain": (_ABOVE, 1.0), "anchor": "x2", "scaleanchor": "x2",
            "range": down["range"][::-1], "constraintoward": "top",
        },
    )  # fmt: skip
