"""Scores of variants against measurements, and how well they agree by number of mutations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from rnaexplore._figure_data.fitness import MetricPoints, VariantGroup, metrics, variants
from rnaexplore._figure_data.theme import GREY
from rnaexplore.px._figure import figure, symbol

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["fitness", "fitness_metrics"]


def fitness(table: pd.DataFrame, *, measured: str = "DMS_score", score: str = "score") -> go.Figure:
    """Draw scores of variants against measurements, colored by number of mutations.

    Parameters
    ----------
    table
        From `rnaexplore.tl.fitness`, with a column of measurements.
    measured
        The column of measurements.
    score
        The column of scores.

    Returns
    -------
    Figure
        One point per variant with both numbers, insertions and deletions as crosses, named where
        the mouse is; a title with the number of variants and the signed Spearman correlation.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If no variant has both numbers.
    """
    shown = variants(table, measured=measured, score=score)
    told = (
        f"<b>%{{text}}</b><br>{shown.x_label} %{{x:.3f}}<br>{shown.y_label} %{{y:.3f}}"
        "<extra></extra>"
    )
    layout = go.Layout(
        xaxis={"title": {"text": shown.x_label}, "showline": True},
        yaxis={"title": {"text": shown.y_label}, "showline": True},
        title={"text": shown.title},
        legend={"title": {"text": "mutations"}},
    )
    return figure([_points(group, told) for group in shown.groups], layout)


def fitness_metrics(frame: pd.DataFrame, *, metric: str = "spearman") -> go.Figure:
    """Draw how well scores agree with measurements, by number of mutations.

    Parameters
    ----------
    frame
        From `rnaexplore.tl.evaluate_fitness`.
    metric
        ``"spearman"``, ``"auc"``, ``"mcc"`` or ``"ndcg"``.

    Returns
    -------
    Figure
        One point per score and group of variants with its 95 % interval, the number of variants
        under each group, and a dashed line at chance, where the metric has one.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If there is nothing to draw.
    """
    shown = metrics(frame, metric=metric)
    n = len(shown.groups)
    ticks = [f"{g}<br>{count:,}" for g, count in zip(shown.groups, shown.counts, strict=True)]
    layout = go.Layout(
        xaxis={
            "title": {"text": "mutations, and number of variants"}, "showline": True,
            "tickvals": np.arange(n), "ticktext": ticks, "range": [-0.5, n - 0.5],
        },
        yaxis={"title": {"text": shown.label}, "showline": True},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )  # fmt: skip
    made = figure([_bars(points, shown.label) for points in shown.scores], layout)
    if shown.chance is not None:
        made.add_hline(y=shown.chance, line={"color": GREY, "dash": "dash", "width": 1})
    return made


def _points(group: VariantGroup, told: str) -> go.Scattergl:
    shape = "x" if group.marker == "x" else symbol(group.marker)
    return go.Scattergl(
        x=group.values[:, 0], y=group.values[:, 1], mode="markers", name=group.label,
        text=group.names, hovertemplate=told,
        marker={"color": group.color, "symbol": shape, "size": 7, "opacity": 0.7},
    )  # fmt: skip


def _bars(points: MetricPoints, label: str) -> go.Scatter:
    error = {
        "type": "data", "symmetric": False, "array": points.above, "arrayminus": points.below,
        "thickness": 1.5, "width": 3,
    }  # fmt: skip
    return go.Scatter(
        x=points.places, y=points.values, error_y=error, mode="markers", name=points.label,
        marker={"color": points.color, "symbol": symbol(points.marker), "size": 9},
        hovertemplate=f"{points.label}<br>{label} %{{y:.3f}}<extra></extra>",
    )  # fmt: skip
