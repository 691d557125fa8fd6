from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from rnaexplore.errors import InputError
from rnaexplore.structure import decode
from rnaexplore.structure.decoding import candidates


def structures(
    allowed: np.ndarray, i: int, free: frozenset[int]
) -> Iterator[list[tuple[int, int]]]:
    """Yield every set of allowed pairs in which no residue occurs twice."""
    n = len(allowed)
    if i == n:
        yield []
        return
    if i not in free:
        yield from structures(allowed, i + 1, free)
        return
    yield from structures(allowed, i + 1, free)
    for j in range(i + 1, n):
        if j in free and allowed[i, j] > 0:
            for rest in structures(allowed, i + 1, free - {i, j}):
                yield [(i, j), *rest]


def every(allowed: np.ndarray) -> Iterator[list[tuple[int, int]]]:
    return structures(allowed, 0, frozenset(range(len(allowed))))


def is_nested(pairs: list[tuple[int, int]]) -> bool:
    return not any(i < k < j < m for i, j in pairs for k, m in pairs)


def accuracy(pairs: list[tuple[int, int]], probabilities: np.ndarray) -> float:
    paired = {k for pair in pairs for k in pair}
    unpaired = 1 - probabilities.sum(1)
    single = sum(unpaired[k] for k in range(len(probabilities)) if k not in paired)
    return 2 * sum(probabilities[i, j] for i, j in pairs) + single


@pytest.mark.parametrize("threshold", [0.0, 0.02, 0.1])
def test_mea_is_the_best_of_all_nested_structures(make_map, threshold: float) -> None:
    rng = np.random.default_rng(int(threshold * 100))
    for length in (1, 4, 5, 7, 9, 10, 11):
        for _ in range(8):
            probabilities = make_map(rng, length)
            allowed = candidates(probabilities, threshold=threshold)
            best = max(accuracy(p, probabilities) for p in every(allowed) if is_nested(p))
            found = decode(probabilities, "A" * length, method="mea", threshold=threshold)
            pairs = [tuple(p) for p in found.pairs.tolist()]
            assert is_nested(pairs)
            assert accuracy(pairs, probabilities) == pytest.approx(best, abs=1e-12)


def test_mea_of_fourteen_residues(make_map) -> None:
    rng = np.random.default_rng(9)
    probabilities = make_map(rng, 14)
    allowed = candidates(probabilities, threshold=0.01)

    @cache
    def best(i: int, j: int) -> float:
        """Largest accuracy of residues i to j by the textbook recursion, top down."""
        if i > j:
            return 0.0
        values = [1 - probabilities[i].sum() + best(i + 1, j)]
        values += [
            2 * probabilities[i, k] + best(i + 1, k - 1) + best(k + 1, j)
            for k in range(i + 1, j + 1)
            if allowed[i, k] > 0
        ]
        return float(max(values))

    found = decode(probabilities, "A" * 14, method="mea", threshold=0.01)
    pairs = [tuple(p) for p in found.pairs.tolist()]
    assert accuracy(pairs, probabilities) == pytest.approx(best(0, 13))


def test_matching_is_the_heaviest_of_all(make_map) -> None:
    rng = np.random.default_rng(3)
    for length in (2, 6, 8, 10, 11):
        for _ in range(8):
            probabilities = make_map(rng, length)
            allowed = candidates(probabilities, threshold=0.01)
            best = max(sum(allowed[i, j] for i, j in p) for p in every(allowed))
            found = decode(probabilities, "A" * length, method="matching", threshold=0.01)
            assert sum(allowed[i, j] for i, j in found.pairs) == pytest.approx(best)


def test_greedy_follows_its_definition(make_map) -> None:
    rng = np.random.default_rng(4)
    for _ in range(50):
        probabilities = make_map(rng, 14)
        remaining = {
            (i, j): probabilities[i, j]
            for i in range(14)
            for j in range(i + 4, 14)
            if probabilities[i, j] >= 0.02
        }
        expected = []
        while remaining:
            best = max(remaining, key=remaining.__getitem__)
            expected.append(best)
            remaining = {p: v for p, v in remaining.items() if not set(p) & set(best)}
        found = decode(probabilities, "A" * 14, method="greedy", threshold=0.02)
        assert [tuple(p) for p in found.pairs.tolist()] == sorted(expected)


def test_a_pseudoknot_survives_matching_and_greedy_but_not_mea() -> None:
    probabilities = np.zeros((16, 16))
    for i, j in [(0, 9), (1, 8), (5, 15), (6, 14)]:
        probabilities[i, j] = probabilities[j, i] = 0.9
    for method, n in (("matching", 4), ("greedy", 4), ("mea", 2)):
        assert len(decode(probabilities, "A" * 16, method=method).pairs) == n


def test_canonical_only() -> None:
    probabilities = np.zeros((9, 9))
    for i, j in [(0, 8), (1, 7), (2, 6)]:
        probabilities[i, j] = probabilities[j, i] = 0.9
    found = decode(probabilities, "gGAAAAUaT", canonical=True)
    assert found.pairs.tolist() == [[0, 8], [2, 6]]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "best"}, "method must be one of mea, greedy, matching, got 'best'"),
        ({"threshold": 1.5}, "threshold must be in 0 to 1, got 1.5"),
    ],
)
def test_settings_are_checked(settings: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        decode(np.zeros((5, 5)), "ACGUA", **settings)


def test_a_codon_map_is_refused() -> None:
    with pytest.raises(InputError, match=r"shape \(2, 2\), the sequence 6"):
        decode(np.zeros((2, 2)), "AUGGCC")


@pytest.mark.parametrize("method", ["mea", "greedy", "matching"])
def test_no_loop_is_smaller_than_allowed(method: str) -> None:
    rng = np.random.default_rng(0)
    values = rng.random((14, 14))
    values = (values + values.T) / 2
    for smallest in (0, 2, 5):
        found = decode(values, "A" * 14, method=method, threshold=0.1, min_loop=smallest)  # type: ignore[arg-type]
        loops = found.pairs[:, 1] - found.pairs[:, 0] - 1
        assert loops.min() >= smallest
    with pytest.raises(InputError, match="min_loop must be 0 or more, got -1"):
        decode(values, "A" * 14, min_loop=-1)
