"""Pair values of RNAs longer than a model reads: overlapping windows, joined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError, SequenceTooLongError
from rnaexplore.models.inference import windows

if TYPE_CHECKING:
    from rnaexplore.models.spec import ModelSpec

__all__ = ["Windowed"]

Array = NDArray[np.float32]
Places = tuple[tuple[int, int], ...]

LEAST = 8  #: residues; a shorter window holds hardly a hairpin


@dataclass(frozen=True, slots=True)
class Windowed:
    """Reads RNAs whole, or in overlapping windows if they are longer than one.

    Parameters
    ----------
    window
        Residues per window, at least 8; ``None`` to read every RNA whole.
    spec
        The model; ``None`` for a program that reads single nucleotides of any number.

    Raises
    ------
    InputError
        If the window is too short.
    SequenceTooLongError
        If it is longer than the model reads.
    """

    window: int | None
    spec: ModelSpec | None

    def __post_init__(self) -> None:
        if self.window is None:
            return
        if self.window < LEAST:
            msg = f"window must be at least {LEAST} residues, got {self.window}"
            raise InputError(msg)
        limit = None if self.spec is None else self.spec.max_length
        if self.spec is not None and limit is not None and self.window > limit:
            msg = (
                f"window={self.window} exceeds the {limit} {self.spec.alphabet.unit}s that "
                f"{self.spec.name!r} reads; pass window={limit} or less"
            )
            raise SequenceTooLongError(msg)

    def __call__(self, values_of: Callable[[str], Array], sequence: str) -> tuple[Array, Places]:
        """Return the values of all pairs of an RNA, and the windows it was read in.

        Parameters
        ----------
        values_of
            From a sequence to its pair values, shape (L, L).
        sequence
            The RNA.

        Returns
        -------
        ndarray of float32, shape (L, L)
            Joined by `rnaexplore.models.inference.windows.join_pairs`.
        tuple of (start, stop)
            Empty if the RNA was read whole.
        """
        n = self._n_residues(sequence)
        if self.window is None or n <= self.window:
            return values_of(sequence), ()
        places = windows.spans(n, self.window, windows.default_overlap(self.window))
        parts = (values_of(self._piece(sequence, *place)) for place in places)
        return windows.join_pairs(parts, places, n), tuple(places)

    def _n_residues(self, sequence: str) -> int:
        return len(sequence) if self.spec is None else self.spec.alphabet.n_residues(sequence)

    def _piece(self, sequence: str, start: int, stop: int) -> str:
        if self.spec is None:
            return sequence[start:stop]
        return self.spec.alphabet.slice(sequence, start, stop)
