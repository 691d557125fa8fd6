"""The contact map of one RNA: base-pair probabilities, from a model or from thermodynamics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.maps._caution import with_caution
from rnaexplore.maps._residues import residues
from rnaexplore.structure import Decoder, Structure, decode
from rnaexplore.structure.decoding import MIN_LOOP

__all__ = ["ContactMap"]

Array = NDArray[np.float32]

TOLERANCE = 1e-5  #: largest difference between a value and its mirror image
N_AXES = 2


@dataclass(frozen=True, slots=True, eq=False)
class ContactMap:
    """Probability of each pair of residues to be in contact.

    Parameters
    ----------
    probabilities
        Shape (L, L), 0 to 1, symmetric, zero on the diagonal; kept as read-only float32.
    sequence
        The RNA; L counts its nucleotides, or its codons for codon models.
    method
        How the map was made, for example ``"regression"`` or ``"vienna"``.
    model
        Name of the model, or of the program.
    caution
        Known weakness of the model that concerns these values, empty if there is none; from
        ``model.spec.cautions``.

    Raises
    ------
    InputError
        If the map is not square, not symmetric, has a diagonal, holds a value outside 0 to 1, or
        does not fit the sequence.
    """

    probabilities: Array
    sequence: str
    method: str
    model: str
    caution: str = ""

    def __post_init__(self) -> None:
        values = np.asarray(self.probabilities, dtype=np.float32).view()
        values.flags.writeable = False
        object.__setattr__(self, "probabilities", values)
        if values.ndim != N_AXES or values.shape[0] != values.shape[1]:
            msg = f"probabilities must have shape (L, L), got {values.shape}"
            raise InputError(msg)
        residues(self.sequence, len(values))
        _check_values(values)

    def __repr__(self) -> str:
        told = f"ContactMap {self.model} ({self.method}): {len(self.probabilities)} residues"
        return with_caution(told, self.caution)

    @property
    def residues(self) -> tuple[str, ...]:
        """Labels of both axes: nucleotides, or codons. Length L."""
        return residues(self.sequence, len(self.probabilities))

    def decode(
        self,
        method: Decoder = "mea",
        *,
        threshold: float = 0.5,
        canonical: bool = False,
        min_loop: int = MIN_LOOP,
    ) -> Structure:
        """Return the secondary structure that the map is most compatible with.

        Parameters
        ----------
        method
            ``"mea"``: nested pairs of maximal expected accuracy; ``"nussinov"``: nested pairs of
            largest sum; ``"greedy"``: the most probable pairs first; ``"matching"``:
            maximum-weight matching; ``"threshold"``: residues that are each other's most probable
            partner. The last three may hold pseudoknots.
        threshold
            Pairs less probable than that are not considered, 0 to 1.
        canonical
            Whether to consider only AU, GC and GU pairs.
        min_loop
            Fewest residues between the partners of a pair, 0 or more.

        Raises
        ------
        InputError
            If the method is unknown, the threshold is outside 0 to 1, `min_loop` is negative, or
            the map counts codons.
        """
        return decode(
            self.probabilities,
            self.sequence,
            method=method,
            threshold=threshold,
            canonical=canonical,
            min_loop=min_loop,
        )


def _check_values(values: Array) -> None:
    inside = (values >= 0) & (values <= 1)  # also False for NaN
    if not inside.all():
        i, j = (int(k) for k in np.argwhere(~inside)[0])
        msg = f"probabilities must lie in 0 to 1, got {values[i, j]:.6g} at ({i}, {j})"
        raise InputError(msg)
    if values.diagonal().any():
        msg = "probabilities must be 0 on the diagonal: a residue is not in contact with itself"
        raise InputError(msg)
    difference = np.abs(values - values.T).max(initial=0.0)
    if difference > TOLERANCE:
        msg = (
            f"probabilities must be symmetric; values differ from their mirror by {difference:.2g}"
        )
        raise InputError(msg)
