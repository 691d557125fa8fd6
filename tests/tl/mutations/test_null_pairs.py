"""Null pairs have the letters and distances of the base pairs that they are matched to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

import rnaexplore as rx
from rnaexplore.models import get_spec
from rnaexplore.models.adapters.base import Adapter, Output
from rnaexplore.models.model import Model
from rnaexplore.structure import Structure
from rnaexplore.tl.mutations.null_pairs import null_pairs


def structured(seed, n=60):
    """Return a random RNA with a stem of random letters that pair, and its pairs."""
    rng = np.random.default_rng(seed)
    letters = rng.choice(list("ACGU"), n)
    pairs = [(5 + k, 40 - k) for k in range(8)]
    for i, j in pairs:
        letters[i], letters[j] = list(rng.choice(["AU", "UA", "GC", "CG", "GU", "UG"]))
    return "".join(letters), pairs


class CountingAdapter(Adapter):
    """Expects the complement of each letter that is seen anywhere; knows no pairs and no places."""

    @classmethod
    def build(cls, spec):
        return torch.nn.Linear(1, 1)

    @classmethod
    def convert(cls, spec, state):
        return dict(state)

    def forward(self, ids, mask, request):
        alphabet = self.spec.alphabet
        expected = torch.zeros(len(alphabet.tokens), len(alphabet.tokens))
        for letter, other in zip("ACGU", "UGCA", strict=True):
            expected[alphabet.ids[letter], alphabet.ids[other]] = 0.5
        seen = expected[ids]
        return Output(logits=seen.sum(1, keepdim=True) - seen)


def counting_model():
    spec = replace(get_spec("mini"), name="counting", cautions={})
    adapter = CountingAdapter(spec, CountingAdapter.build(spec))
    return Model(adapter, device=torch.device("cpu"), weights_sha256="", source="toy")


def is_free(pair, pairs, sequence):
    """Whether two positions are neither a base pair nor one with a partner shifted by one."""
    near = any(abs(pair[0] - i) <= 1 and abs(pair[1] - j) <= 1 for i, j in pairs)
    return not near and set(sequence[pair[0]] + sequence[pair[1]]) <= set("ACGU")


@pytest.mark.parametrize("seed", range(20))
def test_each_null_is_the_most_alike_that_is_left(seed) -> None:
    sequence, pairs = structured(seed)
    found = null_pairs(pairs, sequence, rng=np.random.default_rng(seed))
    used = set()
    for (i, j), null in zip(pairs, found, strict=True):
        left = [
            (a, b)
            for a in range(len(sequence))
            for b in range(a + 4, len(sequence))
            if is_free((a, b), pairs, sequence) and (a, b) not in used
        ]

        def unlike(pair, i=i, j=j):
            there, own = sequence[pair[0]] + sequence[pair[1]], sequence[i] + sequence[j]
            return sorted(there) != sorted(own), abs(pair[1] - pair[0] - (j - i)), there != own

        assert null in left
        assert unlike(null) == min(map(unlike, left))
        used.add(null)
    assert len(used) == len(pairs)


@pytest.mark.parametrize("seed", range(5))
def test_nulls_have_the_composition_of_the_pairs(seed) -> None:
    """In RNAs as long as these every pair has a match: the two kinds have the same letters."""
    sequence, pairs = structured(seed, n=200)
    nulls = null_pairs(pairs, sequence, rng=np.random.default_rng(seed))

    def letters(which):
        return sorted("".join(sorted(sequence[i] + sequence[j])) for i, j in which)

    assert letters(nulls) == letters(pairs)
    distances = [[j - i for i, j in which] for which in (pairs, nulls)]
    np.testing.assert_allclose(*distances, atol=2)


def test_letters_come_before_distance_and_the_window_bounds_both() -> None:
    #           0123456789012345678901234
    sequence = "GAAAAAAACAAAAAAAAAAAAAAAC"
    rng = np.random.default_rng(0)
    assert null_pairs([(0, 8)], sequence, rng=rng) == [(0, 24)]
    ((a, b),) = null_pairs([(0, 8)], sequence, widest=20, rng=rng)
    assert b - a == 8
    assert (a, b) != (0, 8)
    assert null_pairs([(0, 8)], sequence, widest=1, rng=rng) == [None]


def test_pairs_with_nothing_left_have_no_null() -> None:
    assert null_pairs([(0, 4)], "GAAAC", rng=np.random.default_rng(0)) == [None]
    assert null_pairs([(0, 5)], "GNNNNC", rng=np.random.default_rng(0)) == [None]


def test_equally_good_nulls_are_chosen_by_the_seed() -> None:
    sequence = "G" + "A" * 10 + "C" + "A" * 30
    pairs = [(12, 25)]
    found = {null_pairs(pairs, sequence, rng=np.random.default_rng(k))[0] for k in range(20)}
    assert len(found) > 5
    assert {b - a for a, b in found} == {13}
    again = [null_pairs(pairs, sequence, rng=np.random.default_rng(3)) for _ in range(2)]
    assert again[0] == again[1]


def test_rescue_has_a_null_for_each_pair(tiny) -> None:
    sequence, pairs = structured(1)
    adata = rx.from_sequences({"a": sequence})
    fold = Structure(sequence, np.array(pairs))
    table = rx.tl.rescue(adata, "a", tiny, structure=fold, seed=4)
    nulls = null_pairs(pairs, sequence, rng=np.random.default_rng(4))
    assert set(table["pair"]) == set(range(8))
    for k, rows in table.groupby("pair"):
        of = {kind: found.iloc[0] for kind, found in rows.groupby("kind")}
        assert set(of) == {"pair", "null"}
        assert (of["pair"]["i"], of["pair"]["j"]) == pairs[k]
        assert (of["null"]["i"], of["null"]["j"]) == nulls[k]
        assert sorted(of["null"]["reference"]) == sorted(of["pair"]["reference"])
        counts = rows["kind"].value_counts()
        assert counts["pair"] == counts["null"], "the same letters have as many double mutants"


def test_a_model_that_knows_letters_alone_rescues_pairs_and_nulls_alike() -> None:
    sequence, pairs = structured(2, n=200)
    adata = rx.from_sequences({"a": sequence})
    fold = Structure(sequence, np.array(pairs))
    table = rx.tl.rescue(adata, "a", counting_model(), structure=fold)
    means = table.groupby(["kind", "pair"])["rescue"].mean().unstack("kind")
    np.testing.assert_allclose(means["pair"], means["null"], rtol=1e-3)
    others = [(10 + k, 180 - k) for k in range(0, 20, 2)]
    other = rx.tl.rescue(
        adata, "a", counting_model(), structure=Structure(sequence, np.array(others))
    )
    strange = other[other["kind"] == "pair"]["rescue"].mean()
    assert means["pair"].mean() > 1.2 * strange, "with other letters it would be another null"
