from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import rnaexplore as rx
from rnaexplore.errors import InputError
from rnaexplore.tl.embedding.identity import identity_groups


def edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def relatives(rng, n_families, members, share, lengths):
    made = []
    for _ in range(n_families):
        parent = rng.choice(list("ACGU"), rng.choice(lengths))
        for _ in range(members):
            child = parent.copy()
            at = rng.random(len(child)) < share
            child[at] = rng.choice(list("ACGU"), at.sum())
            made.append("".join(child))
    return made


def asked(identity, a, b):
    """Return the identity that links two RNAs: more than short ones reach by chance."""
    longer = max(len(a), len(b))
    return max(identity, 0.0 if longer >= 80 else 0.7 if longer >= 30 else 0.8)


@pytest.mark.parametrize("identity", [0.5, 0.6, 0.8, 1.0])
def test_groups_are_the_connected_components_of_all_pairs(identity) -> None:
    rng = np.random.default_rng(0)
    sequences = relatives(rng, 16, 4, 0.25, [18, 24, 29, 31, 50, 79, 81, 100])
    groups = identity_groups(sequences, identity)
    linked = {
        (i, j)
        for i, j in combinations(range(len(sequences)), 2)
        if 1 - edit_distance(sequences[i], sequences[j]) / max(len(sequences[i]), len(sequences[j]))
        >= asked(identity, sequences[i], sequences[j]) - 1e-9
    }
    assert all(groups[i] == groups[j] for i, j in linked)
    reached = np.arange(len(sequences))
    for _ in sequences:
        for i, j in linked:
            reached[[i, j]] = reached[[i, j]].min()
    assert len(set(groups.tolist())) == len(set(reached.tolist()))


def test_unrelated_short_rnas_do_not_chain() -> None:
    rng = np.random.default_rng(0)
    for length in (22, 50, 81):
        sequences = ["".join(rng.choice(list("ACGU"), length)) for _ in range(800)]
        assert np.bincount(identity_groups(sequences, 0.6)).max() <= 8, length


def test_blocks_of_many_lengths_miss_no_pair(monkeypatch) -> None:
    sequences = relatives(np.random.default_rng(1), 30, 3, 0.1, range(20, 80))
    whole = identity_groups(sequences, 0.8)
    monkeypatch.setattr("rnaexplore.tl.embedding.identity.ROWS", 7)
    np.testing.assert_array_equal(identity_groups(sequences, 0.8), whole)


def test_planted_relatives_are_one_group_each() -> None:
    sequences = relatives(np.random.default_rng(2), 40, 5, 0.05, [25, 76, 200])
    groups = identity_groups(sequences, 0.8)
    assert len(set(groups.tolist())) == 40
    assert all(len(set(groups[k : k + 5].tolist())) == 1 for k in range(0, 200, 5))


def test_the_tool_writes_groups_by_size() -> None:
    adata = rx.from_sequences({"a": "ACGUACGUAC", "b": "GGGGGGGGGG", "c": "ACGUACGUAG"})
    rx.tl.group_by_identity(adata)
    assert adata.obs["identity_group"].tolist() == ["0", "1", "0"]
    assert adata.uns["rnaexplore"]["identity_group"]["groups"] == 2
    for identity in (0, 1.1):
        with pytest.raises(InputError, match="identity must be above 0"):
            rx.tl.group_by_identity(adata, identity=identity)
