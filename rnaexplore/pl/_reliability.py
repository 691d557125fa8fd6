"""Predicted probabilities of pairs beside the share of pairs that are true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from mpl_toolkits.axes_grid1 import make_axes_locatable
from mpl_toolkits.axes_grid1.axes_size import Fixed

from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.pl._axes import POINTS_PER_INCH, axes_or_new, font_size, legend_above
from rnaexplore.pl._palette import OKABE_ITO
from rnaexplore.structure import calibration_error

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["reliability"]

_COLUMNS = ("low", "high", "n", "predicted", "observed", "observed_low", "observed_high")
_MARKERS = ("o", "s", "D", "^", "v", "P")
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
    named = dict(tables) if isinstance(tables, Mapping) else {"": tables}
    _check(named)
    axes = axes_or_new(ax)
    counts = _above(axes, len(named))
    axes.plot([0, 1], [0, 1], color=_DIAGONAL, linestyle=(0, (3, 2)), linewidth=0.8, zorder=1)
    for k, (name, table) in enumerate(named.items()):
        _points(axes, name, table, k)
        _bars(counts, table, k)
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


def _check(tables: Mapping[str, pd.DataFrame]) -> None:
    if not tables:
        msg = "tables must hold at least one table of rx.tl.reliability"
        raise InputError(msg)
    for table in tables.values():
        missing = [name for name in _COLUMNS if name not in table]
        if missing:
            msg = f"the table has no {missing[0]!r}; rx.tl.reliability(adata, model) makes one"
            raise MissingKeyError(msg)


def _points(ax: Axes, name: str, table: pd.DataFrame, k: int) -> None:
    """Draw the bins of a table with their intervals, joined by a line."""
    size, colour = font_size(ax) * 0.6, OKABE_ITO[k % len(OKABE_ITO)]
    error = f"ECE {calibration_error(table):.3f}"
    observed = table["observed"].to_numpy()
    ends = table[["observed_low", "observed_high"]].to_numpy(dtype=np.float64)
    lengths = np.abs(np.nan_to_num(ends - observed[:, None])).T
    ax.errorbar(
        table["predicted"], observed, yerr=lengths, color=colour,
        marker=_MARKERS[k % len(_MARKERS)], markersize=size, linewidth=size * 0.2,
        elinewidth=size * 0.2, capsize=size * 0.3, zorder=2 + k,
        label=f"{name}, {error}" if name else error,
    )  # fmt: skip


def _bars(ax: Axes, table: pd.DataFrame, k: int) -> None:
    """Draw how many pairs are in each bin."""
    width = table["high"] - table["low"]
    colour = OKABE_ITO[k % len(OKABE_ITO)]
    ax.bar(
        table["low"], table["n"], width, align="edge", facecolor="none", edgecolor=colour,
        linewidth=0.8,
    )  # fmt: skip


def _frame(ax: Axes, counts: Axes) -> None:
    size = font_size(ax)
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    ax.set(xlabel="predicted probability", ylabel="share of true pairs")
    ax.set_xticks(np.linspace(0, 1, 6))
    ax.set_yticks(np.linspace(0, 1, 6))
    counts.set_yscale("log")
    counts.set_ylim(0.7, 2 * counts.dataLim.y1)
    counts.set_ylabel("pairs", fontsize=size)
    counts.tick_params(labelbottom=False, labelsize=size, length=2)
    counts.minorticks_off()
    for one in (ax, counts):
        one.spines[["top", "right"]].set_visible(False)
