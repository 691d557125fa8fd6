"""Which classes are taken for which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.pl._axes import axes_or_new, cell_points, colour_bar, font_size, square

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
        blank, and so are numbers that could not be read.

    Raises
    ------
    InputError
        If the table is not square with the same classes on both axes.
    """
    if list(counts.index) != list(counts.columns) or counts.empty:
        msg = "a confusion table has the same classes in rows and columns, in the same order"
        raise InputError(msg)
    values = counts.to_numpy(dtype=float)
    shares = values / np.maximum(values.sum(1, keepdims=True), 1)
    axes = axes_or_new(ax)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
    square(axes)
    names = [str(name) for name in counts.index]
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(length=0)
    axes.set(xlabel="predicted", ylabel="true")
    _write(axes, values, shares)
    colour_bar(axes, image, "share of the true class")
    return axes


def _write(ax: Axes, values: NDArray[np.float64], shares: NDArray[np.float64]) -> None:
    cell = cell_points(ax, len(values))
    if cell < _LEAST_CELL:
        return
    widest = len(f"{values.max():.0f}")
    size = min(font_size(ax), 1.5 * cell / max(widest, 2))
    for i, j in np.argwhere(values > 0):
        colour = "white" if shares[i, j] > _DARK else "black"
        text = f"{values[i, j]:.0f}"
        ax.text(j, i, text, ha="center", va="center", color=colour, fontsize=size)
