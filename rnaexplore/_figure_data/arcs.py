"""Base pairs as arcs: their curves, their colors, and what explains them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnaexplore._figure_data.theme import EDGE, KNOT, NESTED
from rnaexplore.errors import InputError
from rnaexplore.structure import Structure

__all__ = ["Arc", "ArcFigure", "Entry", "arc_figure", "curve", "pair_figure"]

_STEPS = 60  #: points of an arc


class Arc(NamedTuple):
    """One pair, 0-based, above (1) or below (-1) the sequence."""

    i: int
    j: int
    color: str
    dashed: bool
    side: int


class Entry(NamedTuple):
    """One line of the legend."""

    label: str
    color: str
    dashed: bool


class ArcFigure(NamedTuple):
    """All arcs, those lit up, what explains them, a title, and the height of the tallest."""

    arcs: tuple[Arc, ...]
    lit: tuple[Arc, ...]
    legend: tuple[Entry, ...]
    title: str
    tallest: float


def arc_figure(
    structure: Structure,
    reference: Structure | None = None,
    highlight: Sequence[Sequence[int]] = (),
) -> ArcFigure:
    """Return the arcs of one structure, or of two against each other.

    Raises
    ------
    InputError
        If the structures differ in length.
    """
    if reference is not None and len(reference) != len(structure):
        msg = (
            f"the reference has {len(reference)} residues, the structure {len(structure)}; "
            "both must be of the same RNA"
        )
        raise InputError(msg)
    drawn = _of_structure(structure, reference, 1)
    if reference is not None:
        drawn += _of_structure(reference, structure, -1)
    wanted = {(min(pair), max(pair)) for pair in (tuple(map(int, pair)) for pair in highlight)}
    lit = [arc for arc in drawn if (arc.i, arc.j) in wanted]
    return ArcFigure(
        tuple(drawn), tuple(lit), _legend(structure, reference), "", len(structure) / 2
    )


def pair_figure(
    sequence: str, pairs: NDArray[np.integer], reference: Structure | None = None
) -> ArcFigure:
    """Return any pairs as arcs, and those of a reference below the sequence.

    Raises
    ------
    InputError
        If a position is out of range, or the reference is of another length.
    """
    n = len(sequence)
    found = [(int(i), int(j)) for i, j in np.asarray(pairs).reshape(-1, 2)]
    if any(not 0 <= i < j < n for i, j in found):
        msg = f"pairs must hold positions i < j in 0 to {n - 1}"
        raise InputError(msg)
    if reference is not None and len(reference) != n:
        msg = f"the reference has {len(reference)} residues, the sequence {n}"
        raise InputError(msg)
    known = set() if reference is None else {(int(i), int(j)) for i, j in reference.pairs}
    drawn = [
        Arc(i, j, NESTED if reference is None or (i, j) in known else KNOT, dashed=False, side=1)
        for i, j in found
    ]
    title = ""
    if reference is not None:
        drawn += _of_structure(reference, None, -1)
        title = f"{sum(p in known for p in found)} of {len(found)} pairs in the reference"
    tallest = max((arc.j - arc.i for arc in drawn), default=n) / 2 * 1.05
    return ArcFigure(tuple(drawn), (), (), title, tallest)


def _of_structure(structure: Structure, other: Structure | None, side: int) -> list[Arc]:
    """Return the pairs of one structure, dashed where the other lacks them."""
    shared = {tuple(p) for p in (structure if other is None else other).pairs.tolist()}
    return [
        Arc(i, j, KNOT if order else NESTED, dashed=(i, j) not in shared, side=side)
        for (i, j), order in zip(structure.pairs.tolist(), structure.orders.tolist(), strict=True)
    ]


def _legend(structure: Structure, reference: Structure | None) -> tuple[Entry, ...]:
    """Explain colours if there is a pseudoknot, dashes if there are two structures."""
    drawn = [structure] if reference is None else [structure, reference]
    entries: list[Entry] = []
    if any(s.orders.any() for s in drawn):
        entries += [
            Entry("nested", NESTED, dashed=False), Entry("pseudoknot", KNOT, dashed=False),
        ]  # fmt: skip
    if reference is not None:
        entries += [Entry("in both", EDGE, dashed=False), Entry("in one", EDGE, dashed=True)]
    return tuple(entries)


def curve(arc: Arc, gap: float) -> NDArray[np.float64]:
    """Return the points of an arc that begins `gap` from the middle of the sequence."""
    angle = np.linspace(0.0, np.pi, _STEPS)
    radius = (arc.j - arc.i) / 2
    across = (arc.i + arc.j) / 2 + radius * np.cos(angle)
    return np.stack([across, arc.side * (gap + radius * np.sin(angle))], axis=1)
