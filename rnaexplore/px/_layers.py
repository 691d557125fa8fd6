"""Scores of every layer of a model, and the levels of what they have to beat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from rnaexplore._figure_data.layers import Dash, LayerFigure, LayerLine, Level, layer_figure
from rnaexplore.px._figure import figure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["layers"]

_DASHES: dict[Dash, str] = {
    "solid": "solid",
    "dash": "dash",
    "dot": "dot",
    "dashdot": "dashdot",
    "longdashdot": "longdashdot",
    "rare dots": "1px,5px",
    "rare dashes": "5px,5px",
    "rare dashdots": "5px,4px,1px,4px",
}
_SIZE, _BEST = 7, 12  #: dots, in pixels
_MOST_TICKS = 12


def layers(frame: pd.DataFrame, score: str, *, levels: Sequence[str] | None = None) -> go.Figure:
    """Draw a score of every layer as a line, and each baseline as a level.

    Parameters
    ----------
    frame
        From `rnaexplore.tl.layer_sweep` or `rnaexplore.tl.evaluate_sites`: one row per layer or
        baseline, told apart by a column ``kind``. With a column ``group`` each of its values has
        a color, and so have its baselines, unless one group alone has them.
    score
        The column to draw, for example ``"knn_accuracy"`` or ``"NMI"``.
    levels
        Rows to draw as levels; by default all that are no layer and have this score, but of k-mers
        only the best ones: row ``"best k-mers"``, or the highest where that one has no such score.

    Returns
    -------
    Figure
        Layer 0 is the embedding before the first layer. Cosine distances have a dashed line with
        hollow dots. The band is the 95 % interval, if the table has one. The best layer of each
        line has a larger dot: it was chosen after the fact.

    Raises
    ------
    MissingKeyError
        If the table has no such score, no column ``kind``, or no such level.
    InputError
        If no row is a layer.
    """
    shown = layer_figure(frame, score, levels)
    traces = [trace for line in shown.lines for trace in _line(line, shown)]
    traces += _levels(shown)
    step = max(1, shown.last // _MOST_TICKS)
    xaxis = {
        "title": {"text": "layer"}, "showline": True, "range": [-0.3, shown.last + 0.3],
        "tickvals": np.arange(0, shown.last + 1, step),
    }  # fmt: skip
    yaxis = {"title": {"text": shown.label}, "showline": True, "range": list(shown.range)}
    return figure(traces, go.Layout(xaxis=xaxis, yaxis=yaxis))


def _line(line: LayerLine, shown: LayerFigure) -> Iterator[go.Scatter]:
    """Return the band of a line, if it has one, and the line with its best layer larger."""
    if line.low is not None and line.high is not None:
        yield _band(line, line.low, line.high)
    sizes = np.full(len(line.layers), _SIZE, dtype=np.int8)
    sizes[line.best] = _BEST
    yield go.Scatter(
        x=line.layers.astype(np.int32), y=line.values, mode="lines+markers", name=line.label,
        line={"color": line.colour, "dash": "dash" if line.hollow else "solid"},
        marker={
            "size": sizes, "symbol": "circle-open" if line.hollow else "circle", "opacity": 1,
            "line": {"width": 1.5 if line.hollow else 0},
        },
        legendgroup=line.label,
        hovertemplate=f"{line.label}, layer %{{x}}<br>{shown.label} %{{y:.3f}}<extra></extra>",
    )  # fmt: skip


def _band(line: LayerLine, low: np.ndarray, high: np.ndarray) -> go.Scatter:
    return go.Scatter(
        x=np.concatenate([line.layers, line.layers[::-1]]).astype(np.int32),
        y=np.concatenate([low, high[::-1]]),
        fill="toself", mode="lines", line={"width": 0, "color": line.colour}, opacity=0.15,
        fillcolor=line.colour, hoverinfo="skip", showlegend=False, legendgroup=line.label,
        name="95 % interval",
    )  # fmt: skip


def _levels(shown: LayerFigure) -> Iterator[go.Scatter]:
    """Return the levels over the whole width, and one entry of the legend for each name."""
    ends = np.array([-0.3, shown.last + 0.3])
    for level in shown.levels:
        yield _level(level, ends, np.full(2, level.value), shown.label)
    for level in shown.legend:
        yield _level(level, [None], [None], shown.label).update(showlegend=True)


def _level(level: Level, x: Any, y: Any, label: str) -> go.Scatter:
    return go.Scatter(
        x=x, y=y, mode="lines", name=level.label, legendgroup=f"level {level.label}",
        line={"color": level.colour, "dash": _DASHES[level.dash], "width": 1.5},
        hovertemplate=f"{level.label}<br>{label} %{{y:.3f}}<extra></extra>", showlegend=False,
    )  # fmt: skip
