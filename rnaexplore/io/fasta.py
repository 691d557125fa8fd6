"""FASTA files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from rnaexplore.errors import InputError
from rnaexplore.io.build import to_anndata
from rnaexplore.io.records import Record
from rnaexplore.io.report import OnInvalid, Report
from rnaexplore.io.text import digest, read_text

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["not_fasta", "read_fasta", "record"]


def read_fasta(path: str | os.PathLike[str], *, on_invalid: OnInvalid = "raise") -> AnnData:
    """Read a FASTA file, compressed with gzip or not.

    Parameters
    ----------
    path
        The file.
    on_invalid
        What to do with a record that is empty or has letters that are not IUPAC nucleotides:
        ``"raise"`` an error, or ``"drop"`` and report it.

    Returns
    -------
    AnnData
        One observation a record, no ``X``.

        ``obs["sequence"]``
            Upper case, U for T, no gaps.
        ``obs["length"]``
            int64, nucleotides.
        ``obs["identifier"]``, ``obs["description"]``
            First word of the header and the rest of it. ``obs_names`` are the identifiers, with
            ``-1``, ``-2`` … appended to repeated ones.
        ``uns["rnaexplore"]["input"]``
            Counts of what was normalised; names and reasons of dropped records.

    Raises
    ------
    InvalidSequenceError
        Naming record, position and letter.
    InputError
        If the file is not FASTA, holds no valid record, or is damaged.

    Warns
    -----
    RnaExploreWarning
        Once, with the counts of what was dropped, renamed or normalised.
    """
    report = Report(source=Path(path).name, reader="read_fasta", sha256=digest(path))
    return to_anndata(_records(path), report, on_invalid)


def _records(path: str | os.PathLike[str]) -> Iterator[Record]:
    from Bio.SeqIO.FastaIO import SimpleFastaParser

    text = read_text(path).lstrip()
    if not text.startswith(">"):
        raise InputError(not_fasta(path, text))
    for title, sequence in SimpleFastaParser(StringIO(text)):  # type: ignore[no-untyped-call]
        yield record(title, sequence)


def record(title: str, sequence: str) -> Record:
    """Return one RNA of its header, ``>`` left out, and its letters."""
    identifier, _, description = title.strip().partition(" ")
    return Record(identifier=identifier, sequence=sequence.strip(), description=description.strip())


def not_fasta(path: str | os.PathLike[str], text: str) -> str:
    """Return what is wrong with a file that starts with this text."""
    if not text:
        return f"{str(path)!r} is empty"
    if text.startswith("# STOCKHOLM"):
        return f"{str(path)!r} is a Stockholm file; read it with rx.read_stockholm"
    return (
        f"{str(path)!r} is not FASTA: it must start with '>', got {text[:20]!r}. For Stockholm "
        "there is rx.read_stockholm, for .dbn, .ct and .bpseq rx.read_structures"
    )
