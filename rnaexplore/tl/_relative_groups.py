"""Relatives by sequence: who must be held out together, and who is the nearest to whom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnaexplore.models.alphabet import normalise
from rnaexplore.tl._embed import distinct
from rnaexplore.tl._identity import components, linked_pairs

__all__ = ["DESCRIBED", "nearest_relatives", "relative_groups"]

Ints = NDArray[np.int64]

#: least identity of relatives, and the length of the longer one from which it is enough: of
#: unrelated RNAs shorter than that, about one pair in 10,000 or more is so alike by chance
LEVELS = ((0.6, 80), (0.7, 30), (0.8, 0))
DESCRIBED = "identity 0.6"
ROWS = 512  #: sequences compared with all others at a time


def relative_groups(sequences: Sequence[str]) -> Ints:
    """Return the group of relatives of each sequence, the largest first, shape (n,).

    Groups are those of single linkage: two RNAs are linked if they are 60 % identical (1 minus the
    edit distance over the longer length), 70 % if both are shorter than 80 nt, and 80 % if both are
    shorter than 30 nt, since short unrelated RNAs reach 60 % by chance.
    """
    first, inverse = distinct(sequences)
    texts = [normalise(sequences[i]) for i in first]
    lengths = np.array([len(text) for text in texts])
    found: list[tuple[Ints, Ints]] = []
    for identity, least in LEVELS:
        rows, columns = linked_pairs(texts, identity)
        enough = np.maximum(lengths[rows], lengths[columns]) >= least
        found.append((rows[enough], columns[enough]))
    rows, columns = (np.concatenate(side) for side in zip(*found, strict=True))
    return components((rows, columns), inverse)


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
