"""The table of `rnaexplore.tl.evaluate` as a figure: models, baselines and chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from rnaexplore._figure_data.scores import metric_rows
from rnaexplore.px._scores import score_figure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["metrics"]


def metrics(frame: pd.DataFrame, *, columns: Sequence[str] | None = None) -> go.Figure:
    """Draw how well embeddings separate families: one row per representation, one dot per metric.

    Parameters
    ----------
    frame
        From `rnaexplore.tl.evaluate`: an index of representations, a column ``kind`` and a column
        per metric.
    columns
        The metrics to draw; by default all.

    Returns
    -------
    Figure
        Models have filled dots; baselines and chance lie below a line, on a grey ground, with
        hollow dots. Bars are 95 % intervals of metrics that have one in the table. Metrics can be
        hidden in the legend.

    Raises
    ------
    MissingKeyError
        If the table has no column ``kind`` or none of a metric's name.
    InputError
        If there is no metric or no row to draw.
    """
    return score_figure(metric_rows(frame, columns))
