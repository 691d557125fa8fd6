"""A drawing of a secondary structure in the plane: straight arms, loops as circles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnaexplore.structure._arm import PAIR_WIDTH, Arm, arm_from
from rnaexplore.structure._multiloop import place_children
from rnaexplore.structure.dot_bracket import as_pairs, pair_orders

__all__ = ["CLEARANCE", "PAIR_WIDTH", "radial_layout"]

Points = NDArray[np.float64]

CLEARANCE = 0.9  #: residues closer than that overlap
_GAP = 1.0  #: least distance of residues of neighbouring branches on the outer line


def radial_layout(pairs: object, length: int) -> Points:
    """Return coordinates of a structure's residues.

    Stems with their bulges and interior loops are straight arms; hairpin and multibranch loops
    are circles, as in Bruccoleri & Heinrich 1988 (doi:10.1093/bioinformatics/4.1.167). Where arms
    would overlap, those of a multibranch loop are turned, and only then the loop is widened. The
    outer loop is a straight line from 5' to 3' with the branches above it.

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
        In units of a backbone step; some steps in bulges and widened loops are longer. Residues
        are at least 0.9 apart.

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
        if i - 1 not in partner or partner[i - 1] != partner[i] + 1:
            branches[i] = _branch(arm_from(i, partner), branches)
    return _line(length, partner, branches)


def _branch(arm: Arm, branches: dict[int, Points]) -> Points:
    """Return residues i to j of a pair (i, j): i at the origin, j to its right, the rest above."""
    inner = [branches[child] for child in arm.children]
    points = np.empty((arm.last - arm.first + 1, 2))
    points[arm.residues - arm.first] = arm.points
    circle, placed = place_children(arm, inner)
    points[arm.loop - arm.first] = circle
    for child, branch in zip(arm.children, placed, strict=True):
        points[child - arm.first : child - arm.first + len(branch)] = branch
    return points


def _line(length: int, partner: dict[int, int], branches: dict[int, Points]) -> Points:
    """Return all residues: the outer loop on a line, each branch clear of what is left of it."""
    points = np.empty((length, 2))
    k = 0
    while k < length:
        branch = branches[k] if k in partner else np.zeros((1, 2))
        points[k : k + len(branch)] = branch + np.array([_clear(points[:k], branch), 0.0])
        k += len(branch)
    return points


def _clear(left: Points, branch: Points) -> float:
    """Return how far right a branch must stand so that all of it is right of what is there."""
    if not len(left):
        return -float(branch[0, 0])
    height = left[:, None, 1] - branch[None, :, 1]
    needed = np.sqrt(np.maximum(_GAP**2 - height**2, 0.0))
    shift = left[:, None, 0] - branch[None, :, 0] + needed
    beside = np.abs(height) < _GAP
    on_line = float(left[-1, 0]) + _GAP
    return max(on_line, float(shift[beside].max(initial=on_line)))
