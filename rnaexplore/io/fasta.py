"""FASTA files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rnaexplore.io.build import to_anndata
from rnaexplore.io.records import Record
from rnaexplore.io.report import OnInvalid, Report
from rnaexplore.io.stream import examine, stream_fasta

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["fasta_records", "read_fasta"]


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
    return to_anndata(*fasta_records(path), on_invalid)


def fasta_records(path: str | os.PathLike[str]) -> tuple[Iterator[Record], Report]:
    """Return the records of a FASTA file, read as they are asked for, and an empty report."""
    file = examine(path)
    report = Report(source=Path(path).name, reader="read_fasta", sha256=file.sha256)
    return stream_fasta(file), report
