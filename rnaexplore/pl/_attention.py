"""One attention map."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.maps import AttentionMaps
from rnaexplore.pl._axes import axes_or_new, cell_points, colour_bar, residue_ticks, square
from rnaexplore.structure import Structure

__all__ = ["attention", "end_of_scale"]

_PERCENTILE = 99.5
_RING = "#0072B2"


def attention(
    maps: AttentionMaps,
    *,
    layer: int,
    head: int | None,
    reference: Structure | None = None,
    threshold: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw the attention map of one head.

    Parameters
    ----------
    maps
        From `rnaexplore.tl.attention`.
    layer, head
        0-based numbers in the model, as in ``maps.layers`` and ``maps.heads``; ``head=None``
        draws the mean over the layer's heads.
    reference
        The known structure: its pairs are marked by rings, in both triangles.
    threshold
        Weights below that share of the map's largest one are left blank, 0 to 1.
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
        If the maps do not hold that layer or head, the reference is of another length, or the
        threshold is outside 0 to 1.
    """
    values = _one_map(maps, layer, head)
    _check(values, reference, threshold)
    axes = axes_or_new(ax)
    shown = np.where(values >= threshold * values.max(), values, 0.0) if threshold else values
    image = axes.imshow(
        shown, cmap="magma_r", vmin=0, vmax=end_of_scale(values), interpolation="nearest"
    )
    if reference is not None:
        _rings(axes, reference)
    square(axes)
    residue_ticks(axes, maps.residues)
    which = "mean of heads" if head is None else f"head {head}"
    axes.set(xlabel="attended residue", ylabel="attending residue")
    axes.set_title(f"{maps.model}, layer {layer}, {which}")
    corrected = "corrected " if values.min() < 0 else ""
    colour_bar(axes, image, f"{corrected}attention weight")
    return axes


def _check(values: NDArray[np.floating], reference: Structure | None, threshold: float) -> None:
    if reference is not None and len(reference) != len(values):
        msg = f"the maps have {len(values)} residues, the reference {len(reference)}"
        raise InputError(msg)
    if not 0 <= threshold <= 1:
        msg = f"threshold must be in [0, 1], a share of the largest weight, got {threshold}"
        raise InputError(msg)


def _rings(ax: Axes, reference: Structure) -> None:
    i, j = reference.pairs.T
    size = float(np.clip(cell_points(ax, len(reference)) * 1.1, 1.6, 12.0))
    ax.plot(
        np.concatenate([j, i]),
        np.concatenate([i, j]),
        linestyle="none",
        marker="s",
        markersize=size,
        markerfacecolor="none",
        markeredgecolor=_RING,
        markeredgewidth=float(np.clip(size * 0.16, 0.4, 1.2)),
        label="pair in the reference",
        scalex=False,
        scaley=False,
    )


def end_of_scale(values: NDArray[np.floating]) -> float:
    """Return the value at which colours end: the 99.5th percentile, 1 for a map of zeros."""
    top = float(np.percentile(values, _PERCENTILE))
    return top if top > 0 else 1.0


def _one_map(maps: AttentionMaps, layer: int, head: int | None) -> NDArray[np.floating]:
    if head is not None:
        return maps.at(layer, head)
    mean: NDArray[np.floating] = np.mean([maps.at(layer, h) for h in maps.heads], axis=0)
    return mean
