"""Columns that need no model: what a probe of an embedding has to beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnaexplore.tl.embedding.kmers import kmer_frequencies
from rnaexplore.tl.evaluation.baselines import JOINED, KMERS, LENGTH

__all__ = ["BASELINES", "JOINED", "baseline_feature", "baseline_features"]

Array = NDArray[np.float32]

BASELINES = (*KMERS, LENGTH)


def baseline_features(sequences: Sequence[str]) -> dict[str, Array]:
    """Return k-mer frequencies, raw and square-rooted, and the length of each sequence.

    Parameters
    ----------
    sequences
        RNA sequences.

    Returns
    -------
    dict of str to ndarray of float32
        ``"3-mers"`` to ``"6-mers"`` and ``"3-mers sqrt"`` to ``"6-mers sqrt"``, shape (n, 4 ** k);
        and ``"length"``, shape (n, 1).
    """
    return {name: baseline_feature(sequences, name) for name in BASELINES}


def baseline_feature(sequences: Sequence[str], name: str) -> Array:
    """Return one of the representations of `baseline_features`.

    Rows of square-rooted frequencies have length 1: their Euclidean distances are Hellinger
    distances.
    """
    if name == LENGTH:
        return np.array([[len(s)] for s in sequences], dtype=np.float32)
    return kmer_frequencies(sequences, *KMERS[name])
