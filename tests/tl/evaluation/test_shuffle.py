"""dinucleotide_shuffle: keeps the counts, and is uniform over the sequences that have them."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise, permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from rnaexplore.tl.evaluation.shuffle import dinucleotide_shuffle


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ACGUN", max_size=60), st.integers(0, 1000))
def test_dinucleotides_and_ends_are_kept(sequence: str, seed: int) -> None:
    shuffled = dinucleotide_shuffle(sequence, np.random.default_rng(seed))
    assert Counter(pairwise(shuffled)) == Counter(pairwise(sequence))
    assert shuffled[:1] == sequence[:1]
    assert shuffled[-1:] == sequence[-1:]


def test_all_sequences_with_the_same_dinucleotides_are_equally_likely() -> None:
    sequence = "ACAGACGA"
    counts = Counter(pairwise(sequence))
    possible = {
        "".join(p)
        for p in set(permutations(sequence))
        if p[0] == "A" and Counter(pairwise(p)) == counts
    }
    assert len(possible) > 5
    rng = np.random.default_rng(1)
    drawn = Counter(dinucleotide_shuffle(sequence, rng) for _ in range(400 * len(possible)))
    assert set(drawn) == possible
    assert chisquare(list(drawn.values())).pvalue > 1e-3
