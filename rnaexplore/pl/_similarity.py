"""How alike representations are, each with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from rnaexplore._plotdata.tables import similarity_table
from rnaexplore._plotdata.theme import RAMPS
from rnaexplore.pl._axes import axes_or_new, cell_points, colour_bar, font_size, square

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["similarity"]

_LEAST_CELL = 9.0  #: points; in smaller cells no numbers are written
_BRIGHT = 0.6  #: value from which numbers are written in black
_UPRIGHT = 3  #: letters of names that are not turned


def similarity(table: pd.DataFrame, *, label: str = "linear CKA", ax: Axes | None = None) -> Axes:
    """Draw a table of similarities between representations or layers.

    Parameters
    ----------
    table
        Values from 0 to 1, for example of `rnaexplore.tl.cka` or `rnaexplore.tl.neighbor_overlap`
        of all pairs; its index and columns are names or numbers of layers.
    label
        What the values are; written beside the colour bar.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Colours run from 0 to 1 whatever the values, so that figures can be compared. Numbers are
        left out where they could not be read. Names of the index and the columns label the axes.

    Raises
    ------
    InputError
        If the table is empty or a value lies outside of 0 to 1.
    """
    shown = similarity_table(table)
    values = shown.values
    axes = axes_or_new(ax)
    image = axes.imshow(values, cmap=RAMPS["similarity"], vmin=0, vmax=1, interpolation="nearest")
    square(axes)
    turned = max(map(len, shown.across)) > _UPRIGHT
    axes.set_xticks(range(len(shown.across)), shown.across, rotation=90 if turned else 0)
    axes.set_yticks(range(len(shown.down)), shown.down)
    axes.set(xlabel=shown.titles[0], ylabel=shown.titles[1])
    axes.tick_params(length=0)
    cell = cell_points(axes, max(values.shape))
    if cell >= _LEAST_CELL:
        size = min(font_size(axes), 0.42 * cell)
        for i, j in np.ndindex(values.shape):
            text = f"{values[i, j]:.2f}".removeprefix("0")
            colour = "black" if values[i, j] > _BRIGHT else "white"
            axes.text(j, i, text, ha="center", va="center", color=colour, fontsize=size)
    colour_bar(axes, image, label)
    return axes
