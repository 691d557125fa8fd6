"""Thinning of sequence sets by pairwise identity."""

from __future__ import annotations

from collections.abc import Sequence

from Bio.Align import PairwiseAligner

__all__ = ["identity", "thin"]


def identity(first: str, second: str) -> float:
    """Return the share of identical columns in a global alignment, over the shorter sequence."""
    aligner = PairwiseAligner(mode="global", match_score=2, mismatch_score=-1)
    aligner.open_gap_score, aligner.extend_gap_score = -3, -1
    alignment = aligner.align(first, second)[0]
    same = sum(
        first[i : i + (b - a)][k] == second[j : j + (b - a)][k]
        for (a, b), (j, _) in zip(*alignment.aligned, strict=True)
        for i in (a,)
        for k in range(b - a)
    )
    return same / min(len(first), len(second))


def thin(sequences: Sequence[str], *, most: float, limit: int) -> list[int]:
    """Return indices of sequences no two of which are more than `most` identical.

    Parameters
    ----------
    sequences
        In order of preference: the first of a group of relatives is kept.
    most
        Largest identity of two kept sequences, 0 to 1.
    limit
        Stop when so many are kept.
    """
    kept: list[int] = []
    for i, sequence in enumerate(sequences):
        if all(identity(sequence, sequences[j]) <= most for j in kept):
            kept.append(i)
        if len(kept) == limit:
            break
    return kept
