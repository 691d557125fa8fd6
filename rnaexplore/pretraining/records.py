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
_STORES = (".zarr", ".h5ad")
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
    rna_type
        Type of RNA, for example ``tRNA``, or ``""`` if none is known.
    name
        Name of the family, for example ``mir-449``, or ``""``.
    clan
        Group of related families, or ``""`` before `assign_families`.
    inferred
        Whether the family was not given but taken from relatives.
    part
        Use of the record once records are divided: ``"train"``, ``"development"``, ``"test"``,
        ``"published"`` or ``"relatives"``; ``""`` before.
    labels
        All family labels that sources give the sequence.
    names
        Pairs of label and family name that sources give the sequence.
    """

    sequence: str
    structure: str = ""
    family: str = ""
    splits: frozenset[str] = frozenset()
    rna_type: str = ""
    name: str = ""
    clan: str = ""
    inferred: bool = False
    part: str = ""
    labels: frozenset[str] = frozenset()
    names: frozenset[tuple[str, str]] = frozenset()


def read_records(path: Path) -> list[Record]:
    """Read FASTA, a table, or an AnnData store.

    Parameters
    ----------
    path
        FASTA; a tab-separated table (either may be gzipped); or an AnnData folder (``.zarr``) or
        file (``.h5ad``), of which ``obs`` alone is read. Tables have a column ``sequence`` and
        optionally ``structure`` (or ``dotbracket``), ``family``, ``name`` (of the family),
        ``type``, ``splits``, and, in a table of divided records, ``clan``, ``inferred`` (``True``
        or ``False``) and ``part``.

    Raises
    ------
    InputError
        If a table has no column ``sequence``.
    """
    if path.name.endswith(_FASTA):
        return [Record(sequence) for sequence in _fasta(path)]
    table = _table(path)
    if "sequence" not in table:
        msg = f"{path} has no column 'sequence'; its columns are {', '.join(table.columns)}"
        raise InputError(msg)
    blank = pd.Series("", index=table.index)
    structure = next((table[c] for c in _STRUCTURE if c in table), blank)
    columns = ("family", "splits", "type", "name", "clan", "inferred", "part")
    rows = zip(
        table["sequence"].str.upper().str.replace("T", "U"),
        structure,
        *(table.get(column, blank) for column in columns),
        strict=True,
    )
    return [
        Record(s, d, f, frozenset(filter(None, p.split(","))), t, n, c, i == "True", u)
        for s, d, f, p, t, n, c, i, u in rows
    ]


def _table(path: Path) -> pd.DataFrame:
    if path.suffix not in _STORES:
        return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    from anndata.io import read_elem

    if path.suffix == ".zarr":
        import zarr

        obs = read_elem(zarr.open_group(path, mode="r")["obs"])
    else:
        import h5py

        with h5py.File(path) as file:
            obs = read_elem(file["obs"])
    return pd.DataFrame(
        {c: obs[c].astype(object).where(obs[c].notna(), "").astype(str) for c in obs}
    )


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
