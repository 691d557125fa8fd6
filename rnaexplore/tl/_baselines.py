"""Representations that need no model: what an embedding has to beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnaexplore.tl._kmers import kmer_frequencies

__all__ = ["KMERS", "baseline_features"]

Array = NDArray[np.float32]

KMERS = (3, 4, 5, 6)


def baseline_features(sequences: Sequence[str]) -> dict[str, Array]:
    """Return k-mer frequencies, raw and square-rooted, and the length of each sequence.

    Parameters
    ----------
    sequences
        RNA sequences.

    Returns
    -------
    dict of str to ndarray of float32
        ``"3-mers"`` and ``"3-mers √"`` to ``"6-mers √"``, shape (n, 4 ** k), rows of the
        square-rooted ones of unit length (Euclidean distances are Hellinger distances); and
        ``"length"``, shape (n, 1).
    """
    found: dict[str, Array] = {}
    for k in KMERS:
        frequencies = kmer_frequencies(sequences, k)
        found[f"{k}-mers"] = frequencies
        found[f"{k}-mers √"] = np.sqrt(frequencies)
    found["length"] = np.array([[len(s)] for s in sequences], dtype=np.float32)
    return found
