"""AttentionMaps: brute force of APC and rollout, what is refused, what stays untouched."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnaexplore.errors import InputError
from rnaexplore.maps import AttentionMaps

SEQUENCE = "GGCAUCC"


def random_maps(seed: int, *, layers: int = 3, heads: int = 2, n: int = 7) -> AttentionMaps:
    rng = np.random.default_rng(seed)
    values = rng.dirichlet(np.ones(n + 2), size=(layers, heads, n))[..., 1:-1].astype(np.float32)
    sequence = "".join(rng.choice(list("ACGU"), n))
    return AttentionMaps(values, tuple(range(layers)), tuple(range(heads)), sequence, "toy")


def brute_apc(a: np.ndarray) -> np.ndarray:
    n = len(a)
    out = np.zeros((n, n))
    total = sum(float(a[i, j]) for i in range(n) for j in range(n))
    for i in range(n):
        for j in range(n):
            row = sum(float(a[i, k]) for k in range(n))
            column = sum(float(a[k, j]) for k in range(n))
            out[i, j] = float(a[i, j]) - row * column / total
    return out


def brute_rollout(values: np.ndarray) -> np.ndarray:
    """Sum over every path of residues through the layers."""
    _, heads, n, _ = values.shape
    weights = []
    for layer in values.astype(float):
        mean = [
            [sum(layer[h, i, j] for h in range(heads)) / heads for j in range(n)] for i in range(n)
        ]
        for i in range(n):
            mean[i][i] += 1
        weights.append([[x / sum(row) for x in row] for row in mean])

    def flow(layer: int, i: int, source: int) -> float:
        if layer < 0:
            return float(i == source)
        return sum(weights[layer][i][k] * flow(layer - 1, k, source) for k in range(n))

    top = len(values) - 1
    return np.array([[flow(top, i, j) for j in range(n)] for i in range(n)])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_apc_equals_brute_force(seed: int) -> None:
    maps = random_maps(seed)
    corrected = maps.apc()
    for layer in maps.layers:
        for head in maps.heads:
            np.testing.assert_allclose(
                corrected.at(layer, head), brute_apc(maps.at(layer, head)), atol=1e-6
            )


def test_apc_removes_exactly_what_is_explained_by_rows_and_columns() -> None:
    rank_one = np.outer([0.1, 0.3, 0.2], [0.2, 0.5, 0.1])[None, None]
    maps = AttentionMaps(rank_one, (0,), (0,), "GCA", "toy")
    np.testing.assert_allclose(maps.apc().values, 0, atol=1e-7)


def test_apc_leaves_a_map_of_zeros() -> None:
    maps = AttentionMaps(np.zeros((1, 1, 3, 3)), (0,), (0,), "GCA", "toy")
    assert not maps.apc().values.any()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_rollout_equals_the_sum_over_all_paths(seed: int) -> None:
    maps = random_maps(seed, n=4)
    rolled = maps.rollout()
    np.testing.assert_allclose(rolled, brute_rollout(maps.values), atol=1e-6)
    np.testing.assert_allclose(rolled.sum(1), 1, atol=1e-6)


def test_rollout_of_no_attention_keeps_every_residue_in_place() -> None:
    maps = AttentionMaps(np.zeros((2, 1, 3, 3)), (0, 1), (0,), "GCA", "toy")
    np.testing.assert_array_equal(maps.rollout(), np.eye(3))


def test_rollout_needs_consecutive_layers_of_weights() -> None:
    values = random_maps(0).values
    with pytest.raises(
        InputError, match="consecutive layers in ascending order, got \\(0, 2, 3\\)"
    ):
        AttentionMaps(values, (0, 2, 3), (0, 1), SEQUENCE, "toy").rollout()
    with pytest.raises(InputError, match="before apc"):
        random_maps(0).apc().rollout()


def test_symmetrize_mean_and_max() -> None:
    maps = random_maps(3)
    symmetric = maps.symmetrize().values
    np.testing.assert_array_equal(symmetric, symmetric.swapaxes(-1, -2))
    np.testing.assert_allclose(symmetric.sum((-1, -2)), maps.values.sum((-1, -2)), rtol=1e-6)
    flat = maps.values.reshape(-1, 7, 7)
    np.testing.assert_allclose(maps.mean(), sum(flat.astype(float)) / len(flat), atol=1e-7)
    np.testing.assert_array_equal(maps.max(), np.maximum.reduce(list(flat)))


def test_heads_of_each_layer_are_joined() -> None:
    maps = random_maps(4)
    for k, layer in enumerate(maps.layers):
        first, second = maps.at(layer, 0), maps.at(layer, 1)
        np.testing.assert_allclose(maps.head_mean()[k], (first + second) / 2, atol=1e-7)
        np.testing.assert_array_equal(maps.head_max()[k], np.maximum(first, second))


def test_at_counts_as_the_model_does() -> None:
    values = random_maps(1).values
    maps = AttentionMaps(values, (4, 9, 11), (2, 17), SEQUENCE, "toy")
    np.testing.assert_array_equal(maps.at(9, 17), values[1, 1])
    with pytest.raises(
        InputError, match="layer 1 is not among the maps; they hold layers 4, 9, 11"
    ):
        maps.at(1, 17)
    with pytest.raises(InputError, match="head 0 is not among the maps"):
        maps.at(4, 0)


def test_maps_of_a_codon_model_are_labelled_by_codons() -> None:
    maps = AttentionMaps(np.zeros((1, 1, 2, 2)), (0,), (0,), "AUGGCU", "codons")
    assert maps.residues == ("AUG", "GCU")


def test_maps_are_float32_and_cannot_be_changed() -> None:
    given_values = np.full((1, 1, 2, 2), 0.25)
    maps = AttentionMaps(given_values, (0,), (0,), "GC", "toy")
    assert maps.values.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        maps.values[0, 0, 0, 0] = 1
    given_values[:] = 7
    assert maps.values.max() == 0.25


def test_a_float32_array_of_the_caller_stays_writeable() -> None:
    mine = np.zeros((1, 1, 2, 2), dtype=np.float32)
    AttentionMaps(mine, (0,), (0,), "GC", "toy")
    mine[:] = 1
    assert mine.flags.writeable


@pytest.mark.parametrize(
    ("values", "layers", "heads", "sequence", "message"),
    [
        (np.zeros((2, 2)), (0,), (0,), "GC", "shape"),
        (np.zeros((1, 1, 2, 3)), (0,), (0,), "GC", "shape"),
        (np.zeros((1, 1, 0, 0)), (0,), (0,), "", "shape"),
        (np.zeros((1, 1, 2, 2)), (0, 1), (0,), "GC", "1 layers"),
        (np.zeros((1, 2, 2, 2)), (0,), (3, 3), "GC", "2 different"),
        (np.zeros((1, 1, 4, 4)), (0,), (0,), "GC", "special tokens"),
        (np.full((1, 1, 2, 2), np.nan), (0,), (0,), "GC", "finite"),
    ],
)
def test_maps_that_do_not_fit_are_refused(values, layers, heads, sequence, message) -> None:
    with pytest.raises(InputError, match=message):
        AttentionMaps(values, layers, heads, sequence, "toy")
