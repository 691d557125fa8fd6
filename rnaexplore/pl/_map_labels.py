"""Names of categories on a map: beside their points, joined by a line where there is no room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import Stroke
from numpy.typing import NDArray

from rnaexplore._figure_data.embedding import Categories
from rnaexplore._figure_data.palette import darker
from rnaexplore.pl._axes import cell_points, font_size
from rnaexplore.pl._text import name as written

__all__ = ["write_names"]

Points = NDArray[np.floating]

_MOST_POINTS = 20_000  #: that are looked at for free places
_FAR = (1.0, 2.2, 3.6)  #: heights of a name away from the edge of its points
_GROWN = 1.3  #: how much the map may grow by names beyond its points
_TURNS = 8  #: directions in which free places are looked for
_COVERED = 0.02  #: share of its own points that a name may lie on without being moved


class _Box(NamedTuple):
    left: float
    right: float
    bottom: float
    top: float

    def meets(self, other: _Box) -> bool:
        beside = self.left >= other.right or other.left >= self.right
        return not (beside or self.bottom >= other.top or other.bottom >= self.top)

    def count(self, points: Points) -> int:
        x, y = points.T
        return int(((x > self.left) & (x < self.right) & (y > self.bottom) & (y < self.top)).sum())


class _Spot(NamedTuple):
    """A place for a name; ``line`` starts at its points where the name lies away from them."""

    x: float
    y: float
    line: tuple[float, float] | None


def write_names(ax: Axes, xy: Points, shown: Categories) -> None:
    """Write names where they cover the fewest points, the largest first, none over another."""
    size = font_size(ax)
    span = float(np.ptp(xy, axis=0).max()) or 1.0
    unit = _GROWN * span / (100 * cell_points(ax, 100))
    thinned = xy[:: max(1, len(xy) // _MOST_POINTS)]
    taken: list[_Box] = []
    for name in shown.named:
        if not (shown.names == name).any():
            continue
        half = 0.32 * size * len(name) * unit, 0.75 * size * unit
        dense = _densest(xy[shown.names == name], 0.08 * span)
        places = [(spot, _box(spot, *half)) for spot in _spots(dense, *half)]
        free = [(spot, box) for spot, box in places if not any(map(box.meets, taken))]
        if free:
            spot, box = _best(free, thinned, _COVERED * len(dense) + 1)
            taken.append(box)
            _write(ax, spot, name, colour=shown.colours[name], size=size)


def _box(spot: _Spot, half_width: float, half_height: float) -> _Box:
    x, y, _ = spot
    return _Box(x - half_width, x + half_width, y - half_height, y + half_height)


def _best(free: list[tuple[_Spot, _Box]], points: Points, allowed: float) -> tuple[_Spot, _Box]:
    """Return the first place that covers nearly no points, else the one that covers the fewest."""
    counts = []
    for spot, box in free:
        covered = box.count(points)
        if covered <= allowed:
            return spot, box
        counts.append(covered)
    return free[int(np.argmin(counts))]


def _densest(points: Points, width: float) -> Points:
    """Return the points around the fullest square of a grid: a name between clusters misleads."""
    squares = np.floor(points / width).astype(np.int64)
    _, which, counts = np.unique(squares, axis=0, return_inverse=True, return_counts=True)
    middle = np.median(points[which.ravel() == counts.argmax()], axis=0)
    around: Points = points[(np.abs(points - middle) <= width).all(1)]
    return around


def _spots(points: Points, half_width: float, half_height: float) -> Iterator[_Spot]:
    """Yield places over, under and beside the points, then farther away in all directions."""
    x, y = (float(v) for v in np.median(points, axis=0))
    (left, low), (right, high) = np.quantile(points, (0.02, 0.98), axis=0).tolist()
    yield _Spot(x, high + half_height, None)
    yield _Spot(x, low - half_height, None)
    yield _Spot(right + half_width, y, None)
    yield _Spot(left - half_width, y, None)
    for far in _FAR:
        for angle in 2 * np.pi * (np.arange(_TURNS) + 0.5) / _TURNS:
            across, up = float(np.cos(angle)), float(np.sin(angle))
            reach = 2 * half_height * far
            yield _Spot(
                x + across * ((right - left) / 2 + half_width + reach),
                y + up * ((high - low) / 2 + half_height + reach),
                (x, y),
            )


def _write(ax: Axes, spot: _Spot, name: str, *, colour: str, size: float) -> None:
    """Write a name in a darker shade of its color on a white halo; the name itself stays text."""
    tint = darker(colour)
    if spot.line is not None:
        start, end = spot.line, (spot.x, spot.y)
        ax.plot(*zip(start, end, strict=True), color=tint, linewidth=size * 0.08, zorder=3)
    halo = Stroke(linewidth=size * 0.3, foreground="white", alpha=0.85)
    for settings in ({"path_effects": [halo], "zorder": 4}, {"color": tint, "zorder": 5}):
        text = ax.text(spot.x, spot.y, written(name), ha="center", va="center", fontsize=size)
        text.update(settings)
