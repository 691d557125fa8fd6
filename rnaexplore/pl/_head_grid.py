"""All heads of a model at a glance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from rnaexplore._figure_data.head_grid import Grid, grid_of, places_of, thumbnail
from rnaexplore._figure_data.theme import NESTED, RAMPS
from rnaexplore.maps import AttentionMaps
from rnaexplore.pl._axes import axes_or_new, cell_points, font_size
from rnaexplore.pl._text import plain

__all__ = ["head_grid"]


def head_grid(
    maps: AttentionMaps,
    *,
    ranked: Sequence[tuple[int, int, float]] | None = None,
    marked: tuple[int, int | None] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw thumbnails of all attention maps, a row a layer, a column a head.

    Parameters
    ----------
    maps
        From `rnaexplore.tl.attention`.
    ranked
        Layer, head and score of each map, in the order to draw them in, left to right and row by
        row; each gets its numbers and score above it.
    marked
        Layer and head to frame; head ``None`` frames the layer.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Each thumbnail has its own scale, up to its 99.5th percentile: compare patterns, not
        strengths. Maps of more than 96 residues are shrunk, each pixel the largest of its cells.

    Raises
    ------
    InputError
        If `ranked` or `marked` names a map that is not there.
    """
    places = places_of(maps, ranked, marked)
    axes = axes_or_new(ax)
    columns = len(maps.heads) if ranked is None else _columns(axes, len(places))
    pictures = [thumbnail(maps.at(layer, head)) for layer, head in places]
    frame = grid_of(len(pictures[0]), columns, labelled=ranked is not None)
    axes.imshow(
        frame.canvas(pictures), cmap=RAMPS["attention"], vmin=0, vmax=1,
        interpolation="antialiased",
    )  # fmt: skip
    _names(axes, maps, frame, ranked)
    if marked is not None:
        _frame_marked(axes, frame, places, marked)
    axes.spines[:].set_visible(False)
    axes.set_title(f"{plain(maps.model)}, attention of {maps.values.shape[-1]} residues")
    return axes


def _columns(ax: Axes, n: int) -> int:
    """Return how many thumbnails a row make the grid as wide as its axes."""
    box = ax.get_window_extent()
    return int(np.clip(round((n * 1.6 * box.width / max(box.height, 1.0)) ** 0.5), 1, n))


def _names(
    ax: Axes,
    maps: AttentionMaps,
    frame: Grid,
    ranked: Sequence[tuple[int, int, float]] | None,
) -> None:
    ax.tick_params(length=0)
    half = frame.length / 2
    if ranked is None:
        ax.set_xticks(
            [frame.corner(k)[1] + half for k in range(len(maps.heads))], list(map(str, maps.heads))
        )
        rows = [frame.corner(k * frame.columns)[0] + half for k in range(len(maps.layers))]
        ax.set_yticks(rows, list(map(str, maps.layers)))
        ax.set(xlabel="head", ylabel="layer")
        return
    ax.set(xticks=[], yticks=[], xlabel="layer·head and score, best first")
    size = min(font_size(ax), cell_points(ax, frame.columns) * 0.22)
    for slot, (layer, head, score) in enumerate(ranked):
        y, x = frame.corner(slot)
        text = f"{layer}·{head}\n{score:.2f}"
        ax.text(x + half, y - 1, text, fontsize=size, ha="center", va="bottom", linespacing=0.95)


def _frame_marked(
    ax: Axes, frame: Grid, places: list[tuple[int, int]], marked: tuple[int, int | None]
) -> None:
    layer, head = marked
    slots = [k for k, place in enumerate(places) if place[0] == layer and head in (None, place[1])]
    for slot in slots:
        y, x = frame.corner(slot)
        side = frame.length
        ax.add_patch(
            Rectangle((x - 0.5, y - 0.5), side, side, fill=False, edgecolor=NESTED, linewidth=1.2)
        )
