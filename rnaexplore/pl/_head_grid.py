"""All heads of a model at a glance."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from rnaexplore.maps import AttentionMaps
from rnaexplore.pl._axes import axes_or_new

__all__ = ["head_grid"]


def head_grid(maps: AttentionMaps, *, ax: Axes | None = None) -> Axes:
    """Draw thumbnails of all attention maps, a row a layer, a column a head.

    Parameters
    ----------
    maps
        From `rnaexplore.tl.attention`.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Each thumbnail has its own scale, up to its 99.5th percentile: compare patterns, not
        strengths.
    """
    axes = axes_or_new(ax)
    n_layers, n_heads, length, _ = maps.values.shape
    gap = max(1, round(length * 0.06))
    pitch = length + gap
    canvas = np.full((n_layers * pitch - gap, n_heads * pitch - gap), np.nan)
    for row in range(n_layers):
        for column in range(n_heads):
            values = maps.values[row, column]
            top = float(np.percentile(values, 99.5)) or 1.0
            y, x = row * pitch, column * pitch
            canvas[y : y + length, x : x + length] = np.clip(values / top, 0, 1)
    axes.imshow(canvas, cmap="magma_r", vmin=0, vmax=1, interpolation="antialiased")
    axes.set_xticks([k * pitch + length / 2 for k in range(n_heads)], [str(h) for h in maps.heads])
    axes.set_yticks(
        [k * pitch + length / 2 for k in range(n_layers)], [str(k) for k in maps.layers]
    )
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set(xlabel="head", ylabel="layer", title=f"{maps.model}, attention of {length} residues")
    return axes
