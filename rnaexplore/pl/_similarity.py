"""How alike representations are, each with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from rnaexplore import _keys
from rnaexplore.errors import InputError
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
    values = table.to_numpy(dtype=float)
    if not values.size or not ((values >= -1e-6) & (values <= 1 + 1e-6)).all():  # noqa: PLR2004
        msg = "a table of similarities has at least one value, and all of them in [0, 1]"
        raise InputError(msg)
    axes = axes_or_new(ax)
    image = axes.imshow(values, cmap="viridis", vmin=0, vmax=1, interpolation="nearest")
    square(axes)
    across = [_keys.model_of_key(str(name)) for name in table.columns]
    down = [_keys.model_of_key(str(name)) for name in table.index]
    turned = max(map(len, across)) > _UPRIGHT
    axes.set_xticks(range(len(across)), across, rotation=90 if turned else 0)
    axes.set_yticks(range(len(down)), down)
    axes.set(xlabel=table.columns.name or "", ylabel=table.index.name or "")
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
