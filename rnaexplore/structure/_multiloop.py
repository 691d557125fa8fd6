"""The loop that ends an arm, and the arms that branch off it, so turned that none overlap."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from rnaexplore.structure._arm import PAIR_WIDTH, Arm, polygon_radius

__all__ = ["place_children"]

Points = NDArray[np.float64]

_CLEARANCE = 0.92
_GROWTH = 1.1
_MAX_GROWTHS = 80
_LEVEL_GROWTHS = 8  #: so far no branch may reach below the base of its arm
_SAMPLED = 0.5  #: longer steps of the backbone are kept clear by points that far apart


def place_children(arm: Arm, inner: list[Points]) -> tuple[Points, list[Points]]:
    """Return the residues of an arm's last loop, and its branches in their places.

    Parameters
    ----------
    arm
        The arm.
    inner
        Residues of each branch, drawn on its own: closing pair at the origin and to its right.

    Returns
    -------
    circle : ndarray, shape (m, 2)
        The residues of ``arm.loop``.
    placed : list of ndarray
        `inner`, moved and turned.
    """
    circle, placed = next(_drawings(arm, inner, _MAX_GROWTHS))
    if not inner:
        return circle, placed
    for growths, lowest in ((_LEVEL_GROWTHS, 0.0), (_MAX_GROWTHS, -np.inf)):
        for circle, placed in _drawings(arm, inner, growths):
            is_level = min(branch[:, 1].min() for branch in placed) >= lowest
            if is_level and _is_clear(arm, circle, placed):
                return circle, placed
    return circle, placed


def _drawings(arm: Arm, inner: list[Points], growths: int) -> Iterator[tuple[Points, list[Points]]]:
    """Yield the loop, tight and then wider, its free room shared out in many ways."""
    steps = np.where(arm.is_pair, PAIR_WIDTH, 1.0)
    tight = polygon_radius(np.append(steps, PAIR_WIDTH)) if len(steps) > 1 else PAIR_WIDTH / 2
    shares = _shares(arm.is_pair) if arm.children else []
    for growth in range(growths):
        for share in shares if growth else [np.zeros(len(steps))]:
            circle = _circle(arm, tight * _GROWTH**growth, share)
            yield circle, _moved_to(arm, inner, circle)


def _shares(is_pair: NDArray[np.bool_]) -> list[Points]:
    """Return ways to share out free room over the backbone steps, each summing to 1."""
    run = np.cumsum(is_pair)  # which stretch of backbone between branches a step belongs to
    backbone = ~is_pair
    n = int(run[-1]) + 1
    sizes = np.bincount(run[backbone], minlength=n)
    outer = np.eye(n)[0] + np.eye(n)[-1]
    weights = [sizes, np.ones(n), 1 + outer, outer, 1 + np.eye(n)[0], 1 + np.eye(n)[-1]]
    weights += [np.eye(n)[0], np.eye(n)[-1], *(1 + 2 * np.eye(n)[k] for k in range(1, n - 1))]
    shares = [np.where(backbone, (weight / np.maximum(sizes, 1))[run], 0.0) for weight in weights]
    beside = np.append(is_pair[1:], True) | np.insert(is_pair[:-1], 0, True)
    shares.append(np.where(backbone & beside, 1.0, 0.0))
    return [share / share.sum() for share in shares]


def _circle(arm: Arm, radius: float, share: Points) -> Points:
    """Return the residues on a circle of a radius above the innermost pair."""
    chords = np.where(arm.is_pair, PAIR_WIDTH, 1.0)
    angles = 2 * np.arcsin(np.minimum(1.0, chords / 2 / radius))
    closing = 2 * np.arcsin(min(1.0, PAIR_WIDTH / 2 / radius))
    angles = angles + share * (2 * np.pi - closing - angles.sum())
    around = -np.pi / 2 - closing / 2 - np.cumsum(angles)[:-1]
    centre = arm.top.mean(0) + np.array([0.0, radius * np.cos(closing / 2)])
    circle: Points = centre + radius * np.stack([np.cos(around), np.sin(around)], axis=1)
    return circle


def _moved_to(arm: Arm, inner: list[Points], circle: Points) -> list[Points]:
    where = {int(residue): k for k, residue in enumerate(arm.loop)}
    ends = [(circle[where[child]], circle[where[child] + 1]) for child in arm.children]
    return [_moved(branch, *pair) for branch, pair in zip(inner, ends, strict=True)]


def _moved(branch: Points, first: Points, last: Points) -> Points:
    """Return a branch with its closing pair moved to two points."""
    direction = (last - first) / np.linalg.norm(last - first)
    turn = np.array([direction, [-direction[1], direction[0]]])
    moved: Points = first + branch @ turn
    return moved


def _is_clear(arm: Arm, circle: Points, placed: list[Points]) -> bool:
    """Return whether no branch comes near another, the loop, the arm, or what is below it."""
    loop = np.isin(arm.loop, arm.children)
    skip = loop | np.concatenate([[False], loop[:-1]])  # they are part of the branches
    below = np.concatenate([arm.points, _below(placed)])
    everything = [circle[~skip], below, *(_dense(branch) for branch in placed)]
    label = np.repeat(np.arange(len(everything)), [len(points) for points in everything])
    close = cKDTree(np.concatenate(everything)).query_pairs(_CLEARANCE, output_type="ndarray")
    return bool((label[close[:, 0]] == label[close[:, 1]]).all())


def _dense(branch: Points) -> Points:
    """Return a branch with points along its longer steps, so that nothing slips between."""
    steps = np.diff(branch, axis=0)
    long = np.flatnonzero(np.hypot(*steps.T) > 2 * _CLEARANCE)
    extra = [
        branch[k]
        + np.linspace(0, 1, int(np.hypot(*steps[k]) / _SAMPLED) + 2)[1:-1, None] * steps[k]
        for k in long
    ]
    return np.concatenate([branch, *extra])


def _below(placed: list[Points]) -> Points:
    """Return a stem below the arm as long as the branches reach down."""
    lowest = min(float(branch[:, 1].min()) for branch in placed)
    depth = np.arange(1.0, 2.0 - lowest)
    left = np.stack([np.zeros_like(depth), -depth], axis=1)
    return np.concatenate([left, left + np.array([PAIR_WIDTH, 0.0])])
