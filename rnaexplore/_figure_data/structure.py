"""What the drawing of a secondary structure shows: places, lines, colors and numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnaexplore._figure_data.theme import BASE_TINTS, OTHER_TINT
from rnaexplore.errors import InputError
from rnaexplore.structure import Structure, radial_layout, vienna_layout

__all__ = ["DIAMETER", "Drawing", "Layout", "Number", "drawing"]

Points = NDArray[np.float64]
Layout = Literal["radial", "vienna"]

DIAMETER = 0.86  #: of a residue, in steps of the backbone

_LAYOUTS: dict[str, Callable[[object, int], Points]] = {
    "radial": radial_layout,
    "vienna": vienna_layout,
}
_NUMBER_DISTANCE = 1.65
_DIRECTIONS = 24
_LONG = 200  #: residues; longer RNAs are numbered every 50


class Number(NamedTuple):
    """The number of a residue, or an end, and the line that leads to it."""

    text: str
    place: Points
    near: Points
    far: Points


class Drawing(NamedTuple):
    """A structure in the plane.

    ``points`` has shape (L, 2); ``nested`` and ``knotted`` have shape (n, 2, 2), from residue to
    residue; ``values`` color the residues, or if there are none ``tints`` do; ``lit`` are residues
    to ring.
    """

    points: Points
    nested: Points
    knotted: Points
    values: NDArray[np.float64] | None
    tints: list[str]
    lit: NDArray[np.int64]
    numbers: tuple[Number, ...]


def drawing(
    structure: Structure,
    color: ArrayLike | None = None,
    layout: str = "radial",
    highlight: Sequence[Sequence[int]] = (),
) -> Drawing:
    """Return a structure as it is drawn.

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
    knotted = structure.orders > 0
    return Drawing(
        points,
        points[structure.pairs[~knotted]],
        points[structure.pairs[knotted]],
        values,
        [BASE_TINTS.get(base, OTHER_TINT) for base in structure.sequence],
        np.unique(np.asarray(highlight, dtype=np.int64)),
        _numbers(points),
    )


def _checked(color: ArrayLike, n: int) -> NDArray[np.float64]:
    values = np.asarray(color, dtype=float)
    if values.shape != (n,) or not np.isfinite(values).all():
        msg = f"color must hold one finite number a residue, shape ({n},), got {values.shape}"
        raise InputError(msg)
    return values


def _numbers(points: Points) -> tuple[Number, ...]:
    """Return numbers and the ends where there is most room around their residue."""
    n = len(points)
    every = 10 if n <= _LONG else 50
    marks = {k: str(k + 1) for k in range(every - 1, n, every)}
    marks = {k: text for k, text in marks.items() if k != n - 1} | {0: "5′", n - 1: "3′"}
    taken, found = points, []
    for k, text in marks.items():
        place = _free_place(points[k], taken)
        taken = np.vstack([taken, place])
        near, far = points[k] + 0.3 * (place - points[k]), points[k] + 0.62 * (place - points[k])
        found.append(Number(text, place, near, far))
    return tuple(found)


def _free_place(point: Points, taken: Points) -> Points:
    """Return the place around a point that is farthest from all that is taken."""
    angle = np.linspace(0, 2 * np.pi, _DIRECTIONS, endpoint=False)
    places = point + _NUMBER_DISTANCE * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    others = taken[(taken != point).any(1)]
    if not len(others):
        return np.asarray(places[0])
    room = np.linalg.norm(places[:, None] - others[None], axis=2).min(1)
    return np.asarray(places[int(room.argmax())])
