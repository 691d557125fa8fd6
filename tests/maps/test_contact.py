"""ContactMap: what is refused, and decoding through rnaexplore.structure."""

from __future__ import annotations

import numpy as np
import pytest

from rnaexplore.errors import CapabilityError, InputError
from rnaexplore.maps import ContactMap

HAIRPIN = "GGGAAAACCC"


def hairpin(*, probability: float = 0.9) -> np.ndarray:
    values = np.zeros((10, 10), dtype=np.float32)
    for i in range(3):
        values[i, 9 - i] = values[9 - i, i] = probability
    return values


@pytest.mark.parametrize("method", ["mea", "greedy", "matching"])
def test_decode_finds_the_hairpin(method) -> None:
    structure = ContactMap(hairpin(), HAIRPIN, "regression", "toy").decode(method)
    assert structure.dot_bracket == "(((....)))"
    assert structure.sequence == HAIRPIN


@pytest.mark.parametrize("method", ["mea", "greedy", "matching"])
def test_decode_leaves_what_is_below_the_threshold(method) -> None:
    contacts = ContactMap(hairpin(probability=0.8), HAIRPIN, "regression", "toy")
    assert contacts.decode(method, threshold=0.85).dot_bracket == "." * 10
    assert contacts.decode(method, threshold=0.75).dot_bracket == "(((....)))"


def test_decode_refuses_an_unknown_method_by_naming_the_known_ones() -> None:
    with pytest.raises(InputError, match="greedy"):
        ContactMap(hairpin(), HAIRPIN, "regression", "toy").decode("magic")  # type: ignore[arg-type]


def test_probabilities_are_float32_and_cannot_be_changed() -> None:
    contacts = ContactMap(hairpin().astype(float), HAIRPIN, "regression", "toy")
    assert contacts.probabilities.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        contacts.probabilities[0, 1] = 1


def broken(what: str) -> np.ndarray:
    values = hairpin()
    match what:
        case "rectangle":
            return values[:, :9]
        case "vector":
            return values[0]
        case "diagonal":
            values[4, 4] = 0.1
        case "asymmetric":
            values[0, 5] = 0.5
        case "above":
            values[0, 9] = values[9, 0] = 1.01
        case "below":
            values[0, 9] = values[9, 0] = -0.01
        case "nan":
            values[0, 9] = values[9, 0] = np.nan
    return values


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("rectangle", "shape"),
        ("vector", "shape"),
        ("diagonal", "diagonal"),
        ("asymmetric", "symmetric"),
        ("above", "0 to 1, got 1.01"),
        ("below", "0 to 1"),
        ("nan", "got nan at \\(0, 9\\)"),
    ],
)
def test_maps_that_are_no_contact_maps_are_refused(what: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ContactMap(broken(what), HAIRPIN, "heads", "toy")


def test_a_map_must_fit_its_sequence() -> None:
    with pytest.raises(InputError, match="10 residues, but the sequence has 9"):
        ContactMap(hairpin(), HAIRPIN[:-1], "heads", "toy")


def scores() -> ContactMap:
    """A hairpin among weaker scores, the best of them 1."""
    values = hairpin(probability=1.0)
    values[4, 8] = values[8, 4] = 0.9  # A and C
    values[3, 9] = values[9, 3] = 0.6
    return ContactMap(values, HAIRPIN, "heads", "toy", kind="score")


def test_scores_are_not_called_probabilities() -> None:
    found = scores()
    assert found.values.max() == 1
    assert "score of each pair" in repr(found)
    with pytest.raises(CapabilityError, match="holds scores, not probabilities"):
        _ = found.probabilities


def test_scores_are_cut_by_rank() -> None:
    assert scores().decode(pairs_per_residue=0.2).dot_bracket == "((......))"
    assert scores().decode(pairs_per_residue=0.3).dot_bracket == "(((....)))"
    assert scores().decode().dot_bracket == "(((....)))"


def test_what_needs_probabilities_is_refused_for_scores() -> None:
    with pytest.raises(InputError, match=r"threshold=0.5 is a probability.*pairs_per_residue="):
        scores().decode(threshold=0.5)
    with pytest.raises(InputError, match=r"'mea' needs probabilities.*nussinov, greedy"):
        scores().decode("mea")
    probable = ContactMap(hairpin(), HAIRPIN, "regression", "toy")
    assert probable.decode(pairs_per_residue=0.2).dot_bracket == "((......))"


def test_a_map_is_of_a_kind_that_there_is() -> None:
    with pytest.raises(InputError, match="kind must be one of probability, score, got 'odds'"):
        ContactMap(hairpin(), HAIRPIN, "heads", "toy", kind="odds")  # type: ignore[arg-type]
