"""One attention map."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from rnaexplore.maps import AttentionMaps
from rnaexplore.pl._axes import axes_or_new, colour_bar, residue_ticks, square

__all__ = ["attention", "end_of_scale"]

_PERCENTILE = 99.5


def attention(maps: AttentionMaps, *, layer: int, head: int | None, ax: Axes | None = None) -> Axes:
    """Draw the attention map of one head.

    Parameters
    ----------
    maps
        From `rnaexplore.tl.attention`.
    layer, head
        0-based numbers in the model, as in ``maps.layers`` and ``maps.heads``; ``head=None``
        draws the mean over the layer's heads.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Rows are the residues that attend, columns those attended to, numbered from 1. Colours
        end at the 99.5th percentile and begin at 0: values beyond have the colour of the end.

    Raises
    ------
    InputError
        If the maps do not hold that layer or head.
    """
    values = _one_map(maps, layer, head)
    axes = axes_or_new(ax)
    image = axes.imshow(
        values, cmap="magma_r", vmin=0, vmax=end_of_scale(values), interpolation="nearest"
    )
    square(axes)
    residue_ticks(axes, maps.residues)
    which = "mean of heads" if head is None else f"head {head}"
    axes.set(xlabel="attended residue", ylabel="attending residue")
    axes.set_title(f"{maps.model}, layer {layer}, {which}")
    colour_bar(axes, image, "attention weight")
    return axes


def end_of_scale(values: NDArray[np.floating]) -> float:
    """Return the value at which colours end: the 99.5th percentile, 1 for a map of zeros."""
    top = float(np.percentile(values, _PERCENTILE))
    return top if top > 0 else 1.0


def _one_map(maps: AttentionMaps, layer: int, head: int | None) -> NDArray[np.floating]:
    if head is not None:
        return maps.at(layer, head)
    mean: NDArray[np.floating] = np.mean([maps.at(layer, h) for h in maps.heads], axis=0)
    return mean
