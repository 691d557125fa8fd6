"""How strongly residues of one RNA depend on each other in the eyes of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.maps._caution import with_caution
from rnaexplore.maps._residues import residues
from rnaexplore.maps.contact import ContactMap
from rnaexplore.structure.decoding import MIN_LOOP

__all__ = ["CouplingKind", "CouplingMap", "average_product_correction", "scaled_to_best"]

Array = NDArray[np.float32]
CouplingKind = Literal["jacobian", "dependency"]

N_AXES = 2


@dataclass(frozen=True, slots=True, eq=False)
class CouplingMap:
    """How much the prediction at one residue changes with the letter of another.

    Parameters
    ----------
    scores
        Shape (L, L), any finite number, 0 on the diagonal; kept as read-only float32.
        ``[i, j]``: residue i is changed, residue j is predicted. Symmetric for ``"jacobian"``,
        where values after the average product correction may be negative; ``"dependency"`` is 0
        or more and has a direction.
    sequence
        The RNA of L nucleotides.
    kind
        ``"jacobian"`` or ``"dependency"``: see `rnaexplore.tl.jacobian`.
    model
        Name of the model.
    caution
        Known weakness of the model that concerns these scores, empty if there is none; from
        ``model.spec.cautions``.

    Raises
    ------
    InputError
        If the map is not square, not finite, has a diagonal, or does not fit the sequence.
    """

    scores: Array
    sequence: str
    kind: CouplingKind
    model: str
    caution: str = ""

    def __post_init__(self) -> None:
        values = np.asarray(self.scores, dtype=np.float32).view()
        values.flags.writeable = False
        object.__setattr__(self, "scores", values)
        if values.ndim != N_AXES or values.shape[0] != values.shape[1]:
            msg = f"scores must have shape (L, L), got {values.shape}"
            raise InputError(msg)
        if not np.isfinite(values).all() or values.diagonal().any():
            msg = "scores must be finite, and 0 on the diagonal"
            raise InputError(msg)
        residues(self.sequence, len(values))

    def __repr__(self) -> str:
        told = f"CouplingMap {self.model} ({self.kind}): {len(self.scores)} residues"
        return with_caution(told, self.caution)

    def contacts(self) -> ContactMap:
        """Return the map as scores of contacts, 0 to 1.

        Both directions are averaged; values below 0 and pairs less than 4 apart are 0, and the
        best pair of the RNA is 1: scores, not probabilities.
        """
        scores = scaled_to_best(self.scores)
        return ContactMap(
            scores, self.sequence, self.kind, self.model, kind="score", caution=self.caution
        )


def scaled_to_best(scores: NDArray[np.floating]) -> Array:
    """Return pair scores as 0 to 1: nothing below 0 or too close to pair, the best pair at 1.

    Parameters
    ----------
    scores
        Shape (L, L); averaged with its transpose.
    """
    n = len(scores)
    distance = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    kept = np.where(distance > MIN_LOOP, np.maximum((scores + scores.T) / 2, 0), 0)
    best = kept.max(initial=0.0)
    return (kept / best if best > 0 else kept).astype(np.float32)


def average_product_correction(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return a map less the product of its row's and column's sum over the total.

    Dunn, Wahl & Gloor 2008, doi:10.1093/bioinformatics/btm604. A map of zeros stays as it is.

    Parameters
    ----------
    scores
        Shape (..., L, L), each map corrected on its own.
    """
    values = np.asarray(scores, dtype=np.float64)
    product = values.sum(-1, keepdims=True) * values.sum(-2, keepdims=True)
    total = values.sum((-1, -2), keepdims=True)
    expected = np.divide(product, total, out=np.zeros_like(values), where=total != 0)
    corrected: NDArray[np.float64] = values - expected
    return corrected
