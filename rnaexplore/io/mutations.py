"""Mutations of one RNA as text: ``C10A``, ``C10A,U56C``, ``C10-``, ``5_7del``, ``10_11insGA``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from rnaexplore.errors import InputError

__all__ = ["Change", "MutationError", "apply_changes", "describe_changes", "parse_changes"]

WILD_TYPE = frozenset({"", "wt", "_wt", "wildtype", "wild-type", "wild type"})  #: in lower case
NOTATION = "C10A, C10A,U56C, C10- or C10del, 5_7del, 10_11insGA (1-based)"
_LETTERS = frozenset("ACGU")
_SHOWN = 40  #: letters of an unreadable mutation that are quoted
_BETWEEN = re.compile(r"[,:;\s]+")
_SUBSTITUTION = re.compile(r"([A-Z])([+-]?[0-9]{1,9})([A-Z])")
_DELETION = re.compile(r"([A-Z]?)([0-9]{1,9})(?:_([A-Z]?)([0-9]{1,9}))?(?:DEL|-)")
_INSERTION = re.compile(r"[A-Z]?([0-9]{1,9})_[A-Z]?([0-9]{1,9})INS([A-Z]+)")


class MutationError(InputError):
    """A mutation that cannot be applied.

    Parameters
    ----------
    detail
        What is wrong with this one.
    kind
        What is wrong, in a word or two that can be counted.
    """

    def __init__(self, detail: str, kind: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind


class Change(NamedTuple):
    """One change: residues ``start`` to ``stop`` (0-based, excluded) become ``new``.

    ``old`` holds the letters that are said to be there, and is empty where nothing is said.
    """

    start: int
    stop: int
    old: str
    new: str

    def __str__(self) -> str:
        if self.start == self.stop:
            return f"{self.start}_{self.stop + 1}ins{self.new}"
        if not self.new:
            one = self.stop - self.start == 1
            return f"{self.old}{self.stop}-" if one else f"{self.start + 1}_{self.stop}del"
        return f"{self.old}{self.stop}{self.new}"


def parse_changes(text: str) -> tuple[Change, ...]:
    """Return the changes that a text names, in order of position; none for the wild type.

    Parameters
    ----------
    text
        Changes separated by commas, colons, semicolons or blanks; in any case, with T or U.

    Raises
    ------
    MutationError
        If it is no such text, or names a position twice.
    """
    plain = text.strip()
    if plain.lower() in WILD_TYPE:
        return ()
    changes = sorted(_parsed(token) for token in _BETWEEN.split(plain) if token)
    for before, after in pairwise(changes):
        if after.start < before.stop or after[:2] == before[:2]:
            msg = f"{before} and {after} change the same position"
            raise MutationError(msg, "position twice")
    return tuple(changes)


def _parsed(token: str) -> Change:
    text = token.upper()
    if found := _SUBSTITUTION.fullmatch(text):
        old, number, new = found.groups()
        return Change(int(number) - 1, int(number), _rna(old), _rna(new))
    if found := _INSERTION.fullmatch(text):
        before, after, new = found.groups()
        if int(after) == int(before) + 1:
            return Change(int(before), int(before), "", _rna(new))
    if found := _DELETION.fullmatch(text):
        old, first, _, last = found.groups()
        if last is None or int(last) > int(first):
            named = _rna(old) if last is None else ""
            return Change(int(first) - 1, int(last or first), named, "")
    msg = f"{token[:_SHOWN]!r} is not one of {NOTATION}"
    raise MutationError(msg, "unreadable")


def _rna(letters: str) -> str:
    return letters.replace("T", "U")


def apply_changes(wild_type: str, changes: Sequence[Change]) -> str:
    """Return the wild type with some changes, which `parse_changes` put into order.

    Parameters
    ----------
    wild_type
        Upper case, with U.
    changes
        From `parse_changes`.

    Raises
    ------
    MutationError
        If a change does not fit the wild type: it lies outside, has another reference letter, has
        nothing to compare with (the wild type has N there), changes nothing, or has a letter that
        is not one of A C G U.
    """
    pieces, end = [], 0
    for change in changes:
        _check(wild_type, change)
        pieces += [wild_type[end : change.start], change.new]
        end = change.stop
    return "".join([*pieces, wild_type[end:]])


def _check(wild_type: str, change: Change) -> None:
    n, here = len(wild_type), wild_type[max(change.start, 0) : change.stop]
    if change.start < 0 or change.stop > n:
        msg = f"{change}, but the wild type has positions 1 to {n}"
        raise MutationError(msg, "position outside")
    if not set(here) <= _LETTERS and change.new:
        msg = f"{change}, but the wild type has {here} there: there is nothing to compare with"
        raise MutationError(msg, "wild type ambiguous")
    if change.old and change.old != here:
        msg = f"{change}, but the wild type has {here} at {change.stop}"
        raise MutationError(msg, "other reference")
    if not set(change.new) <= _LETTERS:
        msg = f"{change}: new letters must be A C G U"
        raise MutationError(msg, "ambiguous letter")
    if change.new == here:
        msg = f"{change} changes nothing"
        raise MutationError(msg, "no change")


def describe_changes(wild_type: str, variant: str) -> tuple[Change, ...]:
    """Return the changes between two sequences; substitutions alone if they are equally long.

    Others are those of an optimal alignment (Levenshtein), of which there may be several.
    """
    if len(wild_type) == len(variant):
        pairs = enumerate(zip(wild_type, variant, strict=True))
        return tuple(Change(i, i + 1, a, b) for i, (a, b) in pairs if a != b)
    from rapidfuzz.distance import Levenshtein

    found: list[Change] = []
    for step in Levenshtein.opcodes(wild_type, variant):
        old = wild_type[step.src_start : step.src_end]
        new = variant[step.dest_start : step.dest_end]
        if step.tag == "replace":
            starts = range(step.src_start, step.src_end)
            found += [Change(i, i + 1, a, b) for i, a, b in zip(starts, old, new, strict=True)]
        elif step.tag != "equal":
            found.append(Change(step.src_start, step.src_end, old, new))
    return tuple(found)
