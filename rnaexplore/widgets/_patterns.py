"""Motifs and structure patterns as regular expressions.

``static/patterns.js`` does the same in exported pages; a test holds both to the same expressions.
"""

from __future__ import annotations

import re

from rnaexplore.errors import InputError

__all__ = ["KINDS", "motif_pattern", "pattern_of", "structure_pattern"]

KINDS = ("motif", "structure")

_STANDS_FOR = {
    "A": "A", "C": "C", "G": "G", "U": "U", "T": "U", "R": "AG", "Y": "CU", "S": "CG", "W": "AU",
    "K": "GU", "M": "AC", "B": "CGU", "D": "AGU", "H": "ACU", "V": "ACG", "N": "ACGU",
}  # fmt: skip
_BRACKETS = ".()[]{}<>"
_REPEAT = re.compile(r"\{(\d{1,4})(?:(,)(\d{1,4})?)?\}")
_MOTIF_HELP = (
    "a motif is made of IUPAC letters such as GNRA or UUCG, each maybe with a number of repeats, "
    "such as GGN{3,7}CC"
)
_STRUCTURE_HELP = (
    "a structure pattern is made of dots and brackets such as ((((....)))), ? for any, each maybe "
    "with a number of repeats, such as ({4,}.{3,8}){4,}"
)


def pattern_of(kind: str, query: str) -> str:
    """Return a query as a regular expression that Python and browsers read alike.

    Raises
    ------
    InputError
        If there is no such kind, or the query is empty or not written as it should be.
    """
    match kind:
        case "motif":
            return motif_pattern(query)
        case "structure":
            return structure_pattern(query)
    msg = f"kind must be 'motif' or 'structure', got {kind!r}"
    raise InputError(msg)


def motif_pattern(query: str) -> str:
    """Return a motif as a regular expression; T and U, upper and lower case are the same."""
    text = "".join(query.split()).upper()
    return _translate(text, {letter: _letters(letter) for letter in _STANDS_FOR}, _MOTIF_HELP)


def structure_pattern(query: str) -> str:
    """Return a dot-bracket pattern as a regular expression; ``?`` stands for any character."""
    classes = {letter: f"\\{letter}" for letter in _BRACKETS} | {"?": "."}
    return _translate("".join(query.split()), classes, _STRUCTURE_HELP)


def _translate(text: str, classes: dict[str, str], told: str) -> str:
    if not text:
        msg = f"the pattern is empty; {told}"
        raise InputError(msg)
    parts: list[str] = []
    at = 0
    while at < len(text):
        if text[at] not in classes:
            msg = f"{text[at]!r} at position {at + 1} has no meaning here; {told}"
            raise InputError(msg)
        parts.append(classes[text[at]])
        repeat = _REPEAT.match(text, at + 1)
        at += 1
        if repeat:
            parts.append(_checked(repeat))
            at = repeat.end()
    return "".join(parts)


def _checked(repeat: re.Match[str]) -> str:
    least, _, most = repeat.groups()
    if most is not None and int(most) < int(least):
        msg = f"{repeat[0]} asks for at least {least} and at most {most}; write the smaller first"
        raise InputError(msg)
    return repeat[0]


def _letters(letter: str) -> str:
    """Return a class of the letters that stand for nothing but what `letter` stands for."""
    allowed = set(_STANDS_FOR[letter])
    inside = [other for other in sorted(_STANDS_FOR) if set(_STANDS_FOR[other]) <= allowed]
    return f"[{''.join(inside)}]"
