from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from rnaexplore.errors import InputError
from rnaexplore.structure import CANONICAL, decode
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
    for length in (*range(1, 12), 12, 13, 14):
        for _ in range(8 if length < 12 else 2):
            probabilities = make_map(rng, length)
            allowed = candidates(probabilities, threshold=threshold)
            best = max(accuracy(p, probabilities) for p in every(allowed) if is_nested(p))
            found = decode(
                probabilities, "A" * length, method="mea", threshold=threshold, canonical=False
            )
            pairs = [tuple(p) for p in found.pairs.tolist()]
            assert is_nested(pairs)
            assert accuracy(pairs, probabilities) == pytest.approx(best, abs=1e-12)


def test_nussinov_has_the_largest_sum_of_all_nested_structures(make_map) -> None:
    rng = np.random.default_rng(5)
    for length in range(1, 15):
        for _ in range(8 if length < 12 else 2):
            probabilities = make_map(rng, length)
            allowed = candidates(probabilities, threshold=0.01)
            best = max(sum(allowed[i, j] for i, j in p) for p in every(allowed) if is_nested(p))
            found = decode(
                probabilities, "A" * length, method="nussinov", threshold=0.01, canonical=False
            )
            assert is_nested([tuple(p) for p in found.pairs.tolist()])
            assert sum(allowed[i, j] for i, j in found.pairs) == pytest.approx(best)


def test_threshold_keeps_the_pairs_that_are_best_for_both(make_map) -> None:
    rng = np.random.default_rng(6)
    for length in range(1, 15):
        for _ in range(20):
            probabilities = make_map(rng, length)
            found = decode(
                probabilities, "A" * length, method="threshold", threshold=0.03, canonical=False
            )
            allowed = candidates(probabilities, threshold=0.03)
            expected = [
                (i, j)
                for i in range(length)
                for j in range(i + 4, length)
                if allowed[i, j] > 0
                and allowed[i, j] == max(*allowed[i], *allowed[:, i])
                and allowed[i, j] == max(*allowed[j], *allowed[:, j])
            ]
            assert [tuple(p) for p in found.pairs.tolist()] == expected


def test_a_thousand_nucleotides_take_at_most_a_second(make_map) -> None:
    rng = np.random.default_rng(7)
    sequence = "".join(rng.choice(list("ACGU"), 1000))
    probabilities = make_map(rng, 1000)  # every pair has a chance: harder than any real map
    for k in range(300):
        probabilities[k, 999 - k] = probabilities[999 - k, k] = 0.5 + rng.random() / 2
    for method in ("mea", "nussinov"):
        start = time.process_time()
        found = decode(probabilities, sequence, method=method, threshold=0.0, canonical=False)
        assert time.process_time() - start <= 5  # residues cubed in Python would take minutes
        assert len(found.pairs) >= 300


def test_matching_is_the_heaviest_of_all(make_map) -> None:
    rng = np.random.default_rng(3)
    for length in range(2, 15):
        for _ in range(8 if length < 12 else 2):
            probabilities = make_map(rng, length)
            allowed = candidates(probabilities, threshold=0.01)
            best = max(sum(allowed[i, j] for i, j in p) for p in every(allowed))
            found = decode(
                probabilities, "A" * length, method="matching", threshold=0.01, canonical=False
            )
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
        found = decode(probabilities, "A" * 14, method="greedy", threshold=0.02, canonical=False)
        assert [tuple(p) for p in found.pairs.tolist()] == sorted(expected)


def test_a_pseudoknot_survives_matching_and_greedy_but_not_mea() -> None:
    probabilities = np.zeros((16, 16))
    for i, j in [(0, 9), (1, 8), (5, 15), (6, 14)]:
        probabilities[i, j] = probabilities[j, i] = 0.9
    for method, n in (("matching", 4), ("greedy", 4), ("mea", 2)):
        assert len(decode(probabilities, "A" * 16, method=method, canonical=False).pairs) == n


def test_canonical_only() -> None:
    probabilities = np.zeros((9, 9))
    for i, j in [(0, 8), (1, 7), (2, 6)]:
        probabilities[i, j] = probabilities[j, i] = 0.9
    found = decode(probabilities, "gGAAAAUaT", canonical=True)
    assert found.pairs.tolist() == [[0, 8], [2, 6]]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"method": "best"},
            "method must be one of mea, nussinov, greedy, matching, threshold, got 'best'",
        ),
        ({"threshold": 1.5}, "threshold must be in 0 to 1, got 1.5"),
        ({"pairs_per_residue": 0.0}, "pairs_per_residue must be above 0, got 0.0"),
        ({"threshold": 0.5, "pairs_per_residue": 1.0}, "two ways to choose pairs"),
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
        found = decode(
            values, "A" * 14, method=method, threshold=0.1, min_loop=smallest, canonical=False
        )  # type: ignore[arg-type]
        loops = found.pairs[:, 1] - found.pairs[:, 0] - 1
        assert loops.min() >= smallest
    with pytest.raises(InputError, match="min_loop must be 0 or more, got -1"):
        decode(values, "A" * 14, min_loop=-1, canonical=False)


@pytest.mark.parametrize("method", ["nussinov", "greedy", "matching"])
def test_a_threshold_by_rank_keeps_the_best_of_the_pairs_that_are_allowed(make_map, method) -> None:
    rng = np.random.default_rng(8)
    for share in (0.1, 0.4, 0.9):
        probabilities = make_map(rng, 20)
        sequence = "".join(rng.choice(list("ACGU"), 20))
        ranked = sorted(
            (
                (i, j)
                for i in range(20)
                for j in range(i + 4, 20)
                if sequence[i] + sequence[j] in CANONICAL
            ),
            key=lambda pair: -probabilities[pair],
        )
        kept = np.zeros((20, 20))
        for i, j in ranked[: int(share * 20)]:
            kept[i, j] = kept[j, i] = probabilities[i, j]
        found = decode(probabilities, sequence, method=method, pairs_per_residue=share)
        expected = decode(kept, sequence, method=method, threshold=0.0)
        assert found == expected
        assert len(found.pairs) > 0


def test_a_threshold_by_rank_does_not_depend_on_the_scale(make_map) -> None:
    scores = make_map(np.random.default_rng(9), 30)
    sequence = "".join(np.random.default_rng(9).choice(list("ACGU"), 30))
    first = decode(scores, sequence, pairs_per_residue=0.5)
    assert first == decode(scores * 1e-4, sequence, pairs_per_residue=0.5)
    assert first != decode(scores * 1e-4, sequence)  # by value nothing reaches the threshold
