"""Base-pair sequence files (.bpseq), as the Comparative RNA Web Site writes them: one record."""

from __future__ import annotations

from collections.abc import Iterator

from rnaexplore.errors import InputError
from rnaexplore.io.partners import integer, pairs_from_partners, partners_from_structure, residue
from rnaexplore.io.records import Record
from rnaexplore.io.text import lines_of
from rnaexplore.structure import Structure

__all__ = ["format_bpseq", "parse_bpseq"]

_COLUMNS = 3  # index, letter, partner


def parse_bpseq(text: str, source: str) -> Iterator[Record]:
    """Yield the one record of a .bpseq file.

    Parameters
    ----------
    text
        A line a residue: index, letter, partner. Before that come lines about the record: the
        first that begins with ``#`` holds its name and description, as does ``Filename: …``; all
        others go into the description.
    source
        Name of the file, for messages; its stem names a record without a name.

    Raises
    ------
    InputError
        If a line is not what it has to be.
    InvalidStructureError
        If two residues do not name each other as partners.
    """
    about: list[str] = []
    letters: list[str] = []
    partners: list[int] = []
    for number, line in enumerate(map(str.strip, lines_of(text)), start=1):
        where = f"{source}, line {number}"
        if line[:1].isdigit():
            columns = _columns(line, where, len(letters))
            letters.append(residue(columns, len(letters) + 1, where))
            partners.append(integer(columns[2], where))
        elif line and letters:
            msg = f"{where}: expected index, letter and partner of a residue, got {line[:40]!r}"
            raise InputError(msg)
        elif line:
            about.append(line)
    identifier, description = _title(about, source)
    if letters:
        yield Record(
            identifier=identifier,
            sequence="".join(letters),
            description=description,
            pairs=pairs_from_partners(partners, identifier),
        )


def _columns(line: str, where: str, n_read: int) -> list[str]:
    columns = line.split()
    if len(columns) != _COLUMNS:
        msg = f"{where}: expected index, letter and partner, got {line[:40]!r}"
        raise InputError(msg)
    if n_read and columns[0] == "1":
        msg = f"{where}: a second record begins; a .bpseq file holds one, .ct and .dbn hold many"
        raise InputError(msg)
    return columns


def _title(about: list[str], source: str) -> tuple[str, str]:
    title = source.partition(".")[0]
    for line in about:
        if line.startswith(("#", "Filename:")):
            title = line.removeprefix("#").removeprefix("Filename:").strip() or title
            about = [other for other in about if other is not line]
            break
    identifier, _, description = title.partition(" ")
    others = "; ".join(line.removeprefix("#").strip() for line in about)
    return identifier, f"{description.strip()} {others}".strip()


def format_bpseq(identifier: str, description: str, structure: Structure) -> str:
    """Return a .bpseq file."""
    lines = [f"# {identifier} {description}".strip()]
    letters = zip(structure.sequence, partners_from_structure(structure), strict=True)
    lines += [f"{i} {letter} {partner}" for i, (letter, partner) in enumerate(letters, start=1)]
    return "\n".join(lines) + "\n"
