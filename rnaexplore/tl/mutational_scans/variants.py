"""Variants of a wild type, row by row: what they are, or why they cannot be scored."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnaexplore.errors import InputError, InvalidSequenceError
from rnaexplore.io.mutations import (
    NOTATION,
    Change,
    MutationError,
    apply_changes,
    describe_changes,
    parse_changes,
)
from rnaexplore.io.mutations import WILD_TYPE as WORDS

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.models.spec import ModelSpec

__all__ = [
    "INDEL",
    "INVALID",
    "SUBSTITUTION",
    "WILD_TYPE",
    "Variant",
    "problem_counts",
    "read_variants",
    "shift_hint",
    "table_of",
]

MUTANT, SEQUENCE = "mutant", "sequence"
WILD_TYPE, SUBSTITUTION, INDEL, INVALID = "wild type", "substitution", "indel", "invalid"
_FEW, _MOST = 0.5, 0.9  #: shares of references that match as they are, and shifted
_LOOKED_AT = 500  #: rows that are looked at to explain mismatches
_OFFSETS = range(-200, 201)  #: shifts of all positions that are tried to explain mismatches


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One row of a table.

    Attributes
    ----------
    mutant
        Its mutations, normalized; as it was given if they cannot be read.
    sequence
        The whole RNA, empty if it is not known.
    kind
        ``"wild type"``, ``"substitution"``, ``"indel"`` or ``"invalid"``.
    n_mutations
        Changed, deleted and inserted nucleotides.
    problem
        Why it has no score, empty if it has one: a kind that can be counted, a colon, and details.
    with_t
        Whether it was given with T.
    """

    mutant: str
    sequence: str = ""
    kind: str = INVALID
    n_mutations: int = 0
    problem: str = ""
    with_t: bool = False


def table_of(
    variants: pd.DataFrame | str | os.PathLike[str] | Iterable[str],
) -> pd.DataFrame:
    """Return a table with text columns ``mutant`` and ``sequence``, and others as they are.

    Raises
    ------
    InputError
        If there is neither, or no variant.
    """
    import pandas as pd

    from rnaexplore.io.assays import ALIASES, read_table

    if isinstance(variants, pd.DataFrame):
        table = variants.rename(columns=lambda c: ALIASES.get(str(c), c))
    elif isinstance(variants, str | os.PathLike):
        table = read_table(variants)
    else:
        table = pd.DataFrame({MUTANT: [str(v) for v in variants]})
    have = [c for c in (MUTANT, SEQUENCE) if c in table]
    if not have or table.empty or not table.columns.is_unique:
        msg = (
            f"variants must be a file, a table with a column {MUTANT!r} or {SEQUENCE!r}, or texts "
            f"such as {NOTATION}; got {len(table)} rows, columns {list(table.columns)}"
        )
        raise InputError(msg)
    texts = {c: table[c].astype(object).where(table[c].notna(), "") for c in have}
    return table.assign(**{c: t.astype(str).str.strip() for c, t in texts.items()})


def read_variants(table: pd.DataFrame, wild_type: str, spec: ModelSpec) -> list[Variant]:
    """Return the variant of each row of `table_of`; none raises.

    Parameters
    ----------
    table
        With columns ``mutant``, ``sequence`` or both. Where both are given they must agree.
    wild_type
        Upper case, with U.
    spec
        The model that will read them.
    """
    n = len(table)
    mutants = table[MUTANT].tolist() if MUTANT in table else [None] * n
    sequences = table[SEQUENCE].tolist() if SEQUENCE in table else [None] * n
    return [_variant(m, s, wild_type, spec) for m, s in zip(mutants, sequences, strict=True)]


