"""One attention map."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from rnaexplore._figure_data.attention import attention_image
from rnaexplore._figure_data.theme import NESTED, RAMPS
from rnaexplore.maps import AttentionMaps
from rnaexplore.pl._axes import axes_or_new, cell_points, colour_bar, residue_ticks, square
from rnaexplore.pl._text import plain
from rnaexplore.structure import Structure

__all__ = ["attention"]


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
    shown = attention_image(maps, layer, head, reference, threshold)
    axes = axes_or_new(ax)
    image = axes.imshow(
        shown.values, cmap=RAMPS["attention"], vmin=0, vmax=shown.end, interpolation="nearest"
    )
    if reference is not None:
        _rings(axes, reference)
    square(axes)
    residue_ticks(axes, maps.residues)
    axes.set(xlabel="attended residue", ylabel="attending residue")
    axes.set_title(plain(shown.title))
    colour_bar(axes, image, shown.label)
    return axes


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
        markeredgecolor=NESTED,
        markeredgewidth=float(np.clip(size * 0.16, 0.4, 1.2)),
        label="pair in the reference",
        scalex=False,
        scaley=False,
    )
