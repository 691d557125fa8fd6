"""The nearest relative of each of many sequences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnaexplore.models.alphabet import normalise

__all__ = ["nearest_relatives"]

Ints = NDArray[np.int64]

ROWS = 512  #: sequences compared with all others at a time


def nearest_relatives(
    sequences: Sequence[str], among: Sequence[str]
) -> tuple[Ints, NDArray[np.float32]]:
    """Return which of `among` is most identical to each sequence, and how identical it is.

    Returns
    -------
    ndarray of int64, shape (n,)
        Positions in `among`, the first of equals.
    ndarray of float32, shape (n,)
        Identities, 0 to 1.
    """
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    texts, others = [normalise(s) for s in sequences], [normalise(s) for s in among]
    which: list[Ints] = [np.empty(0, dtype=np.int64)]
    identities: list[NDArray[np.float32]] = [np.empty(0, dtype=np.float32)]
    for start in range(0, len(texts), ROWS):
        alike = cdist(
            texts[start : start + ROWS],
            others,
            scorer=Levenshtein.normalized_similarity,
            dtype=np.float32,
        )
        which.append(alike.argmax(1))
        identities.append(alike.max(1))
    return np.concatenate(which), np.concatenate(identities)
