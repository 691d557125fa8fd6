"""How a training went: losses by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from rnaexplore._figure_data.history import course
from rnaexplore._figure_data.theme import GREY
from rnaexplore.px._figure import figure, symbol

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["history"]

_MOST_EPOCHS = 20  #: more are not ticked one by one


def history(frame: pd.DataFrame) -> go.Figure:
    """Draw the losses of a fine-tuning run, and which epoch was kept.

    Parameters
    ----------
    frame
        `FinetuneResult.history`: indexed by epoch, with train_loss, valid_loss and best.

    Returns
    -------
    Figure
        A line each for training and validation; the kept epoch is a dotted line.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If there is no epoch.
    """
    shown = course(frame)
    traces = [
        go.Scatter(
            x=shown.epochs, y=curve.values, mode="lines+markers", name=curve.label,
            line={"color": curve.colour, "width": 2},
            marker={"symbol": symbol(curve.marker), "size": 7},
            hovertemplate=f"epoch %{{x}}<br>{curve.label} loss %{{y:.4g}}<extra></extra>",
        )
        for curve in shown.curves
    ]  # fmt: skip
    layout = go.Layout(
        xaxis={"title": {"text": "epoch"}, "tickformat": "d", "showline": True},
        yaxis={"title": {"text": "loss"}, "showline": True},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    if len(shown.epochs) <= _MOST_EPOCHS:
        layout.xaxis.tickvals = shown.epochs
    drawn = figure(traces, layout)
    if shown.kept is not None:
        line = {"color": GREY, "dash": "dot", "width": 1.5}
        drawn.add_vline(x=shown.kept, line=line, annotation={"text": "kept", "showarrow": False})
    return drawn
