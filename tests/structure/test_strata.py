"""Kinds of RNAs, against definitions that are counted out."""

from __future__ import annotations

import re

import numpy as np
import pytest

from rnaexplore.errors import InputError
from rnaexplore.structure import (
    CANONICAL,
    Structure,
    hairpin_count,
    is_branched,
    noncanonical_pairs,
    score,
    strata,
)
from rnaexplore.structure.strata import length_bin, without_noncanonical


def structure(dots: str, sequence: str | None = None) -> Structure:
    return Structure.from_dot_bracket(sequence or "N" * len(dots), dots)


@pytest.mark.parametrize(
    ("dots", "hairpins"),
    [
        ("........", 0),
        ("((((....))))", 1),
        ("((.((....)).))", 1),  # an interior loop
        ("(((...)))(((...)))", 2),  # side by side
        ("((..((...))..((...))..))", 2),  # a multibranch loop
        ("(((((...)))((...))((...)).))", 3),
        ("((((..[[[[..))))..]]]]", 1),  # a pseudoknot alone makes no branch
        ("((((..[[..))))((...))..]]", 2),
    ],
)
def test_hairpins_are_counted(dots, hairpins) -> None:
    assert hairpin_count(structure(dots)) == hairpins
    assert is_branched(structure(dots)) == (hairpins > 1)


def test_hairpins_are_what_a_pattern_finds(make_pairs) -> None:
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(300):
        found = Structure("N" * 24, make_pairs(rng, 24))
        nested = re.sub(r"[^()]", ".", found.dot_bracket)
        expected = len(re.findall(r"\(\.*\)", nested))
        assert hairpin_count(found) == expected
        seen.add(expected)
    assert {0, 1, 2} <= seen


def test_pairs_other_than_au_gc_and_gu_are_found() -> None:
    known = structure("((((...))))", "GAUCAAAUAUC")  # G-C, A-U, U-A and C-U
    strange = noncanonical_pairs(known)
    letters = [known.sequence[i] + known.sequence[j] for i, j in known.pairs]
    assert strange.tolist() == [pair not in CANONICAL for pair in letters]
    assert strange.sum() == 1
    assert not noncanonical_pairs(structure("(...)", "gAAAt")).any()


def test_the_references_strange_pairs_count_neither_for_nor_against() -> None:
    known = structure("((((...))))", "GAUCAAAUAUC")
    with_it, without = known, structure("(((.....)))", known.sequence)
    for predicted in (with_it, without):
        assert score(*without_noncanonical(predicted, known))["f1"] == 1
    wrong = structure("(((.(..))))", known.sequence)  # a strange pair that nobody knows
    assert score(*without_noncanonical(wrong, known))["precision"] == pytest.approx(3 / 4)


@pytest.mark.parametrize(
    ("length", "name"),
    [
        (49, "below 50"),
        (50, "50 to 99"),
        (99, "50 to 99"),
        (100, "100 to 199"),
        (400, "400 and more"),
    ],
)
def test_lengths_fall_into_bins(length, name) -> None:
    assert length_bin(length) == name


def test_every_rna_is_of_one_kind_of_each_sort() -> None:
    known = [
        structure("((((....))))", "GGGGAAAACCCC"),
        structure("((..((...))..((...))..))"),
        structure("((((..[[[[..))))..]]]]" + "." * 40),
    ]
    masks = strata(known, [True, False, False])
    for sort in ("shape", "length", "pseudoknots", "non-canonical pairs", "relatives in training"):
        together = np.sum([mask for name, mask in masks.items() if name.startswith(f"{sort}:")], 0)
        assert together.tolist() == [1, 1, 1]
    assert masks["shape: branched"].tolist() == [False, True, False]
    assert masks["non-canonical pairs: no"].tolist() == [True, False, False]
    assert masks["relatives in training: yes"].tolist() == [True, False, False]
    assert not any(name.startswith("relatives") for name in strata(known))
    with pytest.raises(InputError, match="seen has 1 values, but there are 3 RNAs"):
        strata(known, [True])
