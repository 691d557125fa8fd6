"""``python -m rnaexplore.pretraining.split``: divide records once and for all."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from rnaexplore.models.exposure import Register
from rnaexplore.pretraining.prepare import PARTS, Division, Rule, divide, merge
from rnaexplore.pretraining.records import Record

__all__ = [
    "TEST_SPLITS",
    "read_hashes",
    "register",
    "sequence_hash",
    "write_divided",
    "write_hashes",
]

TEST_SPLITS = (
    "bpRNA-TS0,bpRNA-VL0,bpRNA-new,ArchiveII,TestSetA,TestSetB,"
    "RNAStrAlign-RGB-test,RNAStrAlign-RGB-valid,bpRNA-valid(AR)"
)
HASH_LETTERS = 16  #: hexadecimal digits of the SHA-256 of a sequence that lists hold

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def sequence_hash(sequence: str) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of an upper-case RNA sequence."""
    return hashlib.sha256(sequence.encode()).hexdigest()[:HASH_LETTERS]


def write_hashes(records: Sequence[Record], path: Path) -> None:
    """Write a list of records without their sequences, sorted by hash.

    Parameters
    ----------
    records
        Divided records.
    path
        A gzipped, tab-separated file: hash, family, clan, and whether the family was inferred.
    """
    rows = sorted((sequence_hash(r.sequence), r.family, r.clan, str(r.inferred)) for r in records)
    text = "".join("\t".join(row) + "\n" for row in [("hash", "family", "clan", "inferred"), *rows])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def read_hashes(path: Path) -> pd.DataFrame:
    """Return a list of records, indexed by hash: family, clan, inferred."""
    table = pd.read_csv(path, sep="\t", dtype=str, index_col="hash", keep_default_na=False)
    table["inferred"] = table["inferred"] == "True"
    return table


def write_divided(division: Division, path: Path) -> None:
    """Write all records with their family, clan and part: a table to train on."""
    rows = [
        {
            "sequence": r.sequence, "structure": r.structure, "family": r.family,
            "type": r.rna_type, "splits": ",".join(sorted(r.splits)), "clan": r.clan,
            "inferred": r.inferred, "part": r.part,
        }
        for part in PARTS
        for r in getattr(division, part)
    ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(path, sep="\t", index=False)


def register(division: Division) -> Register:
    """Return the register of the training part: its sequences, and every name of its families."""
    trained = {record.family for record in division.train}
    records = [r for part in PARTS for r in getattr(division, part)]
    same = [r for r in records if r.family in trained and not r.inferred]
    labels = {label for r in same for label in r.labels}
    names = {name for r in same for _, name in r.names}
    return Register.of([r.sequence for r in division.train], trained | labels | names)


@app.command()
def main(
    data: Annotated[list[Path], typer.Argument(help="FASTA, tab-separated tables, zarr, h5ad")],
    out: Annotated[Path, typer.Option(help="table of divided records, .tsv.gz")],
    lists: Annotated[Path, typer.Option(help="folder for the lists of held-out hashes")],
    exposure: Annotated[Path, typer.Option(help="register of what is trained on, .npz")],
    test_splits: Annotated[
        str, typer.Option(help="published splits kept out, comma-separated")
    ] = TEST_SPLITS,
) -> None:
    """Give the records of DATA families and clans, hold out clans, and remove all relatives."""
    rule = Rule(test_splits=frozenset(test_splits.split(",")))
    division = divide(merge(data, family_pattern=rule.family_pattern), rule)
    write_divided(division, out)
    register(division).write(exposure)
    for part in ("development", "test"):
        write_hashes(getattr(division, part), lists / f"{part}.tsv.gz")
    typer.echo(f"records: {division.counts()}")


if __name__ == "__main__":
    app()
