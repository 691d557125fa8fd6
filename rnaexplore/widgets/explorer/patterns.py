"""Motifs and structure patterns: a chain of letters, each with a number of repeats.

``patterns.js`` reads the same patterns in exported pages; a test holds both to the same
steps. Neither makes a regular expression of them: those try every way to share out letters among
neighbouring repeats, which takes years for a motif such as ``N{1,}N{1,}N{1,}N{1,}C``. How patterns
are found instead is in `rnaexplore.widgets.explorer.matching`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rnaexplore.errors import InputError

__all__ = ["KINDS", "MOST_REPEATS", "MOST_STEPS", "Step", "steps_of"]

KINDS = ("motif", "structure")
MOST_STEPS = 1000  #: letters of a pattern
MOST_REPEATS = 50  #: letters of a pattern whose number is not fixed

_STANDS_FOR = {
    "A": "A", "C": "C", "G": "G", "U": "U", "T": "U", "R": "AG", "Y": "CU", "S": "CG", "W": "AU",
    "K": "GU", "M": "AC", "B": "CGU", "D": "AGU", "H": "ACU", "V": "ACG", "N": "ACGU",
}  # fmt: skip
_BRACKETS = ".()[]{}<>"
_REPEAT = re.compile(r"\{([0-9]{1,4})(?:(,)([0-9]{1,4})?)?\}")
_MOTIF_HELP = (
    "a motif is made of IUPAC letters such as GNRA or UUCG, each maybe with a number of repeats, "
    "such as GGN{3,7}CC"
)
_STRUCTURE_HELP = (
    "a structure pattern is made of dots and brackets such as ((((....)))), ? for any, each maybe "
    "with a number of repeats, such as ({4,}.{3,8}){4,}"
)


class Step(NamedTuple):
    """One of several letters, some number of times.

    Attributes
    ----------
    letters
        What is found, in ascending order; empty for any character.
    least
        Fewest repeats, 0 or more.
    most
        Most repeats, ``None`` for any number.
    """

    letters: str
    least: int = 1
    most: int | None = 1


def steps_of(kind: str, query: str) -> list[Step]:
    """Return a query as steps; in motifs T and U, upper and lower case are the same.

    Raises
    ------
    InputError
        If there is no such kind, or the query is empty, too long, or not written as it should be.
    """
    text = "".join(query.split())
    match kind:
        case "motif":
            classes = {letter: _letters(letter) for letter in _STANDS_FOR}
            return _checked(_read(text.upper(), classes, _MOTIF_HELP))
        case "structure":
            classes = {letter: letter for letter in _BRACKETS} | {"?": ""}
            return _checked(_read(text, classes, _STRUCTURE_HELP))
    msg = f"kind must be 'motif' or 'structure', got {kind!r}"
    raise InputError(msg)


def _read(text: str, classes: dict[str, str], told: str) -> list[Step]:
    if not text:
        msg = f"the pattern is empty; {told}"
        raise InputError(msg)
    steps: list[Step] = []
    at = 0
    while at < len(text):
        if text[at] not in classes:
            msg = f"{text[at]!r} at position {at + 1} has no meaning here; {told}"
            raise InputError(msg)
        repeat = _REPEAT.match(text, at + 1)
        steps.append(Step(classes[text[at]], *(_repeats(repeat) if repeat else (1, 1))))
        at = repeat.end() if repeat else at + 1
    return steps


def _repeats(repeat: re.Match[str]) -> tuple[int, int | None]:
    least, comma, most = repeat.groups()
    if not comma:
        return int(least), int(least)
    if most is not None and int(most) < int(least):
        msg = f"{repeat[0]} asks for at least {least} and at most {most}; write the smaller first"
        raise InputError(msg)
    return int(least), None if most is None else int(most)


def _checked(steps: list[Step]) -> list[Step]:
    """Return the steps of a pattern that is found in reasonable time."""
    n_open = sum(step.least != step.most for step in steps)
    if len(steps) > MOST_STEPS or n_open > MOST_REPEATS:
        msg = (
            f"the pattern has {len(steps):,} letters, {n_open:,} of them with a range of repeats; "
            f"at most {MOST_STEPS:,} and {MOST_REPEATS} are looked for"
        )
        raise InputError(msg)
    return steps


def _letters(letter: str) -> str:
    """Return the letters that stand for nothing but what `letter` stands for."""
    allowed = set(_STANDS_FOR[letter])
    return "".join(other for other in sorted(_STANDS_FOR) if set(_STANDS_FOR[other]) <= allowed)
