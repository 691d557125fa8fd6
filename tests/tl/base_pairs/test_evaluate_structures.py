"""Scores of predicted structures, by family."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, matthews_corrcoef

import rnaexplore as rx
from rnaexplore.errors import InputError, InvalidStructureError, MissingKeyError
from rnaexplore.structure import Structure, pairs_from_dot_bracket, score

KNOWN = ["((((....))))", "((......))..", ".((....))...", "............"]
GUESS = ["((((....))))", ".((....))...", ".((....))...", "((........))"]


@pytest.fixture
def folded():
    table = pd.DataFrame(
        {
            "sequence": ["GGGGAAAACCCC"] * 4,
            "structure": KNOWN,
            "structure_a": GUESS,
            "structure_b": [""] * 4,
            "family": ["x", "x", "y", "y"],
        },
        index=list("abcd"),
    )
    return rx.from_sequences(table)


def flat(dots: str) -> np.ndarray:
    matrix = np.zeros((12, 12), dtype=int)
    matrix[tuple(pairs_from_dot_bracket(dots).T)] = 1
    return matrix[np.triu_indices(12, 1)]


def test_means_are_those_of_scikit_learn(folded) -> None:
    table = rx.tl.evaluate_structures(folded, "structure_a")
    f1 = [f1_score(flat(k), flat(g)) for k, g in zip(KNOWN[:3], GUESS[:3], strict=True)]
    mcc = [matthews_corrcoef(flat(k), flat(g)) for k, g in zip(KNOWN[:3], GUESS[:3], strict=True)]
    row = table.loc[("structure_a", "all RNAs")]
    assert row["f1"] == pytest.approx(np.mean(f1))
    assert row["mcc"] == pytest.approx(np.mean(mcc))
    assert row["n"] == 3  # the RNA without a known pair is left out


def test_families_count_once_each(folded) -> None:
    table = rx.tl.evaluate_structures(folded, ["structure_a", "structure_b"], by="family")
    assert table.index.names == ["predicted", "group"]
    own = table.loc["structure_a"]
    assert own.index[:4].tolist() == ["x", "y", "mean of families", "all RNAs"]
    assert own["n"].tolist()[:4] == [2, 1, 3, 3]
    assert own.loc["mean of families", "f1"] == pytest.approx((own.f1["x"] + own.f1["y"]) / 2)
    pair = [Structure.from_dot_bracket("A" * 12, dots) for dots in (GUESS[1], KNOWN[1])]
    assert own.f1_shifted["x"] == pytest.approx((1 + score(*pair)["f1_shifted"]) / 2)
    assert (table.loc["structure_b", "f1"] == 0).all()


def test_rnas_of_each_kind_stand_apart(folded) -> None:
    folded.obs["seen"] = [True, False, False, False]
    table = rx.tl.evaluate_structures(folded, "structure_a", seen="seen").loc["structure_a"]
    kinds = {"shape: hairpins", "length: below 50", "canonical reference pairs"}
    assert kinds <= set(table.index)
    assert table.loc["relatives in training: yes", "n"] == 1
    assert table.loc["relatives in training: no", "n"] == 2
    assert table.loc["relatives in training: yes", "f1"] == 1
    row = table.loc["all RNAs"]
    assert row["f1_low"] <= row["f1"] <= row["f1_high"]
    assert row["n_families"] == 2  # x and y are resampled, not three RNAs


def test_two_predictions_are_compared_rna_by_rna(folded) -> None:
    table = rx.tl.compare_structures(folded, "structure_a", "structure_b", by="family")
    own = rx.tl.evaluate_structures(folded, "structure_a", by="family").loc["structure_a"]
    for group in ("all RNAs", "mean of families", "x", "shape: hairpins"):
        assert table.loc[group, "f1"] == pytest.approx(own.loc[group, "f1"])  # b is always 0
    assert table.loc["all RNAs", "f1_low"] > 0
    same = rx.tl.compare_structures(folded, "structure_a", "structure_a")
    assert same.loc["all RNAs", ["f1", "f1_low", "f1_high"]].tolist() == [0, 0, 0]


def test_what_is_missing_is_named(folded) -> None:
    with pytest.raises(MissingKeyError, match=r"rx\.tl\.fold"):
        rx.tl.evaluate_structures(folded, "structure_c")
    with pytest.raises(MissingKeyError, match="Pass by="):
        rx.tl.evaluate_structures(folded, "structure_a", by="clan")
    with pytest.raises(InputError, match="no RNA has a base pair in obs"):
        rx.tl.evaluate_structures(folded, "structure_a", reference="structure_b")
    with pytest.raises(MissingKeyError, match="'seeen'"):
        rx.tl.evaluate_structures(folded, "structure_a", seen="seeen")
    with pytest.raises(InputError, match="must hold booleans"):
        rx.tl.evaluate_structures(folded, "structure_a", seen="family")
    folded.obs["family"] = ["x", "", "y", "y"]
    with pytest.raises(InputError, match="1 RNAs have no 'family'"):
        rx.tl.evaluate_structures(folded, "structure_a", by="family")
    folded.obs["structure_a"] = ["(((..."] * 4
    with pytest.raises(InvalidStructureError, match="12 residues"):
        rx.tl.evaluate_structures(folded, "structure_a")
