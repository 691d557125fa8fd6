"""A drawing of a secondary structure in the plane: loops as circles, stems as ladders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.spatial import cKDTree

from rnaexplore.structure.dot_bracket import as_pairs, pair_orders

__all__ = ["radial_layout"]

Points = NDArray[np.float64]

PAIR_WIDTH = 1.4  #: distance of two paired residues; consecutive residues are 1 apart
CLEARANCE = 0.9  #: residues closer than that overlap
_GROWTH = 1.12
_MAX_GROWTHS = 60


def radial_layout(pairs: object, length: int) -> Points:
    """Return coordinates of a structure's residues.

    Every loop is a circle whose chords are backbone steps and pairs, as in Bruccoleri & Heinrich
    1988 (doi:10.1093/bioinformatics/4.1.167); a loop whose branches would overlap is widened until
    they do not. The outer loop is a straight line from 5' to 3' with the branches above it.

    Parameters
    ----------
    pairs
        Base pairs, shape (n, 2), 0-based. Pseudoknots (pairs of order 1 and above) do not shape
        the drawing.
    length
        Number of residues.

    Returns
    -------
    ndarray of float64, shape (length, 2)
        In units of a backbone step; steps in widened loops are longer. Residues are at least 0.9
        apart, unless a loop cannot be widened enough.

    Raises
    ------
    InvalidStructureError
        If the pairs are not a structure.
    """
    checked = as_pairs(pairs, length)
    nested = checked[pair_orders(checked) == 0]
    partner = {int(i): int(j) for i, j in nested}
    branches: dict[int, Points] = {}
    for i in sorted(partner, key=lambda i: partner[i] - i):
        branches[i] = _branch(i, partner, branches)
    return _line(length, partner, branches)


def _children(start: int, stop: int, partner: dict[int, int]) -> list[int]:
    """Return the first residues of the pairs directly within residues `start` to `stop` - 1."""
    children, k = [], start
    while k < stop:
        if k in partner:
            children.append(k)
            k = partner[k]
        k += 1
    return children


def _branch(i: int, partner: dict[int, int], branches: dict[int, Points]) -> Points:
    """Return residues i to j of a pair (i, j): i at the origin, j to its right, the rest above."""
    j = partner[i]
    loop = _Loop.around(i, j, partner)
    inner = [branches.pop(child) for child in loop.children]
    points = loop.place(inner, 1.0)
    if loop.is_stack:
        return points
    widening = 1.0
    for _ in range(_MAX_GROWTHS):
        if not len(cKDTree(_above_stem(points)).query_pairs(CLEARANCE)):
            break
        widening *= _GROWTH
        points = loop.place(inner, widening)
    return points


def _above_stem(points: Points) -> Points:
    """Return a branch with a stem as long as the branch reaches below its closing pair."""
    depth = np.arange(1.0, 2.0 - points[:, 1].min())
    left = np.stack([np.zeros_like(depth), -depth], axis=1)
    return np.concatenate([points, left, left + np.array([PAIR_WIDTH, 0.0])])


@dataclass(frozen=True, slots=True)
class _Loop:
    """The residues of one loop.

    Attributes
    ----------
    first, last
        The closing pair.
    children
        First residues of the pairs that branch off.
    vertices
        Residues on the circle, from `first` to `last`.
    is_pair
        For each step between vertices, whether it is a branching pair (else backbone).
    """

    first: int
    last: int
    children: list[int]
    vertices: list[int]
    is_pair: NDArray[np.bool_]

    @classmethod
    def around(cls, first: int, last: int, partner: dict[int, int]) -> _Loop:
        children = _children(first + 1, last, partner)
        inside = {k for c in children for k in range(c + 1, partner[c])}
        vertices = [k for k in range(first, last + 1) if k not in inside]
        starts = set(children)
        is_pair = np.array([k in starts for k in vertices[:-1]])
        return cls(first, last, children, vertices, is_pair)

    @property
    def is_stack(self) -> bool:
        return len(self.vertices) == 4 and bool(self.is_pair.any())  # noqa: PLR2004

    def place(self, inner: list[Points], widening: float) -> Points:
        """Return all residues of the branch with the circle widened."""
        circle = self._circle(widening)
        points = np.empty((self.last - self.first + 1, 2))
        points[np.array(self.vertices) - self.first] = circle
        where = {vertex: k for k, vertex in enumerate(self.vertices)}
        for child, branch in zip(self.children, inner, strict=True):
            k, offset = where[child], child - self.first
            points[offset : offset + len(branch)] = _moved(branch, circle[k], circle[k + 1])
        return points

    def _circle(self, widening: float) -> Points:
        steps = np.where(self.is_pair, PAIR_WIDTH, 1.0)
        radius = widening * _radius(np.append(steps, PAIR_WIDTH))
        pair_angle = 2 * np.arcsin(min(1.0, PAIR_WIDTH / 2 / radius))
        free = 2 * np.pi - pair_angle * (1 + self.is_pair.sum())
        angles = np.where(self.is_pair, pair_angle, free / max(1, (~self.is_pair).sum()))
        around = -np.pi / 2 - pair_angle / 2 - np.concatenate([[0.0], np.cumsum(angles)])
        circle = radius * np.stack([np.cos(around), np.sin(around)], axis=1)
        centred: Points = circle - circle[0]
        return centred


def _radius(chords: Points) -> float:
    """Return the radius of the circle in which a polygon with these sides is inscribed."""
    low = chords.max() / 2 * (1 + 1e-9)

    def excess(radius: float) -> float:
        return float(2 * np.arcsin(np.minimum(1.0, chords / 2 / radius)).sum() - 2 * np.pi)

    if excess(low) <= 0:
        return float(low)
    return float(brentq(excess, low, chords.sum()))


def _moved(branch: Points, first: Points, last: Points) -> Points:
    """Return a branch with its closing pair moved to two points."""
    direction = (last - first) / np.linalg.norm(last - first)
    turn = np.array([direction, [-direction[1], direction[0]]])
    moved: Points = first + branch @ turn
    return moved


def _line(length: int, partner: dict[int, int], branches: dict[int, Points]) -> Points:
    """Return all residues: the outer loop on a line, each branch clear of what is left of it."""
    points = np.empty((length, 2))
    k, floor, reached = 0, -1.0, -np.inf  # next residue; right ends on the line and above it
    while k < length:
        branch = branches.get(k, np.zeros((1, 2)))
        low = branch[branch[:, 1] < 1.0, 0]
        x = max(
            floor + 1.0 - low.min(), reached + 1.0 - branch[:, 0].min() if k in partner else -np.inf
        )
        points[k : k + len(branch)] = branch + np.array([x, 0.0])
        floor = x + low.max()
        reached = max(reached, x + branch[:, 0].max()) if k in partner else reached
        k += len(branch)
    return points
