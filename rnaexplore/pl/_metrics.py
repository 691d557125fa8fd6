"""The table of `rnaexplore.tl.evaluate` as a figure: models, baselines and chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from rnaexplore._figure_data.scores import Rows, ScoreRows, Series, metric_rows
from rnaexplore._figure_data.theme import GREY, LIGHT
from rnaexplore.pl._axes import axes_with_rows, font_size
from rnaexplore.pl._intervals import ends, estimate, with_ends
from rnaexplore.pl._text import plain, plain_labels

__all__ = ["dots", "grounds", "metrics", "name_rows"]

_LEGEND = 3  #: metrics in a line of the legend


def metrics(
    frame: pd.DataFrame, *, columns: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how well embeddings separate families: one row per representation, one dot per metric.

    Parameters
    ----------
    frame
        From `rnaexplore.tl.evaluate`: an index of representations, a column ``kind`` and a column
        per metric. Draw fewer rows by choosing them, ``frame.loc[["X_mini", "6-mers sqrt"]]``.
    columns
        The metrics to draw; by default all.
    ax
        Axes to draw on; by default those of a new figure, as high as the rows need.

    Returns
    -------
    Axes
        Models have filled dots; baselines and chance lie below a line, on a grey ground, with
        hollow dots. A thin line is the 95 % interval of a metric that has one in the table
        (``<metric>_low``, ``<metric>_high``).

    Raises
    ------
    MissingKeyError
        If the table has no column ``kind`` or none of a metric's name.
    InputError
        If there is no metric or no row to draw.
    """
    shown = metric_rows(frame, columns)
    n = len(shown.rows.names)
    lines = 2 * -(-len(shown.series) // _LEGEND) + 4
    axes = axes_with_rows(n, lines) if ax is None else ax
    grounds(axes, shown.rows)
    for series in shown.series:
        dots(axes, series, shown.rows, size=font_size(axes) * 0.75, line=font_size(axes) * 0.12)
    _labels(axes, shown)
    return axes


def grounds(ax: Axes, rows: Rows) -> None:
    """Draw guides, and a grey ground behind what is not a model."""
    n, n_models = len(rows.names), int(rows.models.sum())
    ax.set(ylim=(n - 0.5, -0.5))
    if 0 < n_models < n:
        ax.axhspan(n_models - 0.5, n - 0.5, color=LIGHT.band, zorder=0, linewidth=0)
        ax.axhline(n_models - 0.5, color=GREY, linewidth=0.6, zorder=1)
    for row in range(n):
        ax.axhline(row, color="#D5D8DE", linewidth=0.5, zorder=1)


def dots(ax: Axes, series: Series, rows: Rows, *, size: float, line: float) -> None:
    """Draw one series: models filled, the others hollow, intervals as lines."""
    import seaborn as sns

    data = with_ends(series.place, series.values, series.low, series.high)
    for where, face in ((rows.models, series.colour), (~rows.models, "white")):
        if where.any():
            sns.pointplot(
                data[np.repeat(where, 3)], x="value", y="at", orient="y", native_scale=True,
                estimator=estimate, errorbar=None if series.low is None else ends,
                err_kws={"linewidth": line, "zorder": 2},
                color=series.colour, linestyle="none", marker=series.marker, markersize=size,
                markerfacecolor=face, markeredgewidth=size * 0.16, clip_on=False, zorder=3, ax=ax,
            )  # fmt: skip


def name_rows(ax: Axes, rows: Rows) -> None:
    """Write the names of the rows, without a frame."""
    ax.set_yticks(range(len(rows.names)), list(map(plain, rows.names)))
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel("")
    ax.spines[["left", "top", "right"]].set_visible(False)


def _labels(ax: Axes, shown: ScoreRows) -> None:
    name_rows(ax, shown.rows)
    ax.set_xlim(shown.range)
    ax.axvline(0, color=GREY, linewidth=0.6, zorder=1)
    ax.set_xlabel(shown.label)
    size = font_size(ax)
    handles = [
        Line2D(
            [], [], linestyle="none", color=one.colour, marker=one.marker,
            markersize=size * 0.75, label=one.label,
        )
        for one in shown.series
    ]  # fmt: skip
    ax.legend(
        handles=handles,
        labels=plain_labels(handles),
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        borderaxespad=0.3,
        ncols=min(len(handles), _LEGEND),
        frameon=False,
        handletextpad=0.1,
        columnspacing=1.0,
        fontsize=size,
    )
