"""kmers: brute-force counts, square roots, and the distances they stand for."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rnaexplore as rx
from rnaexplore.errors import InputError
from rnaexplore.tl.embedding.kmers import kmer_frequencies, kmer_matrix


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="ACGUN", max_size=40), st.integers(1, 4))
def test_frequencies_equal_brute_force(sequence: str, k: int) -> None:
    words = ["".join(w) for w in product("ACGU", repeat=k)]
    windows = [sequence[i : i + k] for i in range(len(sequence) - k + 1)]
    counts = np.array([windows.count(word) for word in words], dtype=float)
    expected = counts / counts.sum() if counts.sum() else counts
    np.testing.assert_allclose(kmer_frequencies([sequence], k)[0], expected, atol=1e-6)
    root = kmer_frequencies([sequence], k, "sqrt")[0]
    np.testing.assert_allclose(root, np.sqrt(expected), atol=1e-6)
    np.testing.assert_array_equal(kmer_matrix([sequence], k, "sqrt").toarray()[0], root)


def test_rows_stay_with_their_rnas() -> None:
    sequences = ["", "NNNNNN", "AC", "acgtt", "ACGUACGU"]
    found = kmer_frequencies(sequences, 3)
    np.testing.assert_allclose(found.sum(1), [0, 0, 0, 1, 1], rtol=1e-6)
    for row, sequence in zip(found, sequences, strict=True):
        np.testing.assert_array_equal(row, kmer_frequencies([sequence], 3)[0])
    assert kmer_frequencies([], 3).shape == (0, 64)


def test_kmers_reads_t_as_u_and_any_case(rnas) -> None:
    np.testing.assert_array_equal(kmer_frequencies(["acgtt"], 2), kmer_frequencies(["ACGUU"], 2))


def test_square_roots_have_length_one_and_hellinger_distances(rnas) -> None:
    raw = kmer_frequencies(list(rnas.obs["sequence"]), 3).astype(float)
    rx.tl.kmers(rnas, k=3, transform="sqrt")
    root = rnas.obsm["X_kmer3_sqrt"]
    np.testing.assert_allclose(np.linalg.norm(root, axis=1), 1, rtol=1e-6)
    hellinger = np.sqrt(1 - np.sqrt(raw[0] * raw[1]).sum())
    assert np.linalg.norm(root[0] - root[1]) == pytest.approx(np.sqrt(2) * hellinger, rel=1e-5)


def test_kmers_writes_its_key_and_provenance(rnas) -> None:
    rx.tl.kmers(rnas, k=3)
    np.testing.assert_allclose(rnas.obsm["X_kmer3"].sum(1), 1, rtol=1e-5)
    made = rnas.uns["rnaexplore"]["X_kmer3"]
    assert (made["k"], made["transform"]) == (3, "none")
    rx.tl.kmers(rnas, k=5, transform="sqrt", key_added="mine")
    made = rnas.uns["rnaexplore"]["mine"]
    assert (made["k"], made["transform"]) == (5, "sqrt")
    assert rnas.obsm["mine"].shape == (60, 1024)


@pytest.mark.parametrize("k", [0, 9])
def test_k_outside_its_range_is_refused(rnas, k: int) -> None:
    with pytest.raises(InputError, match=r"k must be in \[1, 8\]"):
        rx.tl.kmers(rnas, k=k)


def test_an_unknown_transform_is_refused(rnas) -> None:
    with pytest.raises(InputError, match="None or 'sqrt', got 'log'"):
        rx.tl.kmers(rnas, transform="log")
