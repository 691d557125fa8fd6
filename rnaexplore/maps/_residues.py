"""From a sequence to the labels of an axis: nucleotides, or codons."""

from __future__ import annotations

from rnaexplore.errors import InputError

__all__ = ["residues"]

CODON = 3


def residues(sequence: str, n: int) -> tuple[str, ...]:
    """Return the labels of an axis of `n` residues.

    Parameters
    ----------
    sequence
        Nucleotides.
    n
        Length of the axis: nucleotides, or a third of that for codon models.

    Raises
    ------
    InputError
        If the axis counts neither the nucleotides nor the codons of the sequence.
    """
    length = len(sequence)
    if n == length:
        return tuple(sequence)
    if n * CODON == length:
        return tuple(sequence[i : i + CODON] for i in range(0, length, CODON))
    msg = (
        f"the map has {n} residues, but the sequence has {length} nucleotides; an axis must have "
        "one entry a nucleotide, or one a codon. Leave special tokens out of the map"
    )
    raise InputError(msg)
