"""kmers: brute-force counts."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rnaexplore as rx
from rnaexplore.errors import InputError
from rnaexplore.tl._kmers import kmer_frequencies


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="ACGUN", max_size=40), st.integers(1, 4))
def test_frequencies_equal_brute_force(sequence: str, k: int) -> None:
    words = ["".join(w) for w in product("ACGU", repeat=k)]
    windows = [sequence[i : i + k] for i in range(len(sequence) - k + 1)]
    counts = np.array([windows.count(word) for word in words], dtype=float)
    expected = counts / counts.sum() if counts.sum() else counts
    np.testing.assert_allclose(kmer_frequencies([sequence], k)[0], expected, atol=1e-6)


def test_kmers_reads_t_as_u_and_any_case(rnas) -> None:
    np.testing.assert_array_equal(kmer_frequencies(["acgtt"], 2), kmer_frequencies(["ACGUU"], 2))


def test_kmers_writes_its_key_and_provenance(rnas) -> None:
    rx.tl.kmers(rnas, k=3)
    np.testing.assert_allclose(rnas.obsm["X_kmer3"].sum(1), 1, rtol=1e-5)
    assert rnas.uns["rnaexplore"]["X_kmer3"]["k"] == 3


@pytest.mark.parametrize("k", [0, 9])
def test_k_outside_its_range_is_refused(rnas, k: int) -> None:
    with pytest.raises(InputError, match=r"k must be in \[1, 8\]"):
        rx.tl.kmers(rnas, k=k)
