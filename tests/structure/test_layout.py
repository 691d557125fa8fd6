from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

import rnaexplore as rx
from rnaexplore.errors import MissingDependencyError
from rnaexplore.structure import (
    Structure,
    pair_orders,
    pairs_from_dot_bracket,
    radial_layout,
    vienna_layout,
)
from rnaexplore.structure.layout import CLEARANCE, PAIR_WIDTH

CLOVERLEAF = "(((((((..((((........)))).(((((.......))))).....(((((.......))))))))))))."


def test_unpaired_residues_lie_on_a_line() -> None:
    assert radial_layout([], 5).tolist() == [[float(k), 0.0] for k in range(5)]
    assert radial_layout([], 0).shape == (0, 2)


def test_stacked_pairs_are_a_ladder() -> None:
    pairs = pairs_from_dot_bracket("((((....))))")
    xy = radial_layout(pairs, 12)
    for i, j in pairs:
        assert np.linalg.norm(xy[i] - xy[j]) == pytest.approx(PAIR_WIDTH)
    assert np.linalg.norm(np.diff(xy[:4], axis=0), axis=1) == pytest.approx([1, 1, 1])
    loop = np.linalg.norm(np.diff(xy[3:9], axis=0), axis=1)
    assert loop == pytest.approx(np.ones(5))


def test_a_cloverleaf_has_no_overlap_and_pairs_of_equal_width() -> None:
    pairs = pairs_from_dot_bracket(CLOVERLEAF)
    xy = radial_layout(pairs, len(CLOVERLEAF))
    assert not cKDTree(xy).query_pairs(0.9)
    assert np.linalg.norm(xy[pairs[:, 0]] - xy[pairs[:, 1]], axis=1) == pytest.approx(PAIR_WIDTH)


def test_random_nested_structures_do_not_overlap() -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        text = _random_nested(rng, int(rng.integers(20, 160)))
        xy = radial_layout(pairs_from_dot_bracket(text), len(text))
        assert np.isfinite(xy).all()
        assert not cKDTree(xy).query_pairs(0.9), text


def _random_nested(rng: np.random.Generator, length: int) -> str:
    if length < 8:
        return "." * length
    stem = int(rng.integers(1, max(2, length // 6)))
    inner = length - 2 * stem
    if rng.random() < 0.4 and inner > 16:
        cut = int(rng.integers(6, inner - 6))
        middle = _random_nested(rng, cut) + _random_nested(rng, inner - cut)
    else:
        left = int(rng.integers(0, 4))
        middle = "." * left + _random_nested(rng, inner - left)
    return "(" * stem + middle + ")" * stem


def test_pseudoknots_do_not_move_residues() -> None:
    nested = Structure.from_dot_bracket("A" * 22, ".....(((((.......)))))")
    knotted = Structure.from_dot_bracket("A" * 22, "[[...(((((..]]...)))))")
    xy = radial_layout(nested.pairs, 22)
    assert np.array_equal(xy, radial_layout(knotted.pairs, 22))


def real_structures(every: int) -> list[Structure]:
    sample = rx.datasets.rfam_sample().obs
    known = sample[sample["structure"].str.contains("(", regex=False)][::every]
    return [
        Structure.from_dot_bracket(sequence, dots)
        for sequence, dots in zip(known["sequence"], known["structure"], strict=True)
    ]


def test_no_nucleotides_overlap_in_real_structures() -> None:
    known = real_structures(4)
    assert len(known) > 100
    for structure in known:
        xy = radial_layout(structure.pairs, len(structure))
        assert not cKDTree(xy).query_pairs(CLEARANCE), structure.dot_bracket
        nested = structure.pairs[pair_orders(structure.pairs) == 0]
        width = np.linalg.norm(xy[nested[:, 0]] - xy[nested[:, 1]], axis=1)
        assert width == pytest.approx(PAIR_WIDTH)
        steps = np.linalg.norm(np.diff(xy, axis=0), axis=1)
        assert steps.min() > 1 - 1e-6
        assert np.median(steps) < 1.3


def test_the_straight_arm_of_bulges() -> None:
    dots = "((.(((..(((....)))..)))))"
    xy = radial_layout(pairs_from_dot_bracket(dots), len(dots))
    opening = [k for k, bracket in enumerate(dots) if bracket == "("]
    assert xy[opening, 0] == pytest.approx(0)
    assert xy[2] == pytest.approx([-(3**0.5) / 2, 1.5])


def test_arms_do_not_cross() -> None:
    for structure in real_structures(25):
        xy = radial_layout(structure.pairs, len(structure))
        nested = structure.pairs[pair_orders(structure.pairs) == 0]
        first, last = xy[nested[:, 0]], xy[nested[:, 1]]
        for a in range(len(nested)):
            for b in range(a):
                assert not _intersect(first[a], last[a], first[b], last[b])


def _intersect(p: np.ndarray, q: np.ndarray, r: np.ndarray, s: np.ndarray) -> bool:
    def side(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    return side(p, q, r) * side(p, q, s) < 0 and side(r, s, p) * side(r, s, q) < 0


def test_viennas_layout_is_scaled_to_steps() -> None:
    pytest.importorskip("RNA")
    pairs = pairs_from_dot_bracket(CLOVERLEAF)
    xy = vienna_layout(pairs, len(CLOVERLEAF))
    assert xy.shape == (len(CLOVERLEAF), 2)
    assert np.median(np.linalg.norm(np.diff(xy, axis=0), axis=1)) == pytest.approx(1)
    assert np.linalg.norm(xy[pairs[:, 0]] - xy[pairs[:, 1]], axis=1).std() < 0.1
    assert vienna_layout([], 0).shape == (0, 2)
    assert vienna_layout([], 1).shape == (1, 2)


def test_viennas_layout_missing_names_the_extra(monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "RNA", None)
    with pytest.raises(MissingDependencyError, match=r"rnaexplore\[vienna\]"):
        vienna_layout([], 3)
