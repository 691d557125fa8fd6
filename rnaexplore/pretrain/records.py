"""Training records: sequences with, where known, a structure and a family."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rnaexplore.errors import InputError

__all__ = ["Record", "held_out", "overlapping", "read_records"]

_STRUCTURE = ("structure", "dotbracket", "dot_bracket")
_FASTA = (".fa", ".fasta", ".fa.gz", ".fasta.gz")


@dataclass(frozen=True, slots=True)
class Record:
    """One training sequence.

    Parameters
    ----------
    sequence
        A C G U and IUPAC codes, upper case.
    structure
        Dot-bracket, or ``""`` if none is known.
    family
        Family name, or ``""`` if none is known.
    splits
        Names of published data splits that the sequence belongs to.
    """

    sequence: str
    structure: str = ""
    family: str = ""
    splits: frozenset[str] = frozenset()


def read_records(path: Path) -> list[Record]:
    """Read FASTA, or a table with a column ``sequence``.

    Parameters
    ----------
    path
        FASTA, or a tab-separated table (either may be gzipped) with a column ``sequence`` and
        optionally ``structure`` (or ``dotbracket``), ``family`` and ``splits``.

    Raises
    ------
    InputError
        If a table has no column ``sequence``.
    """
    if path.name.endswith(_FASTA):
        return [Record(sequence) for sequence in _fasta(path)]
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    if "sequence" not in table:
        msg = f"{path} has no column 'sequence'; its columns are {', '.join(table.columns)}"
        raise InputError(msg)
    blank = pd.Series("", index=table.index)
    structure = next((table[c] for c in _STRUCTURE if c in table), blank)
    rows = zip(
        table["sequence"].str.upper().str.replace("T", "U"),
        structure,
        table.get("family", blank),
        table.get("splits", blank),
        strict=True,
    )
    return [Record(s, d, f, frozenset(filter(None, p.split(",")))) for s, d, f, p in rows]


def _fasta(path: Path) -> Iterator[str]:
    from Bio.SeqIO.FastaIO import SimpleFastaParser

    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        for _, sequence in SimpleFastaParser(file):  # type: ignore[no-untyped-call]
            yield sequence.upper().replace("T", "U")


def held_out(family: str, *, share: float) -> bool:
    """Return whether a family is kept out of training: a fixed rule on its name alone.

    Parameters
    ----------
    family
        Family name; the empty name is never held out.
    share
        Share of families held out, 0 to 1: those whose SHA-256 falls into the lowest part.
    """
    if not family:
        return False
    digest = hashlib.sha256(family.encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def overlapping(
    records: Iterable[Record], reference: Iterable[Record], *, k: int = 14, share: float = 0.1
) -> list[bool]:
    """Return for each record whether it resembles a sequence of `reference`.

    A record resembles the reference if more than `share` of its k-mers occur there.

    Parameters
    ----------
    records
        Records to test.
    reference
        Records to compare with, for example held-out families.
    k
        Length of the k-mers in nucleotides.
    share
        Largest tolerated share of shared k-mers, 0 to 1.
    """
    known = {kmer for record in reference for kmer in _kmers(record.sequence, k)}
    return [_shared(record.sequence, known, k) > share for record in records]


def _shared(sequence: str, known: set[str], k: int) -> float:
    kmers = _kmers(sequence, k)
    return sum(kmer in known for kmer in kmers) / max(1, len(kmers))


def _kmers(sequence: str, k: int) -> list[str]:
    return [sequence[i : i + k] for i in range(len(sequence) - k + 1)]
