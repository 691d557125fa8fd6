"""Scores of variants against measurements, and how well they agree by number of mutations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from rnaexplore._figure_data.fitness import MetricPoints, VariantGroup, metrics, variants
from rnaexplore._figure_data.theme import GREY
from rnaexplore.pl._axes import axes_or_new, font_size, legend_above

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["fitness", "fitness_metrics"]


def fitness(
    table: pd.DataFrame,
    *,
    measured: str = "DMS_score",
    score: str = "score",
    ax: Axes | None = None,
) -> Axes:
    """Draw scores of variants against measurements, colored by number of mutations.

    Parameters
    ----------
    table
        From `rnaexplore.tl.fitness`, with a column of measurements.
    measured
        The column of measurements.
    score
        The column of scores.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        One point per variant with both numbers, insertions and deletions as crosses; a title with
        the number of variants and the signed Spearman correlation. Points are drawn as pixels.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If no variant has both numbers.
    """
    shown = variants(table, measured=measured, score=score)
    axes = axes_or_new(ax)
    for group in shown.groups:
        _points(axes, group)
    axes.set(xlabel=shown.x_label, ylabel=shown.y_label)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(shown.title, fontsize=font_size(axes))
    axes.legend(
        title="mutations", loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False,
        handletextpad=0.1, fontsize=font_size(axes), title_fontsize=font_size(axes),
    )  # fmt: skip
    return axes


def fitness_metrics(
    frame: pd.DataFrame, *, metric: str = "spearman", ax: Axes | None = None
) -> Axes:
    """Draw how well scores agree with measurements, by number of mutations.

    Parameters
    ----------
    frame
        From `rnaexplore.tl.evaluate_fitness`.
    metric
        ``"spearman"``, ``"auc"``, ``"mcc"`` or ``"ndcg"``.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
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
    axes = axes_or_new(ax)
    for k, points in enumerate(shown.scores):
        _bars(axes, points, zorder=2 + k)
    if shown.chance is not None:
        axes.axhline(shown.chance, color=GREY, linewidth=0.8, linestyle=(0, (3, 2)), zorder=1)
    ticks = [f"{group}\n{n:,}" for group, n in zip(shown.groups, shown.counts, strict=True)]
    axes.set_xticks(range(len(ticks)), ticks)
    axes.set(xlabel="mutations, and number of variants", ylabel=shown.label)
    axes.set_xlim(-0.5, len(ticks) - 0.5)
    axes.spines[["top", "right"]].set_visible(False)
    legend_above(axes, axes.get_legend_handles_labels()[0], columns=2)
    return axes


def _points(ax: Axes, group: VariantGroup) -> None:
    ax.scatter(
        group.values[:, 0], group.values[:, 1], s=font_size(ax) * 1.2, color=group.color,
        marker=group.marker, linewidths=0.4, alpha=0.7, rasterized=True, label=group.label,
    )  # fmt: skip


def _bars(ax: Axes, points: MetricPoints, *, zorder: int) -> None:
    size = font_size(ax) * 0.6
    ax.errorbar(
        points.places, points.values, yerr=np.stack([points.below, points.above]),
        linestyle="none", color=points.color, marker=points.marker, markersize=size,
        elinewidth=size * 0.2, capsize=size * 0.3, zorder=zorder, label=points.label,
    )  # fmt: skip
