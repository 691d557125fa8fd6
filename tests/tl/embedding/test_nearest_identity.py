"""nearest_identity: equal to brute force, whatever is cut short on the way."""

from __future__ import annotations

import numpy as np
import pytest

import rnaexplore as rx
from rnaexplore.errors import InputError
from rnaexplore.tl.embedding import relatives
from rnaexplore.tl.embedding.relatives import IdentitySpace, nearest_relatives


def edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def identity(a, b):
    return 1 - edit_distance(a, b) / max(len(a), len(b))


@pytest.fixture(scope="module")
def sequences():
    """Families of relatives, near and far, orphans, RNAs shorter than a 6-mer, and a duplicate."""
    rng = np.random.default_rng(0)
    made = ["ACG", "ACGU", "NNNNNNNN"]
    for share in (0.05, 0.15, 0.3, 0.9):
        for length in (18, 30, 44):
            parent = rng.choice(list("ACGU"), length)
            for _ in range(4):
                child = parent.copy()
                at = rng.random(length) < share
                child[at] = rng.choice(list("ACGU"), at.sum())
                cut = rng.integers(4)
                made.append("".join(child[cut:]))
    return [*made, made[10]]


@pytest.fixture(scope="module")
def table(sequences):
    return np.array([[identity(a, b) for b in sequences] for a in sequences])


@pytest.mark.parametrize("block", [7, 256])
def test_the_nearest_is_that_of_brute_force(sequences, table, block, monkeypatch) -> None:
    monkeypatch.setattr(relatives, "BLOCK", block)
    others = table.copy()
    np.fill_diagonal(others, -1)
    adata = rx.from_sequences(dict(zip(map(str, range(len(sequences))), sequences, strict=True)))
    rx.tl.nearest_identity(adata)
    np.testing.assert_allclose(adata.obs["nearest_identity"], others.max(1), atol=1e-6)
    assert adata.obs["nearest_identity_name"].tolist() == [str(k) for k in others.argmax(1)]
    assert adata.obs["nearest_identity"].iloc[[10, -1]].tolist() == [1, 1]


@pytest.mark.parametrize("n_neighbors", [1, 4, 30])
def test_several_neighbors_are_those_of_brute_force(sequences, table, n_neighbors) -> None:
    others = table.copy()
    np.fill_diagonal(others, -1)
    rows = np.arange(0, len(sequences), 3)
    near = IdentitySpace(sequences).neighbors(rows, n_neighbors)
    expected = -np.sort(-others[rows], axis=1)[:, :n_neighbors]
    np.testing.assert_allclose(np.take_along_axis(others[rows], near, 1), expected, atol=1e-6)
    assert all(len(set(row)) == n_neighbors for row in near.tolist())
    assert not (near == rows[:, None]).any()


def test_a_reference_may_hold_the_rna_itself(sequences, table) -> None:
    queries, reference = sequences[:20], sequences[15:]
    nearest, found = nearest_relatives(queries, reference)
    expected = table[:20, 15:]
    np.testing.assert_allclose(found, expected.max(1), atol=1e-6)
    assert nearest.tolist() == expected.argmax(1).tolist()
    a = rx.from_sequences({"a": queries[16], "b": queries[0]})
    training = rx.from_sequences({f"t{k}": s for k, s in enumerate(reference)})
    rx.tl.nearest_identity(a, reference=training, key_added="leak")
    assert a.obs["leak"].iloc[0] == 1
    assert a.obs["leak_name"].iloc[0] == "t1"
    made = a.uns["rnaexplore"]["leak"]
    assert (made["n_reference"], made["own_reference"]) == (len(reference), True)


def test_spelling_makes_no_difference() -> None:
    adata = rx.from_sequences({"a": "ACGUACGU", "b": "GGGGCCCC"})
    adata.obs["sequence"] = ["acgtacgt", "ACGUACGA"]
    rx.tl.nearest_identity(adata)
    assert adata.obs["nearest_identity"].tolist() == [0.875, 0.875]


def test_an_rna_alone_has_no_relative() -> None:
    with pytest.raises(InputError, match="no other RNA"):
        rx.tl.nearest_identity(rx.from_sequences({"a": "ACGU"}))
