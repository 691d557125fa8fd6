"""Make the sample that the package ships, from the alignments in Infernal's test suite.

::

    python -m rnaexplore.datasets.make_sample [EXAMPLES [OUT]]

The folder comes with Debian's package ``infernal``. The same alignments always give the same
text.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

from rnaexplore import _keys
from rnaexplore.errors import InvalidSequenceError
from rnaexplore.io.records import Clean, Record, clean
from rnaexplore.io.stockholm import parse_stockholm
from rnaexplore.io.text import read_text, write_text

__all__ = ["COLUMNS", "EXAMPLES", "main", "sample"]

EXAMPLES = Path("/usr/share/doc/infernal/examples")
COLUMNS = (
    _keys.IDENTIFIER,
    _keys.FAMILY,
    _keys.ACCESSION,
    _keys.DESCRIPTION,
    _keys.SEQUENCE,
    _keys.STRUCTURE,
)

Row = tuple[Record, Clean]


@dataclass(frozen=True, slots=True)
class _Source:
    """One file of the test suite.

    Attributes
    ----------
    file
        Its name.
    limit
        How many RNAs of a family are taken at most.
    family, description
        For alignments that do not name theirs.
    names
        Beginnings of the names that are taken; empty for all.
    """

    file: str
    limit: int = 100
    family: str | None = None
    description: str = ""
    names: tuple[str, ...] = ()


#: The eukaryotic SRP alignment holds plants too, which have a family of their own (RF01855).
_NO_PLANTS = ("DRO.", "HOM.", "MUS.", "RAT.", "SCH.", "TET.", "TRY.", "XEN.", "YAR.")

_SOURCES = (
    _Source("tRNA.sto"),
    _Source("3.4.12.rf.stk"),
    _Source("Vault.sto"),
    _Source("snR75.sto"),
    _Source("Plant_SRP.sto"),
    _Source(
        "srp-euk.sto",
        family="SRP_euk",
        description="Eukaryotic signal recognition particle RNA, plants left out",
        names=_NO_PLANTS,
    ),
    _Source(
        "rnaseP-eubact.sto",
        limit=60,
        family="RNaseP_bact",
        description="Bacterial RNase P RNA",
    ),
)


def sample(examples: Path) -> str:
    """Return the sample as tab-separated text with a header.

    Sequences with other letters than A C G U and those that occurred before are left out. Of
    families that have more than the limit, those are taken whose sequences have the smallest
    SHA-256: a draw that does not depend on the order of the file.

    Parameters
    ----------
    examples
        Infernal's folder of examples.
    """
    seen: set[str] = set()
    text = StringIO()
    table = csv.writer(text, delimiter="\t", lineterminator="\n")
    table.writerow(COLUMNS)
    for source in _SOURCES:
        rows = list(_distinct(_rows(examples / "testsuite" / source.file, source), seen))
        table.writerows(_cells(row) for row in _drawn(rows, source.limit))
    return text.getvalue()


def _rows(path: Path, source: _Source) -> Iterator[Row]:
    for record in parse_stockholm(read_text(path), path.name):
        if source.names and not record.identifier.startswith(source.names):
            continue
        try:
            cleaned = clean(record)
        except InvalidSequenceError:  # one of the RNase P sequences has an x
            continue
        if source.family is None:
            yield record, cleaned
        else:
            yield replace(record, family=source.family, description=source.description), cleaned


def _distinct(rows: Iterator[Row], seen: set[str]) -> Iterator[Row]:
    for record, cleaned in rows:
        if cleaned.sequence not in seen and set(cleaned.sequence) <= set("ACGU"):
            seen.add(cleaned.sequence)
            yield record, cleaned


def _drawn(rows: Sequence[Row], limit: int) -> list[Row]:
    """Return at most `limit` rows of each family, in their order."""
    drawn: set[str] = set()
    for family in {record.family for record, _ in rows}:
        sequences = [cleaned.sequence for record, cleaned in rows if record.family == family]
        drawn.update(sorted(sequences, key=_digest)[:limit])
    return [row for row in rows if row[1].sequence in drawn]


def _digest(sequence: str) -> str:
    return hashlib.sha256(sequence.encode()).hexdigest()


def _cells(row: Row) -> tuple[str, ...]:
    record, cleaned = row
    return (
        record.identifier,
        record.family or "",
        record.accession or "",
        record.description,
        cleaned.sequence,
        cleaned.structure,
    )


def main() -> None:
    """Write the sample."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("examples", type=Path, nargs="?", default=EXAMPLES)
    parser.add_argument("out", type=Path, nargs="?", default=None)
    arguments = parser.parse_args()
    default = Path(__file__).parent / "data" / "rfam_sample.tsv.gz"
    write_text(arguments.out or default, sample(arguments.examples))


if __name__ == "__main__":
    main()
