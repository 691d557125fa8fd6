"""How alike representations are, each with each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from rnaexplore._figure_data.tables import SimilarityTable, similarity_table
from rnaexplore._figure_data.theme import RAMPS
from rnaexplore.px._figure import NAMED, SQUARE, color_bar, figure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["similarities", "similarity"]

_MOST_WRITTEN = 20  #: rows or columns; in larger tables no numbers are written


def similarity(table: pd.DataFrame, *, label: str = "linear CKA") -> go.Figure:
    """Draw a table of similarities between representations or layers.

    Parameters
    ----------
    table
        Values from 0 to 1, for example of `rnaexplore.tl.cka` or `rnaexplore.tl.neighbor_overlap`
        of all pairs; its index and columns are names or numbers of layers.
    label
        What the values are; written beside the color bar.

    Returns
    -------
    Figure
        Colors run from 0 to 1 whatever the values, so that figures can be compared. Numbers are
        left out of tables of more than 20 rows or columns.

    Raises
    ------
    InputError
        If the table is empty or a value lies outside of 0 to 1.
    """
    return similarities(similarity_table(table), label)


def similarities(shown: SimilarityTable, label: str) -> go.Figure:
    """Return a table of similarities with its names as a figure."""
    across, down = shown.titles
    trace = go.Heatmap(
        z=shown.values, x=shown.across, y=shown.down, colorscale=RAMPS["similarity"],
        zmin=0, zmax=1, colorbar=color_bar(label),
        hovertemplate=(
            f"{down} %{{y}}, {across} %{{x}}<br>{label} %{{z:.3f}}<extra></extra>".lstrip(" ,")
        ),
    )  # fmt: skip
    if max(shown.values.shape) <= _MOST_WRITTEN:
        trace.texttemplate = "%{z:.2f}"
    axis: dict[str, Any] = {"type": "category", "constrain": "domain"} | NAMED
    names = {"text": down, "standoff": 12}
    layout = go.Layout(
        xaxis=axis | {"title": {"text": across}},
        yaxis=axis | {"title": names, "autorange": "reversed", "scaleanchor": "x"},
        **SQUARE,
    )
    return figure([trace], layout)
