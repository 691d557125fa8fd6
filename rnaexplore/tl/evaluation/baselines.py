"""Representations of RNAs that need no trained model: what every embedding has to beat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore.tl.embedding.kmers import Transform, kmer_matrix
from rnaexplore.tl.embedding.relatives import IdentitySpace
from rnaexplore.tl.embedding.spaces import JointSpace, Space, VectorSpace

__all__ = [
    "BEST_KMERS",
    "IDENTITY",
    "JOINED",
    "KMERS",
    "LENGTH",
    "SHUFFLED",
    "baseline_spaces",
    "beside_kmers",
    "by_both_distances",
    "kmer_spaces",
]

#: all k-mers that are shown, by name
KMERS: dict[str, tuple[int, Transform | None]] = {
    f"{k}-mers{' ' + how if how else ''}": (k, how) for how in (None, "sqrt") for k in (3, 4, 5, 6)
}
JOINED = "6-mers sqrt"  #: joined to embeddings; fixed, so that no label has a say
BEST_KMERS = "best k-mers"
IDENTITY = "sequence identity"
LENGTH = "length"
SHUFFLED = "shuffled labels"

Array = NDArray[np.float32]


def by_both_distances(name: str, vectors: Any) -> Iterator[tuple[str, VectorSpace]]:
    """Yield the names of rows and distances: Euclidean, then cosine."""
    yield name, VectorSpace(vectors, "euclidean")
    yield f"{name} cosine", VectorSpace(vectors, "cosine")


def kmer_spaces(sequences: Sequence[str]) -> Iterator[tuple[str, VectorSpace]]:
    """Yield names and distances of k-mers, raw ones by both distances.

    Square roots of frequencies have length 1, so that both distances are one.
    """
    for name, (k, how) in KMERS.items():
        matrix = kmer_matrix(sequences, k, how)
        if how is None:
            yield from by_both_distances(name, matrix)
        else:
            yield name, VectorSpace(matrix, "cosine")


def baseline_spaces(sequences: Sequence[str]) -> Iterator[tuple[str, Space]]:
    """Yield names and distances of what needs neither a model nor k-mers."""
    yield IDENTITY, IdentitySpace(sequences)
    lengths = np.array([[len(s)] for s in sequences], dtype=np.float32)
    yield LENGTH, VectorSpace(lengths, "euclidean")


def beside_kmers(name: str, vectors: Array, sequences: Sequence[str]) -> tuple[str, Space]:
    """Return name and distances of vectors with k-mers set beside them."""
    joined = VectorSpace(kmer_matrix(sequences, *KMERS[JOINED]), "cosine")
    return f"{name} + {JOINED}", JointSpace(VectorSpace(vectors, "cosine"), joined)
