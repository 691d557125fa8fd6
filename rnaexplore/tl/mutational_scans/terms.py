"""What each method of scoring variants asks a masked-language model, and how answers are added.

Every score is a weighted sum of log-probabilities: of a residue, at a position, in a context. The
methods differ in the contexts alone. Residues are nucleotides, or codons for codon models.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

__all__ = [
    "ONE_CONTEXT",
    "WHOLE",
    "Context",
    "FitnessMethod",
    "Term",
    "hide",
    "known",
    "terms_of",
]

FitnessMethod = Literal["wt-fill", "mask-fill", "mut-fill", "wt-marginals", "pseudo-likelihood"]
Residues = Sequence[str]

WHOLE = "pseudo-likelihood"  #: the method that needs no common positions
ONE_CONTEXT = ("wt-fill", "wt-marginals")  #: methods that read copies of the wild type alone
_HIDDEN = "A"  #: what stands at hidden positions, so that equal contexts are equal


class Context(NamedTuple):
    """A sequence with some positions hidden: one pass of the model."""

    text: str
    hidden: tuple[int, ...]


class Term(NamedTuple):
    """A log-probability that a score is made of."""

    context: Context
    position: int
    residue: str
    weight: float


def terms_of(method: str, wild_type: Residues, variant: Residues) -> Iterator[Term]:
    """Yield what the score of one variant is made of.

    Parameters
    ----------
    method
        One of `FitnessMethod`; all but `WHOLE` need as many residues as the wild type has.
    wild_type, variant
        Residues, as the model reads them.
    """
    if method == WHOLE:
        yield from _whole(wild_type, variant)
        return
    sites = [i for i, (a, b) in enumerate(zip(wild_type, variant, strict=True)) if a != b]
    for i in sites:
        seen = _context(method, wild_type, variant, sites, i)
        yield Term(seen, i, variant[i], 1.0)
        yield Term(seen, i, wild_type[i], -1.0)


def _context(
    method: str, wild_type: Residues, variant: Residues, sites: Sequence[int], i: int
) -> Context:
    """Return what the model sees when it is asked about position i."""
    if method == "mut-fill":
        return hide(variant, [i])
    hidden = {"wt-fill": [i], "mask-fill": sites, "wt-marginals": []}[method]
    return hide(wild_type, hidden)


def hide(residues: Residues, hidden: Sequence[int]) -> Context:
    """Return the context of some residues of which some are hidden."""
    written = list(residues)
    for i in hidden:
        written[i] = _HIDDEN * len(residues[i])
    return Context("".join(written), tuple(hidden))


def _whole(wild_type: Residues, variant: Residues) -> Iterator[Term]:
    """Yield the pseudo-log-likelihood of the variant, per residue, minus that of the wild type.

    Both are multiplied by the residues of the wild type, so that among equally long sequences it
    is the difference, and a longer or shorter one has no advantage from its length.
    """
    before = [i for i, residue in enumerate(wild_type) if known(residue)]
    inside = [i for i, residue in enumerate(variant) if known(residue)]
    for i in inside:
        weight = len(before) / len(inside)
        yield Term(hide(variant, [i]), i, variant[i], weight)
    for i in before:
        yield Term(hide(wild_type, [i]), i, wild_type[i], -1.0)


def known(residue: str) -> bool:
    """Return whether a residue has no ambiguous letter."""
    return set(residue) <= set("ACGU")