def _variant(mutant: str | None, given: str | None, wild_type: str, spec: ModelSpec) -> Variant:
    with_t = "T" in ((given or "") + _alleles(mutant or "")).upper()
    sequence = "".join((given or "").split()).upper().replace("T", "U")
    try:
        _check_given(mutant, given)
        changes = _changes(mutant, sequence, wild_type)
        whole = apply_changes(wild_type, changes)
        _check_sequence(whole, sequence, mutant)
        _check_readable(whole, wild_type, spec)
    except MutationError as error:
        return Variant(mutant=mutant or "", problem=str(error), with_t=with_t)
    return Variant(
        mutant=",".join(map(str, changes)),
        sequence=whole,
        kind=_kind(changes),
        n_mutations=sum(max(c.stop - c.start, len(c.new)) for c in changes),
        with_t=with_t,
    )


def _alleles(mutant: str) -> str:
    """Return a text of mutations, empty for the words that stand for the wild type."""
    return "" if mutant.lower() in WORDS else mutant


def _check_given(mutant: str | None, given: str | None) -> None:
    """Raise if a row holds nothing; an empty mutation alone stands for the wild type."""
    if not mutant and not given and (mutant is None or given is not None):
        msg = "there is neither a mutation nor a sequence"
        raise MutationError(msg, "unreadable")


def _changes(mutant: str | None, sequence: str, wild_type: str) -> tuple[Change, ...]:
    """Return the changes of a row: those named, or those that its sequence shows."""
    if mutant:
        return parse_changes(mutant)
    return describe_changes(wild_type, sequence) if sequence else ()


def _check_sequence(whole: str, sequence: str, mutant: str | None) -> None:
    if sequence and sequence != whole:
        msg = f"{mutant or 'the wild type'} gives another sequence than the one in the table"
        raise MutationError(msg, "other sequence")


def _check_readable(whole: str, wild_type: str, spec: ModelSpec) -> None:
    """Raise if a model cannot read a variant of another length than the wild type."""
    if not whole:
        msg = "all residues are deleted"
        raise MutationError(msg, "empty")
    if len(whole) == len(wild_type):
        return
    alphabet = spec.alphabet
    try:
        alphabet.split(whole)
    except InvalidSequenceError as error:
        raise MutationError(str(error), "out of frame") from None
    n = alphabet.n_residues(whole)
    if spec.max_length is not None and n > spec.max_length:
        msg = f"{n} {alphabet.unit}s, and {spec.name!r} reads at most {spec.max_length}"
        raise MutationError(msg, "too long")


def _kind(changes: tuple[Change, ...]) -> str:
    if not changes:
        return WILD_TYPE
    return SUBSTITUTION if all(len(c.new) == c.stop - c.start == 1 for c in changes) else INDEL


def problem_counts(variants: Iterable[Variant]) -> dict[str, int]:
    """Return how many variants have which kind of problem, the most frequent first."""
    kinds = (v.problem.partition(":")[0] for v in variants if v.problem)
    return dict(Counter(kinds).most_common())


def shift_hint(table: pd.DataFrame, wild_type: str) -> str:
    """Return a sentence if other positions would explain reference letters that do not match.

    The shift of all positions is looked for with which nearly all references match; empty if
    there is none, or if most match as they are.
    """
    texts = table.get(MUTANT, ())
    named = [c for text in texts[:_LOOKED_AT] for c in _named(text)]
    found = {shift: _matching(named, wild_type, shift) for shift in _OFFSETS}
    best = max(found, key=lambda shift: (found[shift], -abs(shift)))
    if not named or found[0] > _FEW * len(named) or found[best] < _MOST * len(named):
        return ""
    return f"With {best:+d} added to all positions {found[best]} of {len(named)} references match."


def _named(text: Any) -> list[Change]:
    try:
        return [c for c in parse_changes(str(text)) if c.old]
    except MutationError:
        return []


def _matching(changes: list[Change], wild_type: str, shift: int) -> int:
    starts = ((c.start + shift, c.old) for c in changes)
    return sum(0 <= at < len(wild_type) and wild_type[at] == old for at, old in starts)
