"""Predicted probabilities of pairs beside the share of pairs that are true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from mpl_toolkits.axes_grid1 import make_axes_locatable
from mpl_toolkits.axes_grid1.axes_size import Fixed

from rnaexplore._figure_data.reliability import Bins, bins
from rnaexplore.pl._axes import POINTS_PER_INCH, axes_or_new, font_size, legend_above

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["reliability"]

_COUNTS = "28%"  #: height of the histogram, of that of the axes
_GAP = 0.08  #: inches
_DIAGONAL = "#7C8494"


def reliability(
    tables: pd.DataFrame | Mapping[str, pd.DataFrame], *, ax: Axes | None = None
) -> Axes:
    """Draw which share of pairs is true at each predicted probability.

    Parameters
    ----------
    tables
        From `rnaexplore.tl.reliability`; or several by name, to be compared: for example a model
        and ViennaRNA, or before and after a calibration.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Points on the diagonal are right; below it a model is surer than it should be. Bars are
        95 % intervals. The legend tells the expected calibration error (ECE, over pairs of 1 %
        and more), the axes below it how many pairs are in each bin, on a logarithmic scale.

    Raises
    ------
    InputError
        If there is no table.
    MissingKeyError
        If a table lacks a column.
    """
    drawn = bins(tables)
    axes = axes_or_new(ax)
    counts = _above(axes, len(drawn))
    axes.plot([0, 1], [0, 1], color=_DIAGONAL, linestyle=(0, (3, 2)), linewidth=0.8, zorder=1)
    for k, one in enumerate(drawn):
        _points(axes, one, k)
        _bars(counts, one)
    _frame(axes, counts)
    legend_above(counts, axes.get_legend_handles_labels()[0], columns=1)
    return axes


def _above(ax: Axes, entries: int) -> Axes:
    """Return axes above those given, and leave room over both for a legend."""
    divider = make_axes_locatable(ax)
    counts: Axes = divider.append_axes("top", size=_COUNTS, pad=_GAP, sharex=ax)
    height = (1.5 * entries + 1.5) * font_size(ax)
    divider.append_size("top", Fixed(height / POINTS_PER_INCH))
    return counts


def _points(ax: Axes, shown: Bins, k: int) -> None:
    """Draw the bins of a table with their intervals, joined by a line."""
    size = font_size(ax) * 0.6
    ax.errorbar(
        shown.predicted, shown.observed, yerr=(shown.below, shown.above), color=shown.colour,
        marker=shown.marker, markersize=size, linewidth=size * 0.2, elinewidth=size * 0.2,
        capsize=size * 0.3, zorder=2 + k, label=shown.label,
    )  # fmt: skip


def _bars(ax: Axes, shown: Bins) -> None:
    """Draw how many pairs are in each bin."""
    ax.bar(
        shown.left, shown.counts, shown.width, align="edge", facecolor="none",
        edgecolor=shown.colour, linewidth=0.8,
    )  # fmt: skip


def _frame(ax: Axes, counts: Axes) -> None:
    size = font_size(ax)
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    ax.set(xlabel="predicted probability", ylabel="share of true pairs")
    ax.set_xticks(np.linspace(0, 1, 6))
    ax.set_yticks(np.linspace(0, 1, 6))
    counts.set_yscale("log")
    counts.set_ylim(0.7, 2 * counts.dataLim.y1)
    counts.set_yticks(*_powers(counts.dataLim.y1))
    counts.text(
        0.99, 0.96, "pairs", fontsize=size, ha="right", va="top", transform=counts.transAxes
    )
    counts.tick_params(labelbottom=False, labelsize=size, length=2)
    counts.minorticks_off()
    for one in (ax, counts):
        one.spines[["top", "right"]].set_visible(False)


def _powers(top: float) -> tuple[list[float], list[str]]:
    """Return 1 and the largest power of ten up to `top`, as ticks and as plain text."""
    power = int(np.log10(max(top, 1)))
    exponents = [0, power] if power > 1 else [0]
    units = ("", "k", "M", "G")
    labels = [f"{10 ** (e % 3)}{units[e // 3]}" for e in exponents]
    return [10.0**e for e in exponents], labels
