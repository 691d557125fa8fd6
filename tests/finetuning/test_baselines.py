"""Baselines of fine-tuning: what a network of convolutions finds, and how two RNAs could pair."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from rnaexplore.finetuning import complementarity, convolution
from rnaexplore.finetuning.examples import examples_of
from rnaexplore.tl.evaluation.linear import Features
from rnaexplore.tl.evaluation.probe_models import Probe


def by_order(n, rng):
    """Return RNAs with one motif, in the middle or elsewhere: order tells, composition does not."""
    rows = []
    for i in range(n):
        letters = rng.choice(list("ACGU"), 41)
        start = 18 if i % 2 else int(rng.choice([2, 5, 30, 34]))
        letters[start : start + 6] = list("GGUAAG")
        rows.append({"sequence": "".join(letters), "place": ("off", "on")[i % 2]})
    return AnnData(obs=pd.DataFrame(rows, index=[f"r{i}" for i in range(n)]))


@pytest.fixture
def long_enough(monkeypatch):
    monkeypatch.setattr(convolution, "STEPS", 150)


def test_convolutions_see_order_where_kmers_do_not(tiny, long_enough):
    rnas = by_order(240, np.random.default_rng(0))
    known = examples_of(rnas, "place", task="sequence", partner=None, alphabet=tiny.spec.alphabet)
    learn, asked = np.arange(160), np.arange(160, 240)
    network = convolution.Convolution(known, seed=0)
    told = network.tell(learn, asked)
    right = rnas.obs["place"].to_numpy()[asked]
    assert np.mean(np.array(told) == right) > 0.9
    assert told == network.tell(learn, asked)
    from rnaexplore.tl.embedding.kmers import kmer_frequencies

    kmers = Features.whole(kmer_frequencies(known.sequences, 4))
    codes = np.array(known.targets)
    found = Probe(kmers, "linear", is_class=True, seed=0).tell(codes, np.arange(240), learn, asked)
    assert np.mean(found.values == codes[asked]) < 0.75


def test_convolutions_label_residues_and_predict_numbers(tiny, long_enough):
    rnas = by_order(60, np.random.default_rng(1))
    sequences = rnas.obs["sequence"]
    rnas.obs["after_g"] = [
        "".join("y" if b == "G" else "n" for b in "A" + s[:-1]) for s in sequences
    ]
    rnas.obs["gc"] = [1000 + 50 * np.mean([c in "GC" for c in s]) for s in sequences]
    options = {"partner": None, "alphabet": tiny.spec.alphabet}
    residues = examples_of(rnas, "after_g", task="residue", **options)
    told = convolution.Convolution(residues, seed=0).tell(np.arange(50), np.arange(50, 60))
    pairs = zip("".join(told), "".join(rnas.obs["after_g"].iloc[50:]), strict=True)
    assert np.mean([a == b for a, b in pairs]) > 0.95
    numbers = examples_of(rnas, "gc", task="sequence", **options)
    told = convolution.Convolution(numbers, seed=0).tell(np.arange(50), np.arange(50, 60))
    assert np.corrcoef(np.array(told, dtype=float), rnas.obs["gc"].iloc[50:])[0, 1] > 0.8
    assert np.ptp(np.array(told, dtype=float)) < 60


def test_lengths_do_not_matter_in_a_batch(tiny):
    """Pads are no residues: an RNA is told the same alone and beside a longer one."""
    rng = np.random.default_rng(0)
    rnas = by_order(20, rng)
    rnas.obs["sequence"] = [s[: 15 + k] for k, s in enumerate(rnas.obs["sequence"])]
    rnas.obs["gc"] = rng.random(20)
    known = examples_of(rnas, "gc", task="sequence", partner=None, alphabet=tiny.spec.alphabet)
    network = convolution.Convolution(known, seed=0)
    together = network.tell(np.arange(10), np.arange(10, 20))
    alone = [network.tell(np.arange(10), np.array([k]))[0] for k in range(10, 20)]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def longest_run(first, second, pairs):
    best = 0
    for i in range(len(first)):
        for j in range(len(second)):
            n = 0
            while i + n < len(first) and j - n >= 0 and first[i + n] + second[j - n] in pairs:
                n += 1
            best = max(best, n)
    return best


def test_complementary_runs_are_those_of_brute_force():
    rng = np.random.default_rng(0)
    first = ["".join(rng.choice(list("ACGU"), 15)) for _ in range(20)]
    second = ["".join(rng.choice(list("ACGU"), 25)) for _ in range(20)]
    found = complementarity.complementary_runs(first, second)
    plain = {"AU", "UA", "GC", "CG"}
    for row, a, b in zip(found, first, second, strict=True):
        wobble = plain | {"GU", "UG"}
        assert row.tolist() == [
            longest_run(x, b, pairs) for x in (a, a[:8]) for pairs in (plain, wobble)
        ]
    whole = complementarity.complementary_runs(["GGGAAACUC"], ["CCGAGUUUCCCAA"])
    assert whole[0, 0] == 9
