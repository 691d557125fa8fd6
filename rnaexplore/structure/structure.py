"""A secondary structure: a sequence and its base pairs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError, InvalidStructureError
from rnaexplore.structure.dot_bracket import (
    as_pairs,
    dot_bracket_from_pairs,
    pair_orders,
    pairs_from_dot_bracket,
)
from rnaexplore.structure.formats import ct_text, dbn_text

__all__ = ["Structure"]


@dataclass(frozen=True, eq=False)
class Structure:
    """A secondary structure, pseudoknots included.

    Parameters
    ----------
    sequence
        The RNA.
    pairs
        Base pairs, shape (n, 2): 0-based positions; stored as int64 with i < j, sorted by i.

    Raises
    ------
    InvalidStructureError
        If a position is out of range or has two partners.
    """

    sequence: str
    pairs: NDArray[np.int64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "pairs", as_pairs(self.pairs, len(self.sequence)))
        self.pairs.flags.writeable = False

    @classmethod
    def from_dot_bracket(cls, sequence: str, dot_bracket: str) -> Structure:
        """Return the structure that a dot-bracket string describes.

        Raises
        ------
        InvalidStructureError
            If the lengths differ or the brackets are not balanced.
        """
        if len(sequence) != len(dot_bracket):
            msg = (
                f"the sequence has {len(sequence)} residues, but the dot-bracket string "
                f"{len(dot_bracket)} characters"
            )
            raise InvalidStructureError(msg)
        return cls(sequence, pairs_from_dot_bracket(dot_bracket))

    def __len__(self) -> int:
        return len(self.sequence)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Structure):
            return NotImplemented
        return self.sequence == other.sequence and np.array_equal(self.pairs, other.pairs)

    def __hash__(self) -> int:
        return hash((self.sequence, self.pairs.tobytes()))

    @property
    def dot_bracket(self) -> str:
        """The structure as dot-bracket, pseudoknots in the further orders ``[] {} <> Aa …``."""
        return dot_bracket_from_pairs(self.pairs, len(self.sequence))

    @property
    def orders(self) -> NDArray[np.int64]:
        """Pseudoknot order of each pair, shape (n,): 0 for the nested ones."""
        return pair_orders(self.pairs)

    @property
    def partners(self) -> NDArray[np.int64]:
        """Partner of each residue, -1 if it is unpaired, shape (L,)."""
        partners = np.full(len(self.sequence), -1, dtype=np.int64)
        partners[self.pairs[:, 0]] = self.pairs[:, 1]
        partners[self.pairs[:, 1]] = self.pairs[:, 0]
        return partners

    def to_dbn(self, path: str | os.PathLike[str], *, name: str = "RNA") -> None:
        """Write the structure as a dot-bracket file: header, sequence, brackets.

        Parameters
        ----------
        path
            File to write, by convention ending in ``.dbn``; an existing one is replaced.
        name
            What the record is called; one line.

        Raises
        ------
        InputError
            If the name has several lines.
        """
        Path(path).write_text(dbn_text(_title(name), self), encoding="utf-8")

    def to_ct(self, path: str | os.PathLike[str], *, name: str = "RNA") -> None:
        """Write the structure as a connectivity table, pseudoknots included.

        Parameters
        ----------
        path
            File to write, by convention ending in ``.ct``; an existing one is replaced.
        name
            Title of the table; one line.

        Raises
        ------
        InputError
            If the name has several lines.
        """
        Path(path).write_text(ct_text(_title(name), self), encoding="utf-8")


def _title(name: str) -> str:
    if len(name.splitlines()) > 1:
        msg = f"name must be one line, got {name!r}; it is the title of the record"
        raise InputError(msg)
    return name
