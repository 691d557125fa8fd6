"""Which classes are taken for which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from rnaexplore._figure_data.tables import confusion_table
from rnaexplore._figure_data.theme import RAMPS
from rnaexplore.px._figure import NAMED, SQUARE, color_bar, figure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["confusion"]

_MOST_WRITTEN = 30  #: classes; in larger tables no numbers are written


def confusion(counts: pd.DataFrame) -> go.Figure:
    """Draw a confusion table: true classes in rows, predicted ones in columns.

    Parameters
    ----------
    counts
        From `ProbeResult.confusion`: square, with the same classes on both axes.

    Returns
    -------
    Figure
        Colors are shares of the true class (rows sum to 1), numbers are counts, left out of
        tables of more than 30 classes. Hovering tells both classes, the count and the share.

    Raises
    ------
    InputError
        If the table is not square with the same classes on both axes.
    """
    table = confusion_table(counts)
    trace = go.Heatmap(
        z=table.shares, x=table.names, y=table.names, customdata=table.counts,
        colorscale=RAMPS["confusion"], zmin=0, zmax=1, colorbar=color_bar(table.label),
        hovertemplate=(
            "%{y} taken for %{x}<br>%{customdata:.0f} RNAs, %{z:.1%} of the true class"
            "<extra></extra>"
        ),
    )  # fmt: skip
    if len(table.names) <= _MOST_WRITTEN:
        trace.text = [[f"{n:.0f}" if n else "" for n in row] for row in table.counts]
        trace.texttemplate = "%{text}"
    axis: dict[str, Any] = {"type": "category", "constrain": "domain"} | NAMED
    down = axis | {"autorange": "reversed", "scaleanchor": "x", "title": {"text": "true"}}
    across = axis | {"title": {"text": "predicted"}}
    return figure([trace], go.Layout(xaxis=across, yaxis=down, **SQUARE))
