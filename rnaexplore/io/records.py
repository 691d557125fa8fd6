"""One RNA as a file spells it, and the same RNA with its letters checked and normalised."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InvalidSequenceError, InvalidStructureError
from rnaexplore.structure import Structure

__all__ = ["GAPS", "Clean", "Record", "clean"]

Pairs = NDArray[np.int64]

IUPAC = "ACGURYSWKMBDHVN"
GAPS = "-.~_"  #: characters of an alignment that stand for no residue

_INVALID = re.compile(f"[^{IUPAC}]")
_GAP = re.compile(f"[{re.escape(GAPS)}]")
_PROTEIN_ONLY = frozenset("EFILPQJZO")
_PROTEIN = frozenset("ACDEFGHIKLMNPQRSTVWYBJOUXZ*-")
_BRACKETS = frozenset("()[]{}<>")
_FEWEST, _SHARE = 3, 0.1  # letters that only proteins have: number and share in a protein


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One RNA as a file spells it.

    Attributes
    ----------
    identifier
        Its name.
    sequence
        Its letters; T, lower case and gaps are allowed.
    description
        What else is said about it.
    family, accession
        Name and accession of its family, ``None`` if unknown.
    pairs
        Base pairs in positions of `sequence`, gaps counted: shape (n, 2), 0-based. ``None`` if
        the structure is unknown.
    dot_bracket
        The same as text, in place of `pairs`.
    """

    identifier: str
    sequence: str
    description: str = ""
    family: str | None = None
    accession: str | None = None
    pairs: Pairs | None = None
    dot_bracket: str | None = None

    @property
    def has_structure(self) -> bool:
        """Whether base pairs are known, be there any or none."""
        return self.pairs is not None or self.dot_bracket is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """The letters and pairs of a record that passed all checks.

    Attributes
    ----------
    sequence
        Upper case, U for T, no gaps.
    structure
        Dot-bracket, as long as `sequence`; empty if unknown.
    letters_made_u, letters_made_upper, gaps_removed, pairs_dropped
        What was changed. Pairs are dropped where one partner is a gap.
    """

    sequence: str
    structure: str
    letters_made_u: int
    letters_made_upper: int
    gaps_removed: int
    pairs_dropped: int


def clean(record: Record) -> Clean:
    """Return a record checked and normalised.

    Raises
    ------
    InvalidSequenceError
        If the sequence is empty or has letters that are not IUPAC nucleotides.
    InvalidStructureError
        If the base pairs are impossible.
    """
    letters: object = record.sequence  # a DataFrame may hold anything
    if not isinstance(letters, str):
        msg = f"record {record.identifier!r}: the sequence must be text, got {letters!r}"
        raise InvalidSequenceError(msg, record=record.identifier)
    upper = letters.upper()
    aligned = upper.replace("T", "U")
    sequence = _GAP.sub("", aligned)
    _check(record, upper, sequence)
    structure, dropped = _structure(record, aligned, sequence)
    return Clean(
        sequence=sequence,
        structure=structure,
        letters_made_u=upper.count("T"),
        letters_made_upper=sum(map(str.islower, letters)),
        gaps_removed=len(aligned) - len(sequence),
        pairs_dropped=dropped,
    )


def _check(record: Record, upper: str, sequence: str) -> None:
    name = record.identifier
    if not sequence:
        what = "only gaps" if upper else "empty"
        msg = f"record {name!r}: the sequence is {what}; remove it or pass on_invalid='drop'"
        raise InvalidSequenceError(msg, record=name)
    if not _INVALID.search(sequence):
        return
    found = next(m for m in re.finditer(f"[^{IUPAC}T{re.escape(GAPS)}]", upper))
    letter, position = record.sequence[found.start()], found.start() + 1
    msg = (
        f"record {name!r}: {letter!r} at position {position} is not a nucleotide; "
        f"{_remedy(upper, letter)}"
    )
    raise InvalidSequenceError(msg, record=name, position=position, letter=letter)


def _remedy(upper: str, letter: str) -> str:
    if _is_protein(upper):
        return (
            "the sequence looks like a protein; rnaexplore reads nucleotides, so give the mRNA or "
            "the coding sequence instead"
        )
    if letter in _BRACKETS:
        return "it looks like dot-bracket: rx.read_structures reads .dbn, .ct and .bpseq files"
    return (
        f"allowed are the IUPAC codes {' '.join(IUPAC)} and T, in either case (N for an unknown "
        "residue). on_invalid='drop' leaves such records out and reports them"
    )


def _is_protein(upper: str) -> bool:
    telling = sum(letter in _PROTEIN_ONLY for letter in upper)
    enough = telling >= _FEWEST and telling >= _SHARE * len(upper)
    return enough and _PROTEIN.issuperset(upper)


def _structure(record: Record, aligned: str, sequence: str) -> tuple[str, int]:
    """Return the dot-bracket on the sequence without gaps, and the number of pairs dropped."""
    if not record.has_structure:
        return "", 0
    try:
        columns = _pairs(record, aligned)
        residue = np.array([letter not in GAPS for letter in aligned])
        kept = columns[residue[columns].all(axis=1)]
        projected = (np.cumsum(residue) - 1)[kept]
        return Structure(sequence, projected).dot_bracket, len(columns) - len(kept)
    except InvalidStructureError as error:
        msg = f"record {record.identifier!r}: {error}"
        raise InvalidStructureError(msg) from error


def _pairs(record: Record, aligned: str) -> Pairs:
    if record.dot_bracket is not None:
        return Structure.from_dot_bracket(aligned, record.dot_bracket).pairs
    return Structure(aligned, cast("Pairs", record.pairs)).pairs
