"""A secondary structure drawn in the plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection, LineCollection
from numpy.typing import ArrayLike, NDArray

from rnaexplore.errors import InputError
from rnaexplore.pl._axes import HIGHLIGHT, POINTS_PER_INCH, axes_or_new, colour_bar, font_size
from rnaexplore.structure import Structure, radial_layout, vienna_layout

__all__ = ["structure"]

Points = NDArray[np.float64]
Layout = Literal["radial", "vienna"]

_LAYOUTS: dict[str, Callable[[object, int], Points]] = {
    "radial": radial_layout,
    "vienna": vienna_layout,
}

_TINTS = {"A": "#F8D58B", "C": "#A6D0EC", "G": "#9AD6C1", "U": "#E9B9D3"}
_OTHER_TINT = "#E3E5E9"
_KNOT = "#D55E00"
_DARK, _BACKBONE = "#3B4252", "#A3A9B5"
_DIAMETER = 0.86  #: of a residue, in steps of the backbone
_SMALLEST_LETTER = 2.6  #: points
_NUMBER_DISTANCE = 1.65
_DIRECTIONS = 24
_LONG = 200  #: residues; longer RNAs are numbered every 50


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
    values = None if color is None else _checked(color, len(structure))
    if layout not in _LAYOUTS:
        msg = f"layout must be one of {', '.join(_LAYOUTS)}, got {layout!r}"
        raise InputError(msg)
    points = _LAYOUTS[layout](structure.pairs, len(structure))
    axes = axes_or_new(ax)
    points_per_step = _frame(axes, points)
    _lines(axes, structure, points, points_per_step)
    dark = _circles(axes, structure, points, values, label)
    if len(highlight):
        _ring(axes, points[np.unique(np.asarray(highlight))], points_per_step)
    _letters(axes, structure.sequence, points, dark, points_per_step)
    _numbers(axes, points)
    return axes


def _checked(color: ArrayLike, n: int) -> NDArray[np.float64]:
    values = np.asarray(color, dtype=float)
    if values.shape != (n,) or not np.isfinite(values).all():
        msg = f"color must hold one finite number a residue, shape ({n},), got {values.shape}"
        raise InputError(msg)
    return values


def _frame(ax: Axes, points: Points) -> float:
    """Set the limits; return how many points of paper a step of the backbone takes."""
    low, high = points.min(0) - 2.4, points.max(0) + 2.4
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    ax.set_aspect("equal", adjustable="box")
    ax.set_axis_off()
    box = ax.get_window_extent()
    dots = min(box.width / (high - low)[0], box.height / (high - low)[1])
    return float(dots / ax.get_figure(root=True).dpi * POINTS_PER_INCH)  # type: ignore[union-attr]


def _lines(ax: Axes, structure: Structure, points: Points, step: float) -> None:
    ax.plot(*points.T, color=_BACKBONE, linewidth=np.clip(step * 0.12, 0.4, 1.6), zorder=1)
    knotted = structure.orders > 0
    for where, colour, style in ((~knotted, _DARK, "-"), (knotted, _KNOT, (0.0, (2.5, 1.5)))):
        lines = LineCollection(
            list(points[structure.pairs[where]]),
            colors=colour,
            linestyles=[style],
            linewidths=float(np.clip(step * 0.16, 0.5, 2.0)),
            zorder=2,
        )
        ax.add_collection(lines, autolim=False)


def _circles(
    ax: Axes,
    structure: Structure,
    points: Points,
    values: NDArray[np.float64] | None,
    label: str,
) -> NDArray[np.bool_]:
    """Draw the residues; return which of them are too dark for black letters."""
    n = len(points)
    size = np.full(n, _DIAMETER)
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
        circles.set_facecolor([_TINTS.get(base, _OTHER_TINT) for base in structure.sequence])
        return np.zeros(n, dtype=bool)
    circles.set_array(values)
    circles.set_cmap("viridis")
    circles.autoscale_None()
    colour_bar(ax, circles, label)
    dark: NDArray[np.bool_] = circles.to_rgba(values)[:, :3] @ [0.299, 0.587, 0.114] < 0.5  # noqa: PLR2004
    return dark


def _ring(ax: Axes, points: Points, step: float) -> None:
    ax.plot(
        *points.T,
        linestyle="none",
        marker="o",
        markersize=step * _DIAMETER * 1.15,
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


def _numbers(ax: Axes, points: Points) -> None:
    """Write numbers and the ends where there is most room around their residue."""
    n = len(points)
    every = 10 if n <= _LONG else 50
    marks = {k: str(k + 1) for k in range(every - 1, n, every)}
    marks = {k: text for k, text in marks.items() if k != n - 1} | {0: "5′", n - 1: "3′"}
    taken = points
    for k, text in marks.items():
        place = _free_place(points[k], taken)
        taken = np.vstack([taken, place])
        near, far = points[k] + 0.3 * (place - points[k]), points[k] + 0.62 * (place - points[k])
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


def _free_place(point: Points, taken: Points) -> Points:
    """Return the place around a point that is farthest from all that is taken."""
    angle = np.linspace(0, 2 * np.pi, _DIRECTIONS, endpoint=False)
    places = point + _NUMBER_DISTANCE * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    others = taken[(taken != point).any(1)]
    if not len(others):
        return np.asarray(places[0])
    room = np.linalg.norm(places[:, None] - others[None], axis=2).min(1)
    return np.asarray(places[int(room.argmax())])
