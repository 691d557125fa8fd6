"""An arm of a drawing: stacked pairs, bulges and interior loops, straight up to its last loop."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

__all__ = ["PAIR_WIDTH", "Arm", "arc", "arm_from", "polygon_radius"]

Points = NDArray[np.float64]

PAIR_WIDTH = 1.4  #: distance of two paired residues; consecutive residues are 1 apart
_EPSILON = 1e-9
_OVAL = 0.15  #: rise of the first residue of loops with residues on both sides: nearly circles
_LOPSIDED = 5.0  #: longest gap in the short side of an interior loop of a straight arm
_AWAY = 0.97  #: least distance of a bulging residue from the pair below its loop


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """A run of pairs, each directly within the one before, and the loop that ends it.

    Attributes
    ----------
    first, last
        The outermost pair: at the origin, and at ``PAIR_WIDTH`` to its right.
    residues
        All residues below the last loop, the innermost pair included.
    points
        Their coordinates.
    top
        Coordinates of the innermost pair, shape (2, 2).
    loop
        Residues on the circle of the last loop, between the partners of the innermost pair and
        without what branches off, shape (m,); first and last residues of the branches included.
    children
        First residues of the pairs that branch off the last loop. One alone if the loop is too
        lopsided for a straight arm.
    is_pair
        For each of the m + 1 steps around the loop, whether it crosses a branching pair.
    """

    first: int
    last: int
    residues: NDArray[np.int64]
    points: Points
    top: Points
    loop: NDArray[np.int64]
    children: list[int]
    is_pair: NDArray[np.bool_]


def arm_from(first: int, partner: dict[int, int]) -> Arm:
    """Return the arm whose outermost pair begins at residue `first`.

    Parameters
    ----------
    first
        A residue that pairs with a later one.
    partner
        Later partner by residue, nested.
    """
    pairs, children = [(first, partner[first])], _children(first + 1, partner[first], partner)
    while len(children) == 1 and not _is_lopsided(pairs[-1], children[0], partner):
        pairs.append((children[0], partner[children[0]]))
        children = _children(pairs[-1][0] + 1, pairs[-1][1], partner)
    residues, points = _ladder(pairs)
    i, j = pairs[-1]
    inside = {k for c in children for k in range(c + 1, partner[c])}
    loop = [k for k in range(i + 1, j) if k not in inside]
    starts = set(children)
    return Arm(
        first=first,
        last=partner[first],
        residues=residues,
        points=points,
        top=points[-2:],
        loop=np.array(loop, dtype=np.int64),
        children=children,
        is_pair=np.array([k in starts for k in [i, *loop]]),
    )


def _children(start: int, stop: int, partner: dict[int, int]) -> list[int]:
    """Return the first residues of the pairs directly within residues `start` to `stop` - 1."""
    children, k = [], start
    while k < stop:
        if k in partner:
            children.append(k)
            k = partner[k]
        k += 1
    return children


def _is_lopsided(outer: tuple[int, int], child: int, partner: dict[int, int]) -> bool:
    """Return whether an interior loop is better drawn as a circle that bends the arm."""
    sides = child - outer[0] - 1, outer[1] - partner[child] - 1
    return _gap(max(sides), _OVAL) - (min(sides) + 1) > _LOPSIDED


def _ladder(pairs: list[tuple[int, int]]) -> tuple[NDArray[np.int64], Points]:
    """Return the residues of an arm up to its innermost pair, and their coordinates."""
    sizes = [(k - i - 1, j - m - 1) for (i, j), (k, m) in pairwise(pairs)]
    residues, points, height = list(pairs[0]), [_rung(0.0)], 0.0
    for level, ((i, j), (k, m)) in enumerate(pairwise(pairs)):
        left, right = sizes[level]
        oval = _OVAL if left and right else -1.0
        gap = _gap(max(left, right), max(oval, _rise(sizes, level)))
        points += [
            arc(left, gap) + np.array([0.0, height]),
            _mirrored(arc(right, gap) + np.array([0.0, height])),
        ]
        height += gap
        points.append(_rung(height))
        residues += [*range(i + 1, k), *range(j - 1, m, -1), k, m]
    return np.array(residues, dtype=np.int64), np.concatenate(points)


def _rung(height: float) -> Points:
    return np.array([[0.0, height], [PAIR_WIDTH, height]])


def _mirrored(points: Points) -> Points:
    flipped: Points = points * np.array([-1.0, 1.0]) + np.array([PAIR_WIDTH, 0.0])
    return flipped


def _rise(sizes: list[tuple[int, int]], level: int) -> float:
    """Return how far above the pair below it the first residue of an interior loop must lie.

    The closer the next loop, below or above, the further, so that their residues keep apart.
    """
    below = next((k for k in range(1, 3) if level < k or any(sizes[level - k])), 3)
    above = next((k for k in range(1, 3) if level + k >= len(sizes) or any(sizes[level + k])), 3)
    return {1: 0.5, 2: 0.0, 3: -1.0}[min(below, above)]


def _gap(n: int, rise: float) -> float:
    """Return the height of an interior loop with `n` residues on its longer side.

    At least 1; and so high that the first of them lies away from the pair below the loop, and
    `rise` above it.
    """
    if n == 0:
        return 1.0
    leaning = min(2 * np.arccos(_AWAY / 2), np.arccos(rise))  # of the first step from upright
    return max(1.0, _span(n + 1, 2 * leaning / n))


def _span(steps: int, turn: float) -> float:
    """Return how far a path of unit steps gets that turns by an angle after each."""
    if turn == 0:
        return float(steps)
    return float(np.sin(steps * turn / 2) / np.sin(turn / 2))


def arc(n: int, gap: float) -> Points:
    """Return `n` residues on an arc that bulges to the left, from (0, 0) to (0, `gap`).

    Steps are of length 1, or longer on a straight line where there are too few.
    """
    if n + 1 <= gap * (1 + _EPSILON):
        return np.stack([np.zeros(n), gap * np.arange(1, n + 1) / (n + 1)], axis=1)
    turn = float(brentq(lambda t: _span(n + 1, t) - gap, 0.0, 2 * np.pi / (n + 1)))
    leaning = turn * (n / 2 - np.arange(n))
    return np.cumsum(np.stack([-np.sin(leaning), np.cos(leaning)], axis=1), axis=0)


def polygon_radius(chords: Points) -> float:
    """Return the radius of the circle in which a polygon with these sides is inscribed."""
    low = chords.max() / 2 * (1 + _EPSILON)

    def excess(radius: float) -> float:
        return float(2 * np.arcsin(np.minimum(1.0, chords / 2 / radius)).sum() - 2 * np.pi)

    if excess(low) <= 0:
        return float(low)
    return float(brentq(excess, low, chords.sum()))
