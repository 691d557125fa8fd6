"""ContactMap: what is refused, and decoding through rnaexplore.structure."""

from __future__ import annotations

import numpy as np
import pytest

from rnaexplore.errors import InputError
from rnaexplore.maps import ContactMap

HAIRPIN = "GGGAAAACCC"


def hairpin(*, probability: float = 0.9) -> np.ndarray:
    values = np.zeros((10, 10), dtype=np.float32)
    for i in range(3):
        values[i, 9 - i] = values[9 - i, i] = probability
    return values


@pytest.mark.parametrize("method", ["mea", "greedy", "matching"])
def test_decode_finds_the_hairpin(method) -> None:
    structure = ContactMap(hairpin(), HAIRPIN, "heads", "toy").decode(method)
    assert structure.dot_bracket == "(((....)))"
    assert structure.sequence == HAIRPIN


@pytest.mark.parametrize("method", ["mea", "greedy", "matching"])
def test_decode_leaves_what_is_below_the_threshold(method) -> None:
    contacts = ContactMap(hairpin(probability=0.8), HAIRPIN, "heads", "toy")
    assert contacts.decode(method, threshold=0.85).dot_bracket == "." * 10
    assert contacts.decode(method, threshold=0.75).dot_bracket == "(((....)))"


def test_decode_refuses_an_unknown_method_by_naming_the_known_ones() -> None:
    with pytest.raises(InputError, match="greedy"):
        ContactMap(hairpin(), HAIRPIN, "heads", "toy").decode("magic")  # type: ignore[arg-type]


def test_probabilities_are_float32_and_cannot_be_changed() -> None:
    contacts = ContactMap(hairpin().astype(float), HAIRPIN, "heads", "toy")
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
