from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from rnaexplore.structure import Structure, pairs_from_dot_bracket, radial_layout
from rnaexplore.structure.layout import PAIR_WIDTH

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
        assert not cKDTree(xy).query_pairs(0.5), text


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
