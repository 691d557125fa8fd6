"""How well the heads of a model follow base pairs, compared with their nulls."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from rnaexplore._figure_data.head_scores import HeadBars, head_bars
from rnaexplore.pl._axes import axes_or_new, font_size, outside_legend
from rnaexplore.pl._intervals import ends, estimate, with_ends

__all__ = ["head_scores"]

_SHUFFLED, _INK = "#D55E00", "#1D232B"


def head_scores(
    frame: pd.DataFrame, *, top: int = 24, fdr: float = 0.05, ax: Axes | None = None
) -> Axes:
    """Draw the AUPRC of base pairs of each head, best first, with its nulls.

    Parameters
    ----------
    frame
        From `rnaexplore.tl.score_heads`.
    top
        Number of heads to draw; the others are counted in the label of the axis.
    fdr
        Heads with a larger false-discovery rate are pale, 0 to 1.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Bars are heads, dashes the same heads on shuffled sequences, error bars the 95 % interval of
        the difference of both, drawn from the dash up. Lines are the best of all null heads, of
        random weights or on shuffled sequences, and random pairs.

    Raises
    ------
    MissingKeyError
        If a column is missing.
    InputError
        If there is no head to draw, or `fdr` is outside 0 to 1.
    """
    shown = head_bars(frame, top, fdr)
    axes = axes_or_new(ax)
    outside_legend(axes, [*_bars(axes, shown), *_nulls(axes, shown)])
    axes.set_xticks(range(len(shown.names)), shown.names, rotation=90)
    across, up = shown.titles
    axes.set(xlabel=across, ylabel=up, xlim=(-0.7, len(shown.names) - 0.3), ylim=(0, None))
    return axes


def _bars(ax: Axes, shown: HeadBars) -> list[Artist]:
    """Draw heads with their intervals; return one bar of each kind, to be explained."""
    import seaborn as sns

    at = np.arange(len(shown.names), dtype=np.float64)
    data = with_ends(at, shown.values, shown.low, shown.high)
    colors = {label: color for color, label in shown.kinds}
    called, other = colors
    data["kind"] = np.repeat(np.where(shown.called, called, other), 3)
    found = [label for label in colors if label in set(data["kind"])]
    sns.barplot(
        data, x="at", y="value", hue="kind", hue_order=found, palette=colors, dodge=False,
        native_scale=True, width=0.72, estimator=estimate, errorbar=ends, saturation=1, ax=ax,
        err_kws={"color": _INK, "linewidth": font_size(ax) * 0.12}, legend=False,
    )  # fmt: skip
    for bars, label in zip(ax.containers, found, strict=True):
        bars[0].set_label(label)
    ax.lines[0].set_label("95 % interval")
    return [*(bars[0] for bars in ax.containers), ax.lines[0]]


def _nulls(ax: Axes, shown: HeadBars) -> list[Artist]:
    """Draw what the nulls have; return one of each, to be explained."""
    size = font_size(ax)
    dashes = ax.plot(
        np.arange(len(shown.names)), shown.shuffled, linestyle="none", marker="_",
        color=_SHUFFLED, markersize=size, markeredgewidth=size * 0.22, label="shuffled sequences",
    )  # fmt: skip
    drawn: list[Artist] = [*dashes]
    for value, color, dotted, label in shown.levels:
        style = ":" if dotted else "--"
        drawn.append(ax.axhline(value, color=color, linestyle=style, label=label))
    return drawn
