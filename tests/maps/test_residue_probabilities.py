from __future__ import annotations

import numpy as np
import pytest

from rnaexplore.errors import InputError
from rnaexplore.maps import ResidueProbabilities

UNIFORM = [0.25] * 4


def made(values, sequence="ACGU", positions=None):
    places = range(len(values)) if positions is None else positions
    return ResidueProbabilities(np.array(values), np.array(places), sequence, "toy", "masked")


def test_entropy_perplexity_and_likelihood_of_certainty_and_of_ignorance() -> None:
    certain, ignorant = made(np.eye(4)), made([UNIFORM] * 4)
    np.testing.assert_allclose(certain.entropy, 0)
    np.testing.assert_allclose(ignorant.entropy, 2)
    assert certain.pseudo_log_likelihood == pytest.approx(0)
    assert ignorant.pseudo_log_likelihood == pytest.approx(-4 * np.log(4))
    assert (certain.pseudo_perplexity, ignorant.pseudo_perplexity) == pytest.approx((1, 4))


def test_an_impossible_residue_is_very_unlikely_and_stays_a_number() -> None:
    assert np.isfinite(made(np.eye(4), "CAGU").pseudo_log_likelihood)
    assert made(np.eye(4), "CAGU").pseudo_log_likelihood < -1000


def test_ambiguous_residues_are_not_scored() -> None:
    result = made([UNIFORM] * 4, "ANGU")
    assert np.isnan(result.own).tolist() == [False, True, False, False]
    assert result.pseudo_log_likelihood == pytest.approx(-3 * np.log(4))
    assert np.isnan(made([UNIFORM], "N").pseudo_perplexity)
    assert np.isnan(made([UNIFORM], "N").composition_perplexity)


def test_composition_is_the_perplexity_of_a_model_that_knows_it() -> None:
    sequence = "AAAC"
    values = [[0.75, 0.25, 0, 0]] * 4
    assert made(values, sequence).pseudo_perplexity == pytest.approx(
        made(values, sequence).composition_perplexity
    )
    assert made([UNIFORM] * 4).composition_perplexity == pytest.approx(4)


def test_table_counts_from_one() -> None:
    frame = made([UNIFORM, UNIFORM], "ACGU", [1, 3]).to_frame()
    assert list(frame.index) == [2, 4]
    assert list(frame["residue"]) == ["C", "U"]
    assert list(frame.columns) == ["residue", "A", "C", "G", "U", "own", "entropy"]


@pytest.mark.parametrize(
    ("values", "positions", "message"),
    [
        ([[0.5, 0.5]], [0], "shape"),
        ([UNIFORM], [0, 1], "shape"),
        ([UNIFORM], [4], r"positions must be in \[0, 3\]"),
        ([[0.5, 0.4, 0, 0]], [0], "summing to 1"),
        ([[1.5, -0.5, 0, 0]], [0], "not negative"),
        ([[np.nan] * 4], [0], "not negative"),
    ],
)
def test_what_is_no_probability_is_refused(values, positions, message) -> None:
    with pytest.raises(InputError, match=message):
        made(values, "ACGU", positions)


def test_results_are_read_only() -> None:
    result = made([UNIFORM] * 4)
    with pytest.raises(ValueError, match="read-only"):
        result.values[0, 0] = 1
