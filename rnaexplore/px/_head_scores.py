"""How well the heads of a model follow base pairs, compared with their nulls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from rnaexplore._figure_data.head_scores import HeadBars, head_bars
from rnaexplore._figure_data.theme import EDGE
from rnaexplore.px._figure import figure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["head_scores"]

_SHUFFLED = "#D55E00"


def head_scores(frame: pd.DataFrame, *, top: int = 24, fdr: float = 0.05) -> go.Figure:
    """Draw the AUPRC of base pairs of each head, best first, with its nulls.

    Parameters
    ----------
    frame
        From `rnaexplore.tl.score_heads`.
    top
        Number of heads to draw; the others are counted in the label of the axis.
    fdr
        Heads with a larger false-discovery rate are pale, 0 to 1.

    Returns
    -------
    Figure
        Bars are heads, dashes the same heads on shuffled sequences, error bars the 95 % interval of
        the difference of both, drawn from the dash up. Lines are the best of all null heads, of
        random weights or on shuffled sequences, and random pairs.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If there is no head to draw, or `fdr` is outside 0 to 1.
    """
    shown = head_bars(frame, top, fdr)
    across, up = shown.titles
    axis = {"showline": True, "title": {"text": up}, "rangemode": "tozero"}
    names = {
        "tickvals": np.arange(len(shown.names)), "ticktext": shown.names, "tickangle": -90,
        "title": {"text": across}, "range": [-0.7, len(shown.names) - 0.3],
    }  # fmt: skip
    layout = go.Layout(xaxis=names, yaxis=axis, barmode="overlay")
    return figure([*_bars(shown), _shuffled(shown), *_levels(shown)], layout)


def _bars(shown: HeadBars) -> Iterator[go.Bar]:
    at = np.arange(len(shown.names))
    for where, (color, label) in zip((shown.called, ~shown.called), shown.kinds, strict=True):
        if where.any():
            yield go.Bar(
                x=at[where], y=shown.values[where], marker={"color": color}, width=0.72,
                name=label, hovertemplate="layer·head %{x}<br>AUPRC %{y:.3f}<extra></extra>",
            )  # fmt: skip


def _shuffled(shown: HeadBars) -> go.Scatter:
    """Return the nulls of the heads with the intervals of what heads are above them."""
    bars = {
        "type": "data", "symmetric": False, "array": shown.high - shown.shuffled,
        "arrayminus": shown.shuffled - shown.low, "color": EDGE, "thickness": 1.2, "width": 0,
    }  # fmt: skip
    return go.Scatter(
        x=np.arange(len(shown.names)), y=shown.shuffled, mode="markers", error_y=bars,
        marker={"symbol": "line-ew", "size": 12, "line": {"color": _SHUFFLED, "width": 3}},
        name="shuffled sequences,<br>and 95 % interval",
        hovertemplate="layer·head %{x}<br>shuffled: AUPRC %{y:.3f}<extra></extra>",
    )  # fmt: skip


def _levels(shown: HeadBars) -> Iterator[go.Scatter]:
    ends = [-0.7, len(shown.names) - 0.3]
    for value, color, dotted, label in shown.levels:
        yield go.Scatter(
            x=ends, y=[value, value], mode="lines", name=label,
            line={"color": color, "dash": "dot" if dotted else "dash", "width": 1.5},
            hovertemplate=f"{label}: %{{y:.3f}}<extra></extra>",
        )  # fmt: skip
