from __future__ import annotations

import numpy as np
import pytest

from rnaexplore.errors import InvalidStructureError
from rnaexplore.structure import (
    Structure,
    dot_bracket_from_pairs,
    pair_orders,
    pairs_from_dot_bracket,
    pairs_from_wuss,
)


def test_by_hand() -> None:
    assert pairs_from_dot_bracket("((..[[))..]]").tolist() == [[0, 7], [1, 6], [4, 11], [5, 10]]
    assert dot_bracket_from_pairs([[7, 0], [6, 1], [4, 11], [5, 10]], 12) == "((..[[))..]]"
    assert pairs_from_dot_bracket("").shape == (0, 2)


def test_wuss_brackets_nest_and_letters_cross() -> None:
    wuss = "::((((,<<<___>>>,AA,,<<<..>>>-))))aa:"
    pairs = pairs_from_wuss(wuss)
    expected = {(2, 33), (3, 32), (4, 31), (5, 30), (7, 15), (8, 14), (9, 13)}
    expected |= {(21, 28), (22, 27), (23, 26), (17, 35), (18, 34)}
    assert set(map(tuple, pairs.tolist())) == expected


def test_thousands_of_random_structures_come_back(make_pairs) -> None:
    rng = np.random.default_rng(0)
    for _ in range(3000):
        length = int(rng.integers(0, 40))
        pairs = make_pairs(rng, length)
        text = dot_bracket_from_pairs(pairs, length)
        assert len(text) == length
        back = pairs_from_dot_bracket(text)
        assert set(map(tuple, back.tolist())) == set(map(tuple, pairs.tolist()))


def test_pairs_of_one_order_never_cross(make_pairs) -> None:
    rng = np.random.default_rng(1)
    for _ in range(300):
        structure = Structure("A" * 30, make_pairs(rng, 30))
        for order in range(structure.orders.max(initial=0) + 1):
            pairs = structure.pairs[structure.orders == order]
            assert len(pairs) or not len(structure.pairs), "orders are used without gaps"
            assert not any(i < k < j < m for i, j in pairs for k, m in pairs)


def test_the_shorter_stem_of_a_pseudoknot_has_the_higher_order() -> None:
    pairs = pairs_from_dot_bracket("[[...(((((..]]...)))))")
    assert dot_bracket_from_pairs(pairs, 22) == "[[...(((((..]]...)))))"
    assert pair_orders(pairs).tolist() == [1, 1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("text", "position", "character"),
    [
        ("((.)", 1, r"\("),
        ("(.))", 4, r"\)"),
        ("([)]]", 5, r"\]"),
        ("((x))", 3, "x"),
        ("..*", 3, r"\*"),
    ],
)
def test_faults_are_named_with_their_position(text: str, position: int, character: str) -> None:
    with pytest.raises(InvalidStructureError, match=f"'{character}' at position {position}"):
        pairs_from_dot_bracket(text)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([[0, 5]], "reach from 0 to 5; allowed: 0 to 4"),
        ([[-1, 3]], "reach from -1 to 3"),
        ([[0, 3], [3, 4]], "position 4 occurs in two"),
        ([[2, 2]], "position 3 occurs in two"),
    ],
)
def test_impossible_pairs_are_refused(pairs: list[list[int]], message: str) -> None:
    with pytest.raises(InvalidStructureError, match=message):
        Structure("ACGUA", np.array(pairs))


def test_structure_knows_partners_and_compares_by_value() -> None:
    first = Structure.from_dot_bracket("GGAAACC", "((...))")
    second = Structure("GGAAACC", np.array([[5, 1], [6, 0]]))
    assert first == second
    assert hash(first) == hash(second)
    assert first != Structure.from_dot_bracket("GGAAACC", "(.....)")
    assert first.partners.tolist() == [6, 5, -1, -1, -1, 1, 0]
    assert first.dot_bracket == "((...))"
    with pytest.raises(InvalidStructureError, match=r"7 residues.*6 characters"):
        Structure.from_dot_bracket("GGAAACC", "((..))")
