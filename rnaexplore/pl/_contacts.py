"""A contact map beside the known structure: prediction above the diagonal, reference below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from rnaexplore._figure_data.contacts import LIT, ContactImage, Mark, Triangle, contact_image
from rnaexplore._figure_data.theme import HEAT
from rnaexplore.maps import ContactMap
from rnaexplore.pl._axes import (
    POINTS_PER_INCH,
    axes_or_new,
    below_labels,
    cell_points,
    colour_bar,
    font_size,
    residue_ticks,
    square,
)
from rnaexplore.pl._text import plain, plain_labels
from rnaexplore.structure import Structure

__all__ = ["contacts"]

Pairs = NDArray[np.int64]

_HEAT = LinearSegmentedColormap.from_list("probability", HEAT)
_SMALLEST, _LARGEST = 1.6, 12.0  #: size of a mark in points
_BLOCK = 11.0  #: width of a block of the legend, in sizes of its text


def contacts(
    cmap: ContactMap,
    reference: Structure | None = None,
    *,
    predicted: Structure | None = None,
    other: ContactMap | None = None,
    highlight: Sequence[Sequence[int]] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw a contact map, with the known structure in the lower triangle if there is one.

    Parameters
    ----------
    cmap
        From `rnaexplore.tl.contacts`.
    reference
        The known structure. Its pairs take the lower triangle: found ones filled, missed ones
        hollow. The title then tells F1, strictly and with one partner off by one allowed (±1).
    predicted
        The structure that the map stands for, from ``cmap.decode(…)``. Its pairs are marked in
        the upper triangle: correct ones by a square, wrong ones by a cross. In both triangles a
        pale diamond is a pair of which the other structure has one partner one position off. With
        a reference and without this it is ``cmap.decode()``.
    other
        Another map of the same RNA for the lower triangle; `reference` is then the structure
        that it stands for, ``other.decode()`` by default.
    highlight
        Pairs, 0-based, to ring in both triangles: for example a helix.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Residues are numbered from 1 from the upper left corner.

    Raises
    ------
    InputError
        If a structure does not have the length of the map.
    """
    shown = contact_image(cmap, reference, predicted, other, highlight)
    axes = axes_or_new(ax)
    _heat(axes, cmap, shown)
    for triangle in shown.triangles:
        for mark, pairs in triangle.marks.items():
            _mark(axes, pairs, mark, len(cmap))
    if shown.triangles:
        _legend(axes, shown.triangles)
    if len(shown.lit):
        _mark(axes, shown.lit, LIT, len(cmap))
    axes.set_title(plain(shown.title))
    return axes


def _heat(ax: Axes, cmap: ContactMap, shown: ContactImage) -> None:
    image = ax.imshow(shown.values, cmap=_HEAT, vmin=0, vmax=1, interpolation="nearest")
    ends = (-0.5, len(cmap) - 0.5)
    ax.plot(ends, ends, color="#B8BCC6", linewidth=0.5, scalex=False, scaley=False)
    square(ax)
    residue_ticks(ax, cmap.residues)
    ax.set(xlabel="residue", ylabel="residue")
    colour_bar(ax, image, shown.label)


def _mark(ax: Axes, pairs: Pairs, mark: Mark, n: int) -> None:
    """Mark pairs (row, column) by marks about as large as a residue."""
    size = float(np.clip(cell_points(ax, n) * 0.85, _SMALLEST, _LARGEST))
    ax.plot(pairs[:, 1], pairs[:, 0], **_look(mark, size), scalex=False, scaley=False)


def _look(mark: Mark, size: float) -> dict[str, Any]:
    return {
        "linestyle": "none",
        "marker": mark.marker,
        "markersize": size,
        "markerfacecolor": mark.face,
        "markeredgecolor": mark.edge,
        "markeredgewidth": float(np.clip(size * 0.16, 0.4, 1.4)),
    }


def _legend(ax: Axes, triangles: Sequence[Triangle]) -> None:
    """Explain the marks below the axes, a block for each triangle."""
    size = font_size(ax)
    down = below_labels(ax) / POINTS_PER_INCH
    for k, (title, marks) in enumerate(triangles):
        right = k * _BLOCK * size / POINTS_PER_INCH
        place = ScaledTranslation(right, -down, ax.figure.dpi_scale_trans)
        handles = [Line2D([], [], label=m.label, **_look(m, size * 0.7)) for m in marks]
        legend = Legend(
            ax,
            handles,
            plain_labels(handles),
            title=plain(title),
            title_fontsize=size,
            fontsize=size,
            alignment="left",
            loc="upper left",
            bbox_to_anchor=(0.0, 0.0),
            bbox_transform=ax.transAxes + place,
            borderaxespad=0,
            borderpad=0,
            handletextpad=0.4,
            handlelength=1.0,
            labelspacing=0.3,
            frameon=False,
        )
        ax.add_artist(legend)
        legend.set_clip_on(False)  # so that the layout makes room for it
