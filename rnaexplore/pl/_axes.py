"""What all figures share: axes at hand or new, ticks of residues, small colour bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.font_manager import FontProperties

from rnaexplore._figure_data.residues import numbered
from rnaexplore._figure_data.theme import HIGHLIGHT
from rnaexplore.pl._text import plain, plain_labels

__all__ = [
    "HIGHLIGHT",
    "POINTS_PER_INCH",
    "SMALLEST_LETTER",
    "axes_or_new",
    "axes_with_rows",
    "below_labels",
    "cell_points",
    "colour_bar",
    "font_size",
    "legend_above",
    "outside_legend",
    "residue_ticks",
    "square",
]

POINTS_PER_INCH = 72
_ROW = 1.5  #: lines of text that a row takes
SMALLEST_LETTER = 3.5  #: points; smaller letters are left out


def axes_or_new(ax: Axes | None) -> Axes:
    """Return the given axes, or those of a new figure that makes room for what is outside them."""
    if ax is not None:
        return ax
    _, new = plt.subplots(layout="constrained")
    return new


def axes_with_rows(n: int, lines: float) -> Axes:
    """Return axes of a new figure in which `n` rows and so many lines of text around have room."""
    axes = axes_or_new(None)
    figure = axes.get_figure(root=True)
    assert figure is not None
    inches = (n * _ROW + lines) * font_size(axes) / POINTS_PER_INCH
    figure.set_figheight(max(figure.get_figheight(), inches))
    return axes


def font_size(ax: Axes) -> float:
    """Return the size of tick labels in points, as set when the axes were made."""
    labels = ax.get_xticklabels()
    if labels:
        return float(labels[0].get_fontsize())
    usual = FontProperties(size=plt.rcParams["xtick.labelsize"])
    return float(usual.get_size_in_points())


def cell_points(ax: Axes, n: int) -> float:
    """Return about how many points one of `n` residues takes along the shorter side of the axes."""
    box = ax.get_window_extent()
    dots = min(box.width, box.height) / max(n, 1)
    return float(dots / ax.get_figure(root=True).dpi * POINTS_PER_INCH)  # type: ignore[union-attr]


def square(ax: Axes) -> None:
    """Frame a map of residues by residues on all four sides, thinly."""
    ax.spines[:].set_visible(True)
    ax.spines[:].set_linewidth(0.5)
    ax.tick_params(width=0.5, length=font_size(ax) * 0.3)


def residue_ticks(ax: Axes, labels: Sequence[str], *, both: bool = True) -> None:
    """Put numbers of residues on the x axis, or both axes, and letters where they can be read.

    Parameters
    ----------
    ax
        Axes on which residue k lies at k.
    labels
        Letter, or codon, of each residue.
    both
        Whether the y axis is treated like the x axis.
    """
    n = len(labels)
    positions = numbered(n)
    axes = (ax.xaxis, ax.yaxis) if both else (ax.xaxis,)
    for axis in axes:
        axis.set_ticks(positions, [str(p + 1) for p in positions])
    letter = min(cell_points(ax, n) * 1.05, font_size(ax))
    if letter >= SMALLEST_LETTER and max(map(len, labels), default=0) == 1:
        for axis in axes:
            axis.set_ticks(np.arange(n), labels, minor=True)
            axis.set_tick_params(which="minor", length=0, pad=1.5, labelsize=letter)
            axis.set_tick_params(which="major", length=0, pad=letter + 3.5)
            axis.remove_overlapping_locs = False


def below_labels(ax: Axes) -> float:
    """Return how many points below the axes there is room under tick labels and axis label."""
    pads: list[Any] = [tick.get_pad() for tick in ax.xaxis.get_major_ticks()]  # type: ignore[func-returns-value]
    ticks = max(pads, default=4.0)
    label = ax.xaxis.labelpad + float(ax.xaxis.label.get_fontsize()) * 1.8
    return float(font_size(ax) * 1.2 + ticks + label)


def outside_legend(ax: Axes, handles: Sequence[Artist]) -> None:
    """Explain labelled marks to the right of the axes, where nothing is drawn."""
    ax.legend(
        handles=list(handles),
        labels=plain_labels(handles),
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        borderaxespad=0.4,
        frameon=False,
        handlelength=1.8,
        handletextpad=0.5,
        labelspacing=0.5,
        fontsize=font_size(ax),
    )


def legend_above(ax: Axes, handles: Sequence[Artist], columns: int = 3) -> None:
    """Explain labelled marks above the axes, where nothing is drawn."""
    ax.legend(
        handles=list(handles),
        labels=plain_labels(handles),
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=min(len(handles), columns),
        frameon=False,
        handlelength=1.6,
        handletextpad=0.3,
        columnspacing=1.0,
        fontsize=font_size(ax),
    )


def colour_bar(ax: Axes, mappable: ScalarMappable, label: str) -> Colorbar:
    """Add a color bar to the right of the axes, close to them and as high."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    bar = figure.colorbar(mappable, cax=ax.inset_axes((1.03, 0.0, 0.035, 1.0)))
    bar.set_label(plain(label), fontsize=font_size(ax))
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=2, width=0.5, labelsize=font_size(ax), pad=1.5)
    return bar
