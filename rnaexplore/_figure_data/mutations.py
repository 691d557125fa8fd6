"""What a map of substitutions shows, with its tracks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnaexplore._figure_data.theme import KNOT, NESTED
from rnaexplore.errors import InputError
from rnaexplore.maps import MutationMap
from rnaexplore.maps.mutation import MARGINAL
from rnaexplore.structure import Structure

__all__ = ["MOST_BITS", "UNIT", "MutationImage", "TrackArc", "mutation_image", "scale_end"]

MOST_BITS = 2.0
UNIT = "log-likelihood ratio (nats)"

_PERCENTILE = 99.0
_STEPS = 40  #: points of an arc


class TrackArc(NamedTuple):
    """A pair, 0-based, as a curve of shape (steps, 2) in a track of height 1."""

    i: int
    j: int
    points: NDArray[np.float64]
    color: str


class MutationImage(NamedTuple):
    """Rows of alternatives, the end of their scale, and the tracks above.

    ``here`` are residue and row of the residues that are there, shape (2, n).
    """

    rows: NDArray[np.float32]
    names: list[str]
    end: float
    here: NDArray[np.int64]
    bits: NDArray[np.float64] | None
    arcs: tuple[TrackArc, ...] | None
    title: str


def mutation_image(
    scores: MutationMap, structure: Structure | None = None, entropy: ArrayLike | None = None
) -> MutationImage:
    """Return the scores of all substitutions as they are drawn.

    Raises
    ------
    InputError
        If the structure or the entropy is of another length.
    """
    bits = _bits(scores, entropy)
    if structure is not None and len(structure) != len(scores.sequence):
        msg = f"the structure has {len(structure)} residues, the RNA {len(scores.sequence)}"
        raise InputError(msg)
    rows = _rows(scores)
    here = np.array(["ACGU".find(letter) for letter in scores.sequence], dtype=np.int64)
    known = np.flatnonzero(here >= 0)
    return MutationImage(
        rows,
        ["A", "C", "G", "U", "–"][: len(rows)],
        scale_end(scores),
        np.stack([known, here[known]]),
        bits,
        None if structure is None else _arcs(structure),
        f"{scores.model}, {scores.method}",
    )


def scale_end(scores: MutationMap) -> float:
    """Return the absolute score at which colours end: the 99th percentile, 1 if all are 0."""
    values = scores.values if scores.deletions is None else _rows(scores).T
    end = float(np.nanpercentile(np.abs(values), _PERCENTILE))
    return end if end > 0 else 1.0


def _rows(scores: MutationMap) -> NDArray[np.float32]:
    """Return the rows of the heatmap, shape (4 or 5, L)."""
    rows = [*scores.values.T]
    return np.stack(rows if scores.deletions is None else [*rows, scores.deletions])


def _bits(scores: MutationMap, entropy: ArrayLike | None) -> NDArray[np.float64] | None:
    if entropy is None:
        marginal = scores.method in MARGINAL
        return scores.entropy.astype(np.float64) if marginal else None
    bits = np.asarray(entropy, dtype=np.float64)
    if bits.shape != (len(scores.sequence),):
        msg = f"entropy must be {len(scores.sequence)} numbers, one a residue, got {bits.shape}"
        raise InputError(msg)
    return bits


def _arcs(structure: Structure) -> tuple[TrackArc, ...]:
    pairs = structure.pairs.tolist()
    widest = max((j - i for i, j in pairs), default=1)
    angle = np.linspace(0, np.pi, _STEPS)
    found = []
    for (i, j), order in zip(pairs, structure.orders.tolist(), strict=True):
        across = (i + j) / 2 + (j - i) / 2 * np.cos(angle)
        points = np.stack([across, (j - i) / widest * np.sin(angle)], axis=1)
        found.append(TrackArc(i, j, points, KNOT if order else NESTED))
    return tuple(found)
