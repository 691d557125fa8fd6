"""A structure as text: dot-bracket and connectivity table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnaexplore.structure.structure import Structure

__all__ = ["ct_text", "dbn_text"]


def dbn_text(title: str, structure: Structure) -> str:
    """Return a structure as a record of a dot-bracket file: header, sequence, brackets."""
    return f">{title}\n{structure.sequence}\n{structure.dot_bracket}\n"


def ct_text(title: str, structure: Structure) -> str:
    """Return a structure as a connectivity table, as mfold and RNAstructure write it.

    A line with the length and the title, then one per residue: its number, letter, the numbers
    before and after it, its partner (0 if it is unpaired), and its number again.
    """
    n = len(structure)
    lines = [f"{n} {title}".strip()]
    for i, partner in enumerate(structure.partners.tolist(), start=1):
        letter = structure.sequence[i - 1]
        lines.append(f"{i} {letter} {i - 1} {(i + 1) % (n + 1)} {partner + 1} {i}")
    return "\n".join(lines) + "\n"
