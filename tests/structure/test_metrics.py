from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, matthews_corrcoef, precision_score, recall_score

from rnaexplore.errors import InputError
from rnaexplore.structure import Structure, precision_at, score


def flat(structure: Structure) -> np.ndarray:
    matrix = np.zeros((len(structure),) * 2, dtype=int)
    matrix[tuple(structure.pairs.T)] = 1
    return matrix[np.triu_indices(len(structure), 1)]


def test_equal_to_scikit_learn(make_pairs) -> None:
    rng = np.random.default_rng(0)
    for _ in range(100):
        reference = Structure("A" * 12, make_pairs(rng, 12))
        kept = reference.pairs[rng.random(len(reference.pairs)) < 0.7]
        used = set(kept.ravel().tolist())
        extra = [(i, j) for i, j in make_pairs(rng, 12) if not {int(i), int(j)} & used][:2]
        predicted = Structure(
            "A" * 12, np.array([*kept.tolist(), *extra], dtype=int).reshape(-1, 2)
        )
        if not len(reference.pairs) or not len(predicted.pairs):
            continue
        truth, guess = flat(reference), flat(predicted)
        got = score(predicted, reference)
        assert got["precision"] == pytest.approx(precision_score(truth, guess))
        assert got["recall"] == pytest.approx(recall_score(truth, guess))
        assert got["f1"] == pytest.approx(f1_score(truth, guess))
        assert got["mcc"] == pytest.approx(matthews_corrcoef(truth, guess))


def test_shifted_pairs_by_hand() -> None:
    reference = Structure("A" * 12, np.array([[0, 11], [1, 10], [2, 9]]))
    predicted = Structure("A" * 12, np.array([[0, 11], [1, 9], [4, 8]]))
    got = score(predicted, reference)
    assert got["precision"] == pytest.approx(1 / 3)
    assert got["precision_shifted"] == pytest.approx(2 / 3)  # (1, 9) beside (1, 10) and (2, 9)
    assert got["recall_shifted"] == pytest.approx(1.0)


def test_moving_both_partners_is_not_a_shift() -> None:
    reference = Structure("A" * 12, np.array([[2, 9]]))
    assert score(Structure("A" * 12, np.array([[1, 8]])), reference)["f1_shifted"] == 0
    assert score(Structure("A" * 12, np.array([[3, 9]])), reference)["f1_shifted"] == 1


def test_empty_structures() -> None:
    empty, some = Structure("A" * 8, np.empty((0, 2))), Structure("A" * 8, np.array([[0, 7]]))
    assert score(empty, empty)["f1"] == score(empty, empty)["mcc"] == 1
    assert score(empty, some)["f1"] == score(some, empty)["f1"] == 0


def test_lengths_must_agree() -> None:
    with pytest.raises(InputError, match="8 residues, the reference 9"):
        score(Structure("A" * 8, np.empty((0, 2))), Structure("A" * 9, np.empty((0, 2))))


def test_precision_at_ranks_separated_pairs_only() -> None:
    reference = Structure("A" * 10, np.array([[0, 9], [1, 8]]))
    scores = np.zeros((10, 10))
    scores[0, 1] = 9.0  # too close to be ranked
    scores[0, 9], scores[2, 7], scores[1, 8] = 3.0, 2.0, 1.0
    scores = scores + scores.T
    assert precision_at(scores, reference, 1) == 1
    assert precision_at(scores, reference, 2) == 0.5
    assert precision_at(scores, reference, 3) == pytest.approx(2 / 3)
    assert precision_at(scores, reference, 0) == 0
