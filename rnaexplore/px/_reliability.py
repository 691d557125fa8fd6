"""Predicted probabilities of pairs beside the share of pairs that are true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from rnaexplore._figure_data.reliability import Bins, bins
from rnaexplore._figure_data.theme import GREY
from rnaexplore.px._figure import figure, symbol

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["reliability"]

_LEAST = 0.7  #: lower end of the scale of counts
_SHARES, _COUNTS = (0.0, 0.74), (0.8, 1.0)  #: of the height: shares below, counts above


def reliability(tables: pd.DataFrame | Mapping[str, pd.DataFrame]) -> go.Figure:
    """Draw which share of pairs is true at each predicted probability.

    Parameters
    ----------
    tables
        From `rnaexplore.tl.reliability`; or several by name, to be compared: for example a model
        and ViennaRNA, or before and after a calibration.

    Returns
    -------
    Figure
        Points on the diagonal are right; below it a model is surer than it should be. Bars are
        95 % intervals. The legend tells the expected calibration error (ECE, over pairs of 1 %
        and more), the bars on top how many pairs are in each bin, on a logarithmic scale.

    Raises
    ------
    InputError
        If there is no table.
    MissingKeyError
        If a table lacks a column.
    """
    drawn = bins(tables)
    diagonal = go.Scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": GREY, "dash": "dash", "width": 1},
        hoverinfo="skip", showlegend=False, name="diagonal",
    )  # fmt: skip
    traces = [diagonal, *map(_points, drawn), *map(_counts, drawn)]
    share = {"range": [-0.02, 1.02], "showline": True, "constrain": "domain"}
    most = max(float(one.counts.max(initial=1)) for one in drawn)
    layout = go.Layout(
        xaxis=share | {"title": {"text": "predicted probability"}},
        yaxis=share | {"title": {"text": "share of true pairs"}, "domain": _SHARES},
        yaxis2={
            "type": "log",
            "dtick": 1,
            "domain": _COUNTS,
            "title": {"text": "pairs"},
            "showline": True,
            "range": np.log10([_LEAST, 2 * most]),
        },
        barmode="overlay",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure(traces, layout)


def _points(shown: Bins) -> go.Scatter:
    error = {
        "type": "data", "symmetric": False, "array": shown.above, "arrayminus": shown.below,
        "thickness": 1.5, "width": 3,
    }  # fmt: skip
    return go.Scatter(
        x=shown.predicted, y=shown.observed, error_y=error, customdata=shown.counts,
        mode="lines+markers", name=shown.label, legendgroup=shown.label,
        line={"color": shown.colour, "width": 1.5},
        marker={"symbol": symbol(shown.marker), "size": 8},
        hovertemplate=(
            "predicted %{x:.3f}<br>%{y:.1%} of %{customdata:,.0f} pairs are true<extra></extra>"
        ),
    )  # fmt: skip


def _counts(shown: Bins) -> go.Bar:
    return go.Bar(
        x=shown.left, y=shown.counts, width=shown.width, offset=0, yaxis="y2",
        marker={"color": "rgba(0, 0, 0, 0)", "line": {"color": shown.colour, "width": 1.2}},
        legendgroup=shown.label, showlegend=False, name=shown.label,
        hovertemplate="%{y:,.0f} pairs<extra></extra>",
    )  # fmt: skip
