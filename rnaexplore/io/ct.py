"""Connectivity tables (.ct), as mfold and RNAstructure write them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rnaexplore.errors import InputError
from rnaexplore.io.partners import integer, pairs_from_partners, residue
from rnaexplore.io.records import Record
from rnaexplore.io.text import lines_of
from rnaexplore.structure import Structure
from rnaexplore.structure.formats import ct_text

__all__ = ["format_ct", "parse_ct"]

_ENERGY = re.compile(r"(?:dG|ENERGY|Energy)\s*=\s*\S+(?:\s*kcal/mol)?(?:\s*\[[^]]*\])?")
_COLUMNS = 5  # index, letter, index before, index after, partner; a natural index may follow

Lines = Iterator[tuple[int, str]]


def parse_ct(text: str, source: str) -> Iterator[Record]:
    """Yield the records of a connectivity table.

    Parameters
    ----------
    text
        Records of a line with the number of residues and a title, and a line a residue. An energy
        in the title goes to the end of the description. Lines that begin with ``#`` are comments.
    source
        Name of the file, for messages; its stem names records without a title.

    Raises
    ------
    InputError
        If a line is not what it has to be, or lines are missing.
    InvalidStructureError
        If two residues do not name each other as partners.
    """
    numbered = enumerate((line.strip() for line in lines_of(text)), start=1)
    lines = ((n, line) for n, line in numbered if line and not line.startswith("#"))
    for number, header in lines:
        length, _, title = header.partition(" ")
        identifier, description = _title(title, source)
        count = integer(length, f"{source}, line {number}")
        sequence, partners = _residues(lines, count, source)
        yield Record(
            identifier=identifier,
            sequence=sequence,
            description=description,
            pairs=pairs_from_partners(partners, identifier),
        )


def _title(title: str, source: str) -> tuple[str, str]:
    title = title.strip()
    energy = _ENERGY.match(title)
    rest = title[energy.end() :] if energy else title
    identifier, _, description = rest.strip().partition(" ")
    remark = energy.group() if energy else ""
    return identifier or source.partition(".")[0], f"{description.strip()} {remark}".strip()


def _residues(lines: Lines, count: int, source: str) -> tuple[str, list[int]]:
    letters, partners = [], []
    for expected in range(1, count + 1):
        number, line = next(lines, (0, ""))
        if not line:
            msg = f"{source}: the file ends after {expected - 1} of {count} residues"
            raise InputError(msg)
        columns, where = line.split(), f"{source}, line {number}"
        if len(columns) < _COLUMNS:
            msg = f"{where}: expected at least {_COLUMNS} columns, got {line!r}"
            raise InputError(msg)
        letters.append(residue(columns, expected, where))
        partners.append(integer(columns[4], where))
    return "".join(letters), partners


def format_ct(identifier: str, description: str, structure: Structure) -> str:
    """Return one record of a connectivity table."""
    if _ENERGY.match(f"{identifier} {description}"):
        msg = (
            f"the name {identifier!r} would be read as an energy from a .ct file; change "
            "adata.obs_names first, or write .dbn"
        )
        raise InputError(msg)
    return ct_text(f"{identifier} {description}".strip(), structure)
