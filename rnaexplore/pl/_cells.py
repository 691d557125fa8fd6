"""Square tables as seaborn's heat maps, with numbers where they can be read."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from rnaexplore.pl._axes import colour_bar, square

__all__ = ["cells"]


def cells(
    ax: Axes, values: NDArray[np.float64], texts: Any, *, ramp: str, label: str, size: float
) -> None:
    """Draw values from 0 to 1 as colors, a cell each, and texts in them.

    Parameters
    ----------
    ax
        Axes to draw on; row and column k end up at k + 0.5.
    values
        Shape (rows, columns).
    texts
        What is written into the cells, of the same shape; ``None`` for nothing.
    ramp
        Name of the colors.
    label
        What the values are; written beside the color bar.
    size
        Of the texts, in points.
    """
    import seaborn as sns

    sns.heatmap(
        values, annot=texts, fmt="", cmap=ramp, vmin=0, vmax=1, square=True, cbar=False, ax=ax,
        xticklabels=False, yticklabels=False, annot_kws={"size": size}, rasterized=True,
    )  # fmt: skip
    square(ax)
    colour_bar(ax, ax.collections[0], label)
