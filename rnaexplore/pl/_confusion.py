"""Which classes are taken for which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from rnaexplore._figure_data.tables import ConfusionTable, confusion_table
from rnaexplore._figure_data.theme import RAMPS
from rnaexplore.pl._axes import POINTS_PER_INCH, SMALLEST_LETTER, cell_points, font_size
from rnaexplore.pl._cells import cells
from rnaexplore.pl._text import name

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["confusion"]

_LEAST_CELL = 7.0  #: points; in smaller cells no numbers are written


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
    size = _text_size(axes, table)
    texts = np.where(table.counts > 0, np.char.mod("%.0f", table.counts), "")
    cells(
        axes, table.shares, texts if size else None, ramp=RAMPS["confusion"], label=table.label,
        size=size,
    )  # fmt: skip
    _name(axes, table.names)
    axes.set(xlabel="predicted", ylabel="true")
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
    shown = np.arange(0, len(names), every) + 0.5
    written = list(map(name, names[::every]))
    ax.set_xticks(shown, written, rotation=90)
    ax.set_yticks(shown, written)
    ax.tick_params(length=0, labelsize=size)


def _text_size(ax: Axes, table: ConfusionTable) -> float:
    """Return the size of numbers in points, 0 if they could not be read."""
    n = len(table.names)
    cell = cell_points(ax, n) - _room(table.names, font_size(ax)) / n
    widest = len(f"{table.counts.max():.0f}")
    return min(font_size(ax), 1.5 * cell / max(widest, 2)) if cell >= _LEAST_CELL else 0.0
