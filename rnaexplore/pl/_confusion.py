"""Which classes are taken for which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from numpy.typing import NDArray

from rnaexplore._plotdata.tables import confusion_table
from rnaexplore._plotdata.theme import RAMPS
from rnaexplore.pl._axes import (
    POINTS_PER_INCH,
    SMALLEST_LETTER,
    cell_points,
    colour_bar,
    font_size,
    square,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["confusion"]

_LEAST_CELL = 7.0  #: points; in smaller cells no numbers are written
_DARK = 0.55  #: share from which numbers are written in white


def confusion(counts: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw a confusion table: true classes in rows, predicted ones in columns.

    Parameters
    ----------
    counts
        From `ProbeResult.confusion`: square, with the same classes on both axes.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Colours are shares of the true class (rows sum to 1), numbers are counts; zeros are left
        blank, and so are numbers that could not be read. Names shrink with the cells; of very many
        classes some names are left out.

    Raises
    ------
    InputError
        If the table is not square with the same classes on both axes.
    """
    table = confusion_table(counts)
    axes = _new(table.names) if ax is None else ax
    image = axes.imshow(
        table.shares, cmap=RAMPS["confusion"], vmin=0, vmax=1, interpolation="nearest"
    )
    square(axes)
    colour_bar(axes, image, table.label)
    _name(axes, table.names)
    axes.set(xlabel="predicted", ylabel="true")
    _write(axes, table.counts, table.shares)
    return axes


def _new(names: list[str]) -> Axes:
    """Return the axes of a new figure, as high as a square table beside its names needs."""
    width, usual = plt.rcParams["figure.figsize"]
    beside = _room(names, float(plt.rcParams["font.size"])) / POINTS_PER_INCH
    height = max(usual, min(0.8 * (width - beside) + beside, 1.2 * width))
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def _room(names: list[str], size: float) -> float:
    """Return about how many points the longest name takes, and the label beyond it."""
    return size * (0.55 * max(map(len, names)) + 2.5)


def _name(ax: Axes, names: list[str]) -> None:
    """Write the names of classes, as small as the cells are, and as many as can be read."""
    usual = font_size(ax)
    cell = cell_points(ax, len(names)) - _room(names, usual) / len(names)
    size = float(np.clip(0.9 * cell, SMALLEST_LETTER, usual))
    every = max(1, int(np.ceil(SMALLEST_LETTER / max(0.9 * cell, 0.1))))
    shown = range(0, len(names), every)
    ax.set_xticks(shown, names[::every], rotation=90)
    ax.set_yticks(shown, names[::every])
    ax.tick_params(length=0, labelsize=size)


def _write(ax: Axes, values: NDArray[np.float64], shares: NDArray[np.float64]) -> None:
    names = [label.get_text() for label in ax.get_yticklabels()]
    cell = cell_points(ax, len(values)) - _room(names, font_size(ax)) / len(values)
    if cell < _LEAST_CELL:
        return
    widest = len(f"{values.max():.0f}")
    size = min(font_size(ax), 1.5 * cell / max(widest, 2))
    for i, j in np.argwhere(values > 0):
        colour = "white" if shares[i, j] > _DARK else "black"
        text = f"{values[i, j]:.0f}"
        ax.text(j, i, text, ha="center", va="center", color=colour, fontsize=size)
