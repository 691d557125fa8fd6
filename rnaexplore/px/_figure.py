"""What all figures share: a layout with our template, axes of residues, small color bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnaexplore._figure_data.residues import numbered, residue_names
from rnaexplore.px._template import register

__all__ = [
    "NAMED",
    "SQUARE",
    "color_bar",
    "figure",
    "heatmap",
    "residue_axis",
    "scale",
    "square_map",
    "symbol",
]

SQUARE: Any = {"width": 640, "height": 560}  #: of a square map with its color bar, in pixels
NAMED: Any = {"ticks": "", "ticklabelstandoff": 5}  #: axes of names

_SYMBOLS = {
    "o": "circle", "s": "square", "D": "diamond", "^": "triangle-up", "v": "triangle-down",
    "P": "cross", "X": "x", "x": "x-thin",
}  # fmt: skip


def figure(traces: Sequence[Any], layout: Any = None) -> go.Figure:
    """Return a figure in our template; `layout` is a ``plotly.graph_objects.Layout``."""
    made = go.Layout() if layout is None else layout
    made.template = register()
    return go.Figure(data=list(traces), layout=made)


def symbol(marker: str) -> str:
    """Return plotly's name of a shape that `rnaexplore._figure_data` names as matplotlib does."""
    return _SYMBOLS[marker]


def color_bar(label: str, share: float = 1.0) -> dict[str, Any]:
    """Return a color bar whose label reads along it, so high as a share of the plot."""
    return {
        "title": {"text": label, "side": "right"},
        "len": share,
        "thickness": 12,
        "outlinewidth": 0,
        "ypad": 0,
        "y": 0.0,
        "yanchor": "bottom",
    }


def scale(colors: Sequence[str]) -> list[tuple[float, str]]:
    """Return colors at equal distances as a colorscale."""
    steps = np.linspace(0, 1, len(colors)).tolist()
    return list(zip(steps, colors, strict=True))


def heatmap(
    values: NDArray[Any],
    *,
    ramp: Any,
    ends: tuple[float, float],
    label: str,
    hover: str,
    bar: float = 1.0,
) -> go.Heatmap:
    """Return a map whose first row and column are 1; NaN is blank.

    Parameters
    ----------
    values
        Shape (rows, columns); travels as float32.
    ramp
        A colorscale, or the name of one.
    ends
        Values at which colors begin and end.
    label
        What the values are; written beside the color bar.
    bar
        Height of the color bar, as a share of that of the plot.
    hover
        Template of what hovering says, without the box of the trace's name.
    """
    return go.Heatmap(
        z=np.asarray(values, dtype=np.float32),
        x0=1, dx=1, y0=1, dy=1,
        colorscale=ramp, zmin=ends[0], zmax=ends[1],
        colorbar=color_bar(label, bar),
        hoverongaps=False,
        hovertemplate=f"{hover}<extra></extra>",
    )  # fmt: skip


def residue_axis(labels: Sequence[str], title: str) -> dict[str, Any]:
    """Return an axis of residues from 1, whose ticks and hover say ``G18``."""
    names = residue_names(labels)
    n = len(names)
    return {
        "title": {"text": title},
        "tickvals": [k + 1 for k in numbered(n)],
        "labelalias": {str(k): name for k, name in enumerate(names, start=1)},
        "tickformat": "d",
        "hoverformat": "d",
        "range": [0.5, n + 0.5],
        "mirror": True,
        "showline": True,
        "constrain": "domain",
    }


def square_map(labels: Sequence[str], across: str, down: str, title: str) -> go.Layout:
    """Return the layout of a map of residues by residues, numbered from the upper left corner."""
    xaxis, yaxis = residue_axis(labels, across), residue_axis(labels, down)
    yaxis |= {"range": yaxis["range"][::-1], "scaleanchor": "x"}
    return go.Layout(title={"text": title}, xaxis=xaxis, yaxis=yaxis, **SQUARE)
