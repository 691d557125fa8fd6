"""Rows of scores as traces: one for each series, hollow where no model has a part."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnaexplore._figure_data.scores import Rows, ScoreRows, Series
from rnaexplore._figure_data.theme import GREY
from rnaexplore.px._figure import NAMED, figure, symbol

__all__ = ["score_figure"]

_ROW, _FRAME, _LEAST = 34, 150, 320  #: pixels of a row, around all, and at least
_BAND = "rgba(128, 128, 128, 0.10)"  #: behind what is no model, on any ground


def score_figure(shown: ScoreRows) -> go.Figure:
    """Return scores with their intervals, a row a representation, the first on top."""
    traces = [_trace(series, shown) for series in shown.series]
    n = len(shown.rows.names)
    yaxis = {
        "tickvals": np.arange(n), "ticktext": shown.rows.names, "range": [n - 0.5, -0.5],
        "showgrid": True, **NAMED,
    }  # fmt: skip
    xaxis: dict[str, Any] = {"title": {"text": shown.label}, "showline": True}
    if shown.range is not None:
        low, high = shown.range
        xaxis["range"] = [low - 0.02, high + 0.02]
    layout = go.Layout(
        xaxis=xaxis, yaxis=yaxis, height=max(_LEAST, _ROW * n + _FRAME),
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 1.0, "xanchor": "right"},
        shapes=_ground(shown.rows),
    )  # fmt: skip
    return figure(traces, layout)


def _trace(series: Series, shown: ScoreRows) -> go.Scatter:
    shape = symbol(series.marker)
    error = None
    told = "<b>%{customdata}</b><br>" + (series.label or shown.label) + " %{x:.3f}"
    if series.low is not None and series.high is not None:
        error = {
            "type": "data", "symmetric": False, "array": series.high - series.values,
            "arrayminus": series.values - series.low, "thickness": 1.5, "width": 0,
        }  # fmt: skip
        told += "<br>95 % interval %{text}"
    return go.Scatter(
        x=series.values, y=series.place, mode="markers", name=series.label or shown.label,
        marker={
            "color": series.colour, "size": 9, "line": {"width": 1.5, "color": series.colour},
            "symbol": [shape if model else f"{shape}-open" for model in shown.rows.models],
        },
        error_x=error, customdata=shown.rows.names, text=_intervals(series),
        hovertemplate=f"{told}<extra></extra>", showlegend=len(shown.series) > 1,
    )  # fmt: skip


def _intervals(series: Series) -> list[str] | None:
    if series.low is None or series.high is None:
        return None
    return [f"{low:.3f} to {high:.3f}" for low, high in zip(series.low, series.high, strict=True)]


def _ground(rows: Rows) -> list[dict[str, Any]]:
    """Return a grey ground behind what is not a model, and a line above it."""
    n, n_models = len(rows.names), int(rows.models.sum())
    if not 0 < n_models < n:
        return []
    across = {"xref": "paper", "x0": 0, "x1": 1, "layer": "below"}
    ends = {"y0": n_models - 0.5, "y1": n - 0.5}
    return [
        across | ends | {"type": "rect", "fillcolor": _BAND, "line": {"width": 0}},
        across | ends | {"y1": n_models - 0.5, "type": "line", "line": {"color": GREY, "width": 1}},
    ]
