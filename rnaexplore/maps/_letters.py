"""The four letters of RNA, and where they stand in a sequence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["LETTERS", "letter_index"]

LETTERS = "ACGU"


def letter_index(sequence: str) -> NDArray[np.int64]:
    """Return the place of each residue in A C G U, -1 for other letters, shape (L,)."""
    return np.array([LETTERS.find(letter) for letter in sequence], dtype=np.int64)
