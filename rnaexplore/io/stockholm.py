"""Stockholm alignments: one family or many, structures projected on each sequence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError, InvalidStructureError
from rnaexplore.io.build import to_anndata
from rnaexplore.io.records import Record
from rnaexplore.io.report import OnInvalid, Report
from rnaexplore.io.text import digest, lines_of, read_text
from rnaexplore.structure import pairs_from_wuss

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["parse_stockholm", "read_stockholm", "stockholm_records"]

_HEADER = "# STOCKHOLM"
_END = "//"


def read_stockholm(path: str | os.PathLike[str], *, on_invalid: OnInvalid = "raise") -> AnnData:
    """Read the alignments of a Stockholm file, for example Rfam seeds, compressed or not.

    Parameters
    ----------
    path
        The file; it may hold many alignments, in one block or interleaved.
    on_invalid
        What to do with a sequence that is empty or has letters that are not IUPAC nucleotides:
        ``"raise"`` an error, or ``"drop"`` and report it.

    Returns
    -------
    AnnData
        One observation a sequence, no ``X``.

        ``obs["sequence"]``
            Upper case, U for T, no gaps.
        ``obs["length"]``
            int64, nucleotides.
        ``obs["identifier"]``
            The name in the file, of which ``obs_names`` are made unique.
        ``obs["family"]``, ``obs["accession"]``
            Categories: ``#=GF ID`` and ``#=GF AC``; missing where the alignment has none.
        ``obs["description"]``
            ``#=GS DE`` of the sequence or else ``#=GF DE`` of the alignment.
        ``obs["structure"]``
            ``#=GC SS_cons`` on the sequence, as dot-bracket: pairs of which a partner is a gap
            are left out, pseudoknots are kept in further orders of brackets. Empty where the
            alignment has none.
        ``uns["rnaexplore"]["input"]``
            Counts of what was normalised; names and reasons of dropped records.

    Raises
    ------
    InvalidSequenceError
        Naming record, position (column of the alignment) and letter.
    InvalidStructureError
        If a consensus structure is unbalanced, naming the family.
    InputError
        If the file is not Stockholm, a row has another length, or there is no valid sequence.

    Warns
    -----
    RnaExploreWarning
        Once, if something was dropped, renamed or written as U.
    """
    return to_anndata(*stockholm_records(path), on_invalid)


def stockholm_records(
    path: str | os.PathLike[str], *, most: int | None = None
) -> tuple[Iterator[Record], Report]:
    """Return the sequences of a Stockholm file, read as they are asked for, and an empty report.

    Parameters
    ----------
    path
        The file.
    most
        Rows of an alignment after which reading ends with an `InputError`.
    """
    report = Report(
        source=Path(path).name, reader="read_stockholm", sha256=digest(path), aligned=True
    )
    return parse_stockholm(read_text(path), report.source, most=most), report


def parse_stockholm(text: str, source: str, *, most: int | None = None) -> Iterator[Record]:
    """Yield the sequences of Stockholm alignments as records.

    Parameters
    ----------
    text
        Contents of a Stockholm file.
    source
        Its name, for messages.
    most
        Rows of an alignment after which reading ends with an `InputError`.

    Raises
    ------
    InputError, InvalidStructureError
        As `read_stockholm`.
    """
    for alignment in _alignments(text, source, most):
        yield from alignment.records()


@dataclass(slots=True)
class _Alignment:
    """One alignment as its lines say it."""

    source: str
    most: int | None = None
    rows: dict[str, list[str]] = field(default_factory=dict)
    consensus: list[str] = field(default_factory=list)
    features: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)

    def add(self, line: str) -> None:
        """Read one line."""
        if line.startswith("#=GF "):
            _append(self.features, *_fields(line, 2))
        elif line.startswith("#=GS "):
            name, tag, text = _fields(line, 3)
            if tag == "DE":
                _append(self.descriptions, name, text)
        elif line.startswith("#=GC "):
            tag, text = _fields(line, 2)
            if tag == "SS_cons":
                self.consensus.append(text.strip())
        elif not line.startswith("#"):
            self._add_row(line)

    def _add_row(self, line: str) -> None:
        words = line.split()
        if len(words) != 2:  # noqa: PLR2004
            msg = f"{self.name}: a row must be a name and its aligned letters, got {line[:60]!r}"
            raise InputError(msg)
        self.rows.setdefault(words[0], []).append(words[1])
        if self.most is not None and len(self.rows) > self.most:
            msg = f"{self.name}: there are more than {self.most:,} rows; give fewer RNAs"
            raise InputError(msg)

    @property
    def name(self) -> str:
        """File and family, for messages."""
        family = self.features.get("ID") or self.features.get("AC")
        return f"{self.source}, family {family!r}" if family else self.source

    def records(self) -> Iterator[Record]:
        """Yield the sequences with the consensus structure in columns."""
        rows = {name: "".join(parts) for name, parts in self.rows.items()}
        pairs = self._pairs()
        self._check_widths(rows)
        for name, letters in rows.items():
            yield Record(
                identifier=name,
                sequence=letters,
                description=self.descriptions.get(name, self.features.get("DE", "")),
                family=self.features.get("ID"),
                accession=self.features.get("AC"),
                pairs=pairs,
            )

    def _pairs(self) -> NDArray[np.int64] | None:
        try:
            return pairs_from_wuss("".join(self.consensus)) if self.consensus else None
        except InvalidStructureError as error:
            msg = f"{self.name}: SS_cons: {error}"
            raise InvalidStructureError(msg) from error

    def _check_widths(self, rows: dict[str, str]) -> None:
        blocks = {len(parts) for parts in self.rows.values()}
        if len(blocks) > 1:
            name = max(self.rows, key=lambda name: len(self.rows[name]))
            msg = f"{self.name}: {name!r} has more lines than other rows; names must be unique"
            raise InputError(msg)
        widths = {name: len(letters) for name, letters in rows.items()}
        if self.consensus:
            widths["SS_cons"] = len("".join(self.consensus))
        if not widths:
            return
        usual = max(widths.values(), key=list(widths.values()).count)
        for name, width in widths.items():
            if width != usual:
                msg = f"{self.name}: {name!r} has {width} columns, the other rows {usual}"
                raise InputError(msg)


def _alignments(text: str, source: str, most: int | None) -> Iterator[_Alignment]:
    alignment: _Alignment | None = None
    for line in lines_of(text):
        stripped = line.rstrip()
        if stripped.startswith(_HEADER):
            if alignment is not None:
                raise InputError(_unfinished(alignment))
            alignment = _Alignment(source, most)
        elif alignment is None and stripped:
            raise InputError(_not_stockholm(source, stripped))
        elif alignment is not None and stripped == _END:
            yield alignment
            alignment = None
        elif alignment is not None and stripped:
            alignment.add(stripped)
    if alignment is not None:
        raise InputError(_unfinished(alignment))


def _unfinished(alignment: _Alignment) -> str:
    return f"{alignment.name}: the alignment has no '//' at its end; the file may be incomplete"


def _not_stockholm(source: str, line: str) -> str:
    remedy = "; read FASTA with rx.read_fasta" if line.startswith(">") else ""
    return (
        f"{source}: a Stockholm alignment starts with '# STOCKHOLM 1.0', got {line[:40]!r}{remedy}"
    )


def _fields(line: str, n: int) -> list[str]:
    """Return what follows ``#=GX``: `n` fields, the last with its spaces; empty where missing."""
    fields = line.split(None, n)[1:]
    return fields + [""] * (n - len(fields))


def _append(texts: dict[str, str], key: str, text: str) -> None:
    """Add a line to a text that may go over several."""
    texts[key] = f"{texts[key]} {text}" if key in texts else text
