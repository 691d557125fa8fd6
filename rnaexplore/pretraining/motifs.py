"""Motifs: stretches that belong together, and where they occur.

Motif-aware masking hides whole motifs, after RNAErnie (Wang et al. 2024,
doi:10.1038/s42256-024-00836-4). A motif is written in IUPAC codes (``URUAY``) or in dot-bracket
(``((((....))))``, found in known structures). Where no list is at hand, words that occur more often
than their parts predict are taken (Prum, Rodolphe & de Turckheim 1995,
doi:10.1111/j.2517-6161.1995.tb02024.x).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError

__all__ = ["Motifs", "frequent_words", "read_motifs"]

_IUPAC = {
    "A": "A", "C": "C", "G": "G", "U": "U", "R": "[AG]", "Y": "[CU]", "S": "[CG]", "W": "[AU]",
    "K": "[GU]", "M": "[AC]", "B": "[CGU]", "D": "[AGU]", "H": "[ACU]", "V": "[ACG]", "N": "[ACGU]",
}  # fmt: skip
_BRACKETS = frozenset("().")
WORD_LENGTHS = (4, 5, 6, 7, 8)  #: nucleotides of words found by statistics
WORDS = 64  #: words taken of each length
LEAST = 20  #: occurrences below which a word is not considered


@dataclass(frozen=True, slots=True)
class Motifs:
    """Motifs of sequence and of structure.

    Parameters
    ----------
    sequence
        IUPAC codes in upper case, U in place of T.
    structure
        Balanced dot-brackets.

    Raises
    ------
    InputError
        If a motif is neither.
    """

    sequence: tuple[str, ...] = ()
    structure: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for motif in self.sequence:
            if not motif or not set(motif) <= _IUPAC.keys():
                raise InputError(_unreadable(motif))
        for motif in self.structure:
            if not _is_balanced(motif):
                raise InputError(_unreadable(motif))

    @classmethod
    def parse(cls, lines: Iterable[str]) -> Motifs:
        """Return motifs from lines: the first word of each, ``#`` begins a comment."""
        words = [line.split("#")[0].split() for line in lines]
        motifs = [word[0] for word in words if word]
        brackets = [m for m in motifs if set(m) <= _BRACKETS]
        letters = [m.upper().replace("T", "U") for m in motifs if not set(m) <= _BRACKETS]
        return cls(tuple(dict.fromkeys(letters)), tuple(dict.fromkeys(brackets)))

    def spans(self, sequence: str, dot_bracket: str) -> NDArray[np.int64]:
        """Return where motifs begin and end (excluded), (n, 2), 0-based, sorted.

        At each place the longest motif of each kind counts.

        Parameters
        ----------
        sequence
            The RNA.
        dot_bracket
            Its structure, ``?`` where it is unknown.
        """
        letters = "|".join(
            "".join(_IUPAC[c] for c in m) for m in sorted(self.sequence, key=len, reverse=True)
        )
        brackets = "|".join(re.escape(m) for m in sorted(self.structure, key=len, reverse=True))
        found = _occurrences(letters, sequence) + _occurrences(brackets, dot_bracket)
        return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)


def _occurrences(pattern: str, text: str) -> list[tuple[int, int]]:
    if not pattern:
        return []
    return [m.span(1) for m in re.finditer(f"(?=({pattern}))", text)]


def _is_balanced(motif: str) -> bool:
    depth = 0
    for mark in motif:
        depth += {"(": 1, ")": -1}.get(mark, 0)
        if depth < 0 or mark not in _BRACKETS:
            return False
    return depth == 0 and "(" in motif


def _unreadable(motif: str) -> str:
    return (
        f"{motif!r} is not a motif: write IUPAC codes such as URUAY, or a balanced dot-bracket "
        "such as (((....)))"
    )


def read_motifs(path: Path) -> Motifs:
    """Read a motif list: one motif a line, IUPAC or dot-bracket, ``#`` begins a comment."""
    return Motifs.parse(path.read_text().splitlines())


def frequent_words(
    sequences: Sequence[str],
    *,
    lengths: Sequence[int] = WORD_LENGTHS,
    n: int = WORDS,
) -> Motifs:
    """Return the words that occur more often than their parts predict.

    The expected count of a word w is N(w without its last letter) x N(w without its first letter) /
    N(the letters in between), a Markov chain of the highest order; words are ranked by
    (observed - expected) / sqrt(variance) with the chain's asymptotic variance.

    Parameters
    ----------
    sequences
        RNAs, A C G U.
    lengths
        Lengths of words in nucleotides, 3 and more.
    n
        Words taken of each length.
    """
    counts = {k: _count(sequences, k) for m in lengths for k in (m - 2, m - 1, m)}
    words: list[str] = []
    for k in lengths:
        scores = {w: _excess(w, c, counts) for w, c in counts[k].items() if c >= LEAST}
        ranked = sorted(scores, key=lambda w: (-scores[w], w))
        words += [w for w in ranked[:n] if scores[w] > 0]
    return Motifs(tuple(words))


def _count(sequences: Sequence[str], k: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    for s in sequences:
        counts.update(s[i : i + k] for i in range(len(s) - k + 1))
    return Counter({w: c for w, c in counts.items() if set(w) <= set("ACGU")})


def _excess(word: str, observed: int, counts: dict[int, Counter[str]]) -> float:
    k = len(word)
    left, right = counts[k - 1][word[:-1]], counts[k - 1][word[1:]]
    middle = counts[k - 2][word[1:-1]]
    expected = left * right / middle
    variance = expected * (1 - left / middle) * (1 - right / middle)
    return float((observed - expected) / np.sqrt(max(variance, 1.0)))
