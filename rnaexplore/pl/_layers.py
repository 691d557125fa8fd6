"""Scores of every layer of a model, and the levels of what they have to beat."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.typing import LineStyleType

from rnaexplore._figure_data.layers import Dash, LayerLine, Level, layer_figure
from rnaexplore.pl._axes import axes_or_new, font_size, outside_legend
from rnaexplore.pl._intervals import ends, estimate, with_ends

__all__ = ["layers"]

_DASHES: dict[Dash, LineStyleType] = {
    "solid": "-",
    "dash": "--",
    "dot": (0, (1, 1.2)),
    "dashdot": "-.",
    "longdashdot": (0, (6, 1.5, 1, 1.5, 1, 1.5)),
    "rare dots": (0, (1, 3.5)),
    "rare dashes": (0, (4, 3)),
    "rare dashdots": (0, (4, 3, 1, 3)),
}
_MOST_TICKS = 12


def layers(
    frame: pd.DataFrame,
    score: str,
    *,
    levels: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a score of every layer as a line, and each baseline as a level.

    Parameters
    ----------
    frame
        From `rnaexplore.tl.layer_sweep` or `rnaexplore.tl.evaluate_sites`: one row per layer or
        baseline, told apart by a column ``kind``. With a column ``group`` each of its values has
        a color, and so have its baselines, unless one group alone has them. Concatenate tables
        with a ``group`` each to compare models.
    score
        The column to draw, for example ``"knn_accuracy"`` or ``"NMI"``.
    levels
        Rows to draw as levels; by default all that are no layer and have this score, but of k-mers
        only the best ones: row ``"best k-mers"``, or the highest where that one has no such score.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Layer 0 is the embedding before the first layer. Cosine distances have a dashed line with
        hollow dots. The band is the 95 % interval, if the table has one. The best layer of each
        line has a larger dot: it was chosen after the fact, and ``"best layer"`` is the level to
        compare with baselines.

    Raises
    ------
    MissingKeyError
        If the table has no such score, no column ``kind``, or no such level.
    InputError
        If no row is a layer.
    """
    shown = layer_figure(frame, score, levels)
    axes = axes_or_new(ax)
    for line in shown.lines:
        _draw(axes, line)
    for level in shown.levels:
        style = _DASHES[level.dash]
        axes.axhline(level.value, color=level.colour, linestyle=style, linewidth=0.9, zorder=1)
    axes.set_xticks(range(0, shown.last + 1, max(1, shown.last // _MOST_TICKS)))
    axes.set(xlim=(-0.3, shown.last + 0.3), xlabel="layer", ylabel=shown.label, ylim=shown.range)
    size = font_size(axes) * 0.55
    lines = [_line(line, size) for line in shown.lines]
    outside_legend(axes, [*lines, *map(_level, shown.legend)])
    return axes


def _draw(ax: Axes, line: LayerLine) -> None:
    """Draw the layers of a group by one distance, the best of them larger."""
    import seaborn as sns

    size, best = font_size(ax) * 0.55, slice(line.best, line.best + 1)
    every = with_ends(line.layers.astype(float), line.values, line.low, line.high)
    for data, bar, large in ((every, ends, 1.0), (every[::3][best], None, 1.8)):
        sns.lineplot(
            data, x="at", y="value", estimator=estimate, errorbar=bar, sort=False,
            err_kws={"alpha": 0.12, "linewidth": 0}, color=line.colour, marker="o",
            linestyle="--" if line.hollow else "-", markersize=large * size, markeredgewidth=0.8,
            markerfacecolor="white" if line.hollow else line.colour, markeredgecolor=line.colour,
            clip_on=False, zorder=3, legend=False, ax=ax,
        )  # fmt: skip


def _line(line: LayerLine, size: float) -> Line2D:
    return Line2D(
        [], [], color=line.colour, linestyle="--" if line.hollow else "-", marker="o",
        markerfacecolor="white" if line.hollow else None, markersize=size, label=line.label,
    )  # fmt: skip


def _level(level: Level) -> Line2D:
    return Line2D(
        [], [], color=level.colour, linestyle=_DASHES[level.dash], linewidth=0.9, label=level.label
    )
