"""Scores of all substitutions in one RNA, over its sequence, structure and entropy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from numpy.typing import ArrayLike, NDArray

from rnaexplore._figure_data.mutations import (
    MOST_BITS,
    UNIT,
    MutationImage,
    TrackArc,
    mutation_image,
)
from rnaexplore._figure_data.theme import RAMPS
from rnaexplore.maps import MutationMap
from rnaexplore.pl._axes import (
    POINTS_PER_INCH,
    SMALLEST_LETTER,
    font_size,
    residue_ticks,
    square,
)
from rnaexplore.pl._text import plain
from rnaexplore.structure import Structure

__all__ = ["mutations"]

_ROW = 1.15  #: least height of a row, in sizes of its letter
_BAR = (1.015, 0.012)  #: left edge and width of the colour bar, in widths of the heatmap
#: Left, right, below and above the heatmap and its tracks in a new figure, in sizes of text.
_MARGINS = (4.6, 6.4, 4.5, 2.0)
_GAP = 0.12  #: between tracks, in heights of the heatmap
_ENTROPY, _ARCS = 0.8, 1.3  #: heights of the tracks, in heights of the heatmap
_QUIET = "#8A93A0"


def mutations(
    scores: MutationMap,
    *,
    structure: Structure | None = None,
    entropy: ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the score of every substitution, with the structure and the entropy above.

    Parameters
    ----------
    scores
        From `rnaexplore.tl.mutate`.
    structure
        Known or predicted structure, drawn as arcs in a track of its own.
    entropy
        Bits for each residue, 0 to 2, shape (L,); by default those of the scores, where the
        scoring method has them.
    ax
        Axes to draw on; by default those of a new figure. Double columns suit most RNAs.

    Returns
    -------
    Axes
        That of the heatmap: rows are alternatives (``–`` a deletion), columns residues from 1,
        dots the residue that is there. Blue is likelier than that, red less likely; colours end at
        the 99th percentile of all absolute scores.

    Raises
    ------
    InputError
        If the structure or the entropy is of another length.
    """
    shown = mutation_image(scores, structure, entropy)
    n = len(scores.sequence)
    tracks = (shown.bits is not None) * (_ENTROPY + _GAP)
    tracks += (shown.arcs is not None) * (_ARCS + _GAP)
    axes = _new(shown.rows.shape, 1 + tracks) if ax is None else ax
    image = _heatmap(axes, shown)
    _letters(axes, scores.sequence)
    if shown.bits is not None:
        _entropy_track(axes, shown.bits, 1 + _GAP)
    if shown.arcs is not None:
        _structure_track(axes, shown.arcs, n, 1 + tracks - _ARCS)
    axes.set_title(plain(shown.title), y=1 + tracks, pad=font_size(axes) * 0.6)
    _bar(axes, image, 1 + tracks)
    return axes


def _new(shape: tuple[int, ...], height: float) -> Axes:
    """Return the axes of a new figure as high as heatmap and tracks need; `height` in heatmaps."""
    width = float(plt.rcParams["figure.figsize"][0])
    text = float(plt.rcParams["font.size"]) / POINTS_PER_INCH
    rows, length = shape
    left, right, low, high = (sizes * text for sizes in _MARGINS)
    across = width - left - right
    heatmap = max(across * rows / length, rows * _ROW * _tick_size())
    total = low + heatmap * height + high
    fixed = PlaceHolderLayoutEngine(adjust_compatible=True, colorbar_gridspec=True)
    figure = plt.figure(figsize=(width, total), layout=fixed)  # "none" would end when it is saved
    return figure.add_axes((left / width, low / total, across / width, heatmap / total))


def _tick_size() -> float:
    """Return the size of tick labels in inches."""
    from matplotlib.font_manager import FontProperties

    size = FontProperties(size=plt.rcParams["xtick.labelsize"]).get_size_in_points()
    return float(size) / POINTS_PER_INCH


def _bar(ax: Axes, image: Any, height: float) -> None:
    figure = ax.get_figure(root=True)
    assert figure is not None
    bar = figure.colorbar(image, cax=ax.inset_axes((_BAR[0], 0.0, _BAR[1], height)))
    bar.set_label(UNIT, fontsize=font_size(ax))
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=2, width=0.5, labelsize=font_size(ax), pad=1.5)


def _heatmap(ax: Axes, shown: MutationImage) -> Any:
    rows, end, n = shown.rows, shown.end, shown.rows.shape[1]
    image = ax.imshow(
        rows, cmap=RAMPS["effect"], vmin=-end, vmax=end, aspect="auto", interpolation="nearest"
    )
    ax.set_box_aspect(max(len(rows) / n, len(rows) * _ROW * font_size(ax) / _width(ax)))
    square(ax)
    ax.set_yticks(range(len(rows)), shown.names)
    ax.tick_params(axis="y", length=0, pad=2)
    size = float(np.clip(0.22 * _width(ax) / n, 0.4, 2.5))
    ax.plot(*shown.here, "o", color=_QUIET, markersize=size, markeredgewidth=0)
    ax.set_xlabel("residue")
    return image


def _letters(ax: Axes, sequence: str) -> None:
    """Write numbers of residues, and their letters under the heatmap if they can be read."""
    n = len(sequence)
    residue_ticks(ax, [""] * n, both=False)
    letter = min(font_size(ax), 1.15 * _width(ax) / n)
    if letter < SMALLEST_LETTER:
        return
    ax.set_xticks(np.arange(n), list(sequence), minor=True)
    ax.tick_params(axis="x", which="minor", length=0, pad=1.5, labelsize=letter)
    ax.tick_params(axis="x", which="major", length=0, pad=letter + 3.5)
    ax.xaxis.remove_overlapping_locs = False


def _entropy_track(ax: Axes, bits: NDArray[np.float64], bottom: float) -> None:
    track = _track(ax, bottom, _ENTROPY)
    known = np.where(np.isnan(bits), 0, bits)
    track.bar(np.arange(len(bits)), known, width=0.86, color=_QUIET, linewidth=0)
    track.set(ylim=(0, MOST_BITS))
    track.set_yticks([0, 1, 2])
    track.set_ylabel("entropy\n(bits)", fontsize=font_size(ax))


def _structure_track(ax: Axes, arcs: Sequence[TrackArc], n: int, bottom: float) -> None:
    track = _track(ax, bottom, _ARCS)
    lines = [arc.points for arc in arcs]
    colours = [arc.color for arc in arcs]
    width = float(np.clip(0.3 * _width(ax) / n, 0.25, 0.9))
    track.add_collection(LineCollection(lines, colors=colours, linewidths=width), autolim=False)
    track.set(ylim=(0, 1.03), yticks=[])
    track.spines["left"].set_visible(False)


def _track(ax: Axes, bottom: float, height: float) -> Axes:
    track = ax.inset_axes((0.0, bottom, 1.0, height))
    track.set(xlim=ax.get_xlim(), xticks=[])
    track.spines[["top", "right"]].set_visible(False)
    track.spines[["left", "bottom"]].set_linewidth(0.5)
    track.tick_params(width=0.5, length=font_size(ax) * 0.3, labelsize=font_size(ax))
    return track


def _width(ax: Axes) -> float:
    """Return the width of the axes in points."""
    dpi = ax.get_figure(root=True).dpi  # type: ignore[union-attr]
    return float(ax.get_window_extent().width / dpi * POINTS_PER_INCH)
