"""Base pairs as a column of partners, as .ct and .bpseq files have them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError, InvalidStructureError
from rnaexplore.structure import Structure

LONGEST = 15  #: digits of a number

__all__ = ["integer", "pairs_from_partners", "partners_from_structure", "residue"]


def pairs_from_partners(partners: Sequence[int], record: str) -> NDArray[np.int64]:
    """Return the base pairs of a column of partners.

    Parameters
    ----------
    partners
        1-based partner of each residue, 0 if it is unpaired.
    record
        Name of the record, for messages.

    Returns
    -------
    ndarray of int64, shape (n, 2)
        0-based positions i < j, sorted by i.

    Raises
    ------
    InvalidStructureError
        If a partner is out of range, the residue itself, or does not name the residue in turn.
    """
    partner = np.array(partners, dtype=np.int64) - 1
    own = np.arange(len(partner))
    paired = partner >= 0
    wrong = paired & ((partner >= len(partner)) | (partner == own))
    wrong[paired & ~wrong] = partner[partner[paired & ~wrong]] != own[paired & ~wrong]
    if wrong.any() or (partner < -1).any():
        position = int(np.flatnonzero(wrong | (partner < -1))[0])
        msg = (
            f"record {record!r}: residue {position + 1} has the partner {partner[position] + 1}; "
            f"allowed is 0 for unpaired, or another residue of 1 to {len(partner)} that names "
            "this one as its partner"
        )
        raise InvalidStructureError(msg)
    first = own[partner > own]
    return np.stack([first, partner[first]], axis=1)


def partners_from_structure(structure: Structure) -> list[int]:
    """Return the 1-based partner of each residue, 0 if it is unpaired."""
    return [int(partner) + 1 for partner in structure.partners]


def integer(text: str, where: str) -> int:
    """Return a whole number; `where` tells file and line in the error.

    Raises
    ------
    InputError
        If it is none.
    """
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= LONGEST):
        msg = f"{where}: expected a whole number, got {text[:40]!r}"
        raise InputError(msg)
    return int(text)


def residue(columns: Sequence[str], expected: int, where: str) -> str:
    """Return the letter of a line that has to be that of residue `expected`, 1-based.

    Raises
    ------
    InputError
        If the line is that of another residue, or has no single letter.
    """
    index = integer(columns[0], where)
    if index != expected:
        msg = f"{where}: expected residue {expected}, got {index}"
        raise InputError(msg)
    if len(columns[1]) != 1:
        msg = f"{where}: expected one letter in the second column, got {columns[1]!r}"
        raise InputError(msg)
    return columns[1]
