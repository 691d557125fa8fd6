from __future__ import annotations

import numpy as np
import pytest
from Bio.Align import PairwiseAligner

from rnaexplore.pretraining.relatives import (
    CUTOFF,
    EXTEND,
    MATCH,
    MISMATCH,
    OPEN,
    Index,
    aligner,
    has_relative,
)

RNG = np.random.default_rng(0)


def random_sequence(length: int) -> str:
    return "".join(RNG.choice(list("ACGU"), length))


def mutated(sequence: str, share: float) -> str:
    letters = np.array(list(sequence))
    places = RNG.random(len(letters)) < share
    letters[places] = RNG.choice(list("ACGU"), places.sum())
    return "".join(letters)


def test_scores_are_those_of_smith_and_waterman() -> None:
    reference = PairwiseAligner(mode="local", match_score=MATCH, mismatch_score=MISMATCH)
    reference.open_gap_score, reference.extend_gap_score = -OPEN, -EXTEND
    score = aligner()
    for _ in range(20):
        first = random_sequence(60)
        second = mutated(first, 0.3)[5:50] + random_sequence(20)
        assert score(first, second) == reference.score(first, second)


def test_diverged_relatives_are_found_and_strangers_are_not() -> None:
    reference = [random_sequence(120) for _ in range(100)]
    relatives = [mutated(s, 0.3) for s in reference[:50]]  # about 77 % identical
    assert has_relative(relatives, reference).mean() > 0.95
    assert has_relative([random_sequence(120) for _ in range(200)], reference).mean() < 0.02


def test_a_copy_is_a_relative_and_not_its_own_candidate() -> None:
    reference = [random_sequence(80) for _ in range(5)]
    assert has_relative(reference[:1], reference).all()
    assert not has_relative(reference[:1], []).any()
    found = dict(Index(reference).candidates(reference))
    assert all(k not in targets for k, targets in found.items())


@pytest.mark.parametrize("length", [20, 30, 44])
def test_short_rnas_need_four_fifths_of_the_largest_score(length: int) -> None:
    sequence = random_sequence(length)
    near = ("A" if sequence[0] != "A" else "C") + sequence[1:]
    assert has_relative([near], [sequence]).all()
    assert MATCH * length < 1.25 * CUTOFF


def test_ambiguous_letters_are_no_matches() -> None:
    assert not has_relative(["N" * 100], ["N" * 101]).any()
