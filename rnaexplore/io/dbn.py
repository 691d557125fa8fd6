"""Dot-bracket files (.dbn): a header, the sequence, the structure; as RNAfold writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rnaexplore.errors import InputError
from rnaexplore.io.records import Record
from rnaexplore.io.text import lines_of
from rnaexplore.structure import Structure
from rnaexplore.structure.formats import dbn_text

__all__ = ["format_dbn", "parse_dbn"]

_BRACKETS = frozenset(".()[]{}<>")


@dataclass(slots=True)
class _Entry:
    """One record as its lines say it."""

    title: str
    sequence: str = ""
    structure: str = ""
    remarks: list[str] = field(default_factory=list)

    def add(self, line: str, source: str) -> None:
        """Read a line of the sequence or, once that is over, of the structure."""
        if not self.sequence or not (self.structure or _BRACKETS.intersection(line)):
            self.sequence += "".join(line.split())
            return
        brackets, _, remark = line.partition(" ")
        if self.structure and len(self.structure) >= len(self.sequence):
            msg = (
                f"{source}, record {self.title!r}: {line[:40]!r} follows a complete structure; "
                "give each structure a header line '>name' and its sequence"
            )
            raise InputError(msg)
        self.structure += brackets
        if remark.strip():
            self.remarks.append(remark.strip())

    def record(self, source: str) -> Record:
        """Return the record; an energy after the structure goes into its description."""
        identifier, _, description = self.title.partition(" ")
        if not self.structure:
            msg = f"{source}, record {identifier!r}: there is no line with a structure"
            raise InputError(msg)
        return Record(
            identifier=identifier,
            sequence=self.sequence,
            description=" ".join([description.strip(), *self.remarks]).strip(),
            dot_bracket=self.structure,
        )


def parse_dbn(text: str, source: str) -> Iterator[Record]:
    """Yield the records of a dot-bracket file.

    Parameters
    ----------
    text
        Records of a header (``>name description``), the sequence and the structure, both of them
        in one or several lines. Lines that begin with ``#`` are comments, of which ``#Name: …`` is
        a header too. The header may be missing if there is one record.
    source
        Name of the file, for messages; its stem names a record without a header.

    Raises
    ------
    InputError
        If a record has no structure, or several.
    """
    entry: _Entry | None = None
    for line in map(str.strip, lines_of(text)):
        title = _title(line)
        if title is not None:
            if entry is not None:
                yield entry.record(source)
            entry = _Entry(title)
        elif line and not line.startswith("#"):
            entry = entry or _Entry(source.partition(".")[0])
            entry.add(line, source)
    if entry is not None:
        yield entry.record(source)


def _title(line: str) -> str | None:
    if line.startswith(">"):
        return line[1:].strip()
    comment = line.removeprefix("#").strip()
    if line.startswith("#") and comment.lower().startswith("name:"):
        return comment[len("name:") :].strip()
    return None


def format_dbn(identifier: str, description: str, structure: Structure) -> str:
    """Return one record of a dot-bracket file."""
    title = f"{identifier} {description}".strip()
    return dbn_text(title, structure)
