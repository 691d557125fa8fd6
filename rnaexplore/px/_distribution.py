"""Numbers of ``obs`` by group, or of a selection beside all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from rnaexplore._figure_data.distribution import Box, Distribution, Selection, distribution_rows
from rnaexplore.px._figure import NAMED, figure

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["distribution"]

_ROW, _FRAME, _LEAST = 34, 110, 280  #: pixels of a row, around all, and at least
_WIDTH = 0.7  #: of a box, or of those of a row together


def distribution(
    adata: AnnData,
    value: str,
    *,
    groupby: str | None = None,
    selection: Selection | None = None,
    top: int = 19,
) -> go.Figure:
    """Draw how a number is distributed, a box per group.

    Parameters
    ----------
    adata
        The RNAs.
    value
        An ``obs`` column of numbers, for example ``"length"``.
    groupby
        An ``obs`` column of categories: a row each, the largest on top, in the colors of maps.
    selection
        Names of RNAs, for example ``view.selection``, or a boolean mask: each row has a box of
        the selected RNAs and one of the others.
    top
        How many groups are drawn, the largest.

    Returns
    -------
    Figure
        Boxes end at the quartiles and are cut at the median; whiskers end at the last value within
        1.5 times the interquartile range, values beyond it are dots. Only these numbers travel,
        not the values of all RNAs; hovering over a dot tells which RNA it is.

    Raises
    ------
    MissingKeyError
        If ``obs`` has no such column, or no RNA of a name in `selection`.
    InputError
        If `value` is no column of numbers, none has a value, `top` is below 1, or the mask is of
        another length.
    """
    shown = distribution_rows(adata, value, groupby, selection, top)
    n, slots = len(shown.rows), max(1, len(shown.parts))
    layout = go.Layout(
        xaxis={"title": {"text": shown.label}, "showline": True, "showgrid": True},
        yaxis={
            "title": {"text": shown.title, "standoff": 12}, "tickvals": np.arange(n),
            "ticktext": shown.rows,
            "range": [n - 0.5, -0.5], **NAMED,
        },
        height=max(_LEAST, _ROW * n * slots + _FRAME),
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0.0},
    )  # fmt: skip
    named: set[int] = set()
    traces = []
    for box in shown.boxes:
        traces.append(_trace(box, shown, first=box.part not in named))
        named.add(box.part)
    return figure(traces, layout)


def _trace(box: Box, shown: Distribution, *, first: bool) -> go.Box:
    slots = max(1, len(shown.parts))
    width = _WIDTH / slots
    low, middle, high = box.quartiles
    part = shown.parts[box.part][0] if shown.parts else ""
    drawn = go.Box(
        q1=[low], median=[middle], q3=[high], lowerfence=[box.whiskers[0]],
        upperfence=[box.whiskers[1]],
        y=[box.row + (box.part - (slots - 1) / 2) * width], orientation="h", width=0.85 * width,
        boxpoints="outliers", line={"color": box.colour, "width": 1.5}, marker={"size": 4},
        name=part or shown.rows[box.row], legendgroup=part, showlegend=bool(part) and first,
        hoverlabel={"namelength": -1},
        hovertemplate=f"<b>%{{customdata}}</b><br>{shown.label} %{{x:.4g}}<extra></extra>",
    )  # fmt: skip
    if len(box.beyond):
        drawn.update(x=box.beyond.astype(np.float32)[None], customdata=[box.names])
    return drawn
