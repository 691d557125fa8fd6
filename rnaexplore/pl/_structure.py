"""A secondary structure drawn in the plane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection, LineCollection
from numpy.typing import ArrayLike, NDArray

from rnaexplore._figure_data.structure import DIAMETER, Drawing, Layout, Number, drawing
from rnaexplore._figure_data.theme import HIGHLIGHT, KNOT, RAMPS
from rnaexplore.pl._axes import POINTS_PER_INCH, axes_or_new, colour_bar, font_size
from rnaexplore.structure import Structure

__all__ = ["structure"]

Points = NDArray[np.float64]

_DARK, _BACKBONE = "#3B4252", "#A3A9B5"
_SMALLEST_LETTER = 2.6  #: points


def structure(
    structure: Structure,
    *,
    color: ArrayLike | None = None,
    label: str = "value",
    layout: Layout = "radial",
    highlight: Sequence[Sequence[int]] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw a secondary structure: stems as ladders, loops as circles.

    Parameters
    ----------
    structure
        The structure.
    color
        A number a residue, shape (L,), to colour by, for example the attention that each
        receives. By default colours are those of the four bases.
    label
        What `color` means; written beside the colour bar.
    layout
        ``"radial"`` (`rnaexplore.structure.radial_layout`), or ``"vienna"``: ViennaRNA's own.
    highlight
        Pairs of residues, 0-based, to ring: for example a helix.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Equal aspect, no frame. Pairs of pseudoknots are dashed lines; every tenth residue is
        numbered (every 50th beyond 200). Letters are left out where they could not be read.

    Raises
    ------
    InputError
        If `color` does not hold one finite number a residue, or the layout is unknown.
    MissingDependencyError
        If ViennaRNA's layout is asked for and ViennaRNA is not installed.
    """
    shown = drawing(structure, color, layout, highlight)
    points = shown.points
    axes = axes_or_new(ax)
    points_per_step = _frame(axes, points)
    _lines(axes, shown, points_per_step)
    dark = _circles(axes, shown, label)
    if len(shown.lit):
        _ring(axes, points[shown.lit], points_per_step)
    _letters(axes, structure.sequence, points, dark, points_per_step)
    _numbers(axes, shown.numbers)
    return axes


def _frame(ax: Axes, points: Points) -> float:
    """Set the limits; return how many points of paper a step of the backbone takes."""
    low, high = points.min(0) - 2.4, points.max(0) + 2.4
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    ax.set_aspect("equal", adjustable="box")
    ax.set_axis_off()
    box = ax.get_window_extent()
    dots = min(box.width / (high - low)[0], box.height / (high - low)[1])
    return float(dots / ax.get_figure(root=True).dpi * POINTS_PER_INCH)  # type: ignore[union-attr]


def _lines(ax: Axes, shown: Drawing, step: float) -> None:
    ax.plot(*shown.points.T, color=_BACKBONE, linewidth=np.clip(step * 0.12, 0.4, 1.6), zorder=1)
    dashes = (0.0, (2.5, 1.5))
    for pairs, colour, style in ((shown.nested, _DARK, "-"), (shown.knotted, KNOT, dashes)):
        lines = LineCollection(
            list(pairs),
            colors=colour,
            linestyles=[style],
            linewidths=float(np.clip(step * 0.16, 0.5, 2.0)),
            zorder=2,
        )
        ax.add_collection(lines, autolim=False)


def _circles(ax: Axes, shown: Drawing, label: str) -> NDArray[np.bool_]:
    """Draw the residues; return which of them are too dark for black letters."""
    points, values = shown.points, shown.values
    n = len(points)
    size = np.full(n, DIAMETER)
    circles = EllipseCollection(
        size,
        size,
        np.zeros(n),
        units="xy",
        offsets=points,
        offset_transform=ax.transData,
        linewidths=0.3,
        edgecolors=_DARK,
        zorder=3,
    )
    ax.add_collection(circles, autolim=False)
    if values is None:
        circles.set_facecolor(shown.tints)
        return np.zeros(n, dtype=bool)
    circles.set_array(values)
    circles.set_cmap(RAMPS["values"])
    circles.autoscale_None()
    colour_bar(ax, circles, label)
    dark: NDArray[np.bool_] = circles.to_rgba(values)[:, :3] @ [0.299, 0.587, 0.114] < 0.5  # noqa: PLR2004
    return dark


def _ring(ax: Axes, points: Points, step: float) -> None:
    ax.plot(
        *points.T,
        linestyle="none",
        marker="o",
        markersize=step * DIAMETER * 1.15,
        markerfacecolor="none",
        markeredgecolor=HIGHLIGHT,
        markeredgewidth=float(np.clip(step * 0.16, 0.6, 2.0)),
        zorder=3.5,
    )


def _letters(ax: Axes, sequence: str, points: Points, dark: NDArray[np.bool_], step: float) -> None:
    size = min(step * 0.62, font_size(ax) * 1.2)
    if size < _SMALLEST_LETTER:
        return
    for base, (x, y), on_dark in zip(sequence, points, dark, strict=True):
        colour = "white" if on_dark else "#1B1F27"
        ax.text(
            x, y, base, fontsize=size, ha="center", va="center_baseline", color=colour, zorder=4
        )


def _numbers(ax: Axes, numbers: Sequence[Number]) -> None:
    """Write numbers and the ends beside their residues."""
    for text, place, near, far in numbers:
        ax.plot(*np.stack([near, far]).T, color=_BACKBONE, linewidth=0.5, zorder=1)
        weight = "bold" if text.endswith("′") else "normal"
        ax.text(
            place[0],
            place[1],
            text,
            fontsize=font_size(ax),
            ha="center",
            va="center",
            fontweight=weight,
            color=_DARK,
        )
