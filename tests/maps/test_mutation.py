from __future__ import annotations

import numpy as np
import pytest

from rnaexplore.errors import InputError
from rnaexplore.maps import MutationMap

SEQUENCE = "ACGU"


def from_probabilities(p, sequence=SEQUENCE, **options):
    here = ["ACGU".index(c) for c in sequence]
    values = np.log(p) - np.log(p[range(len(p)), here])[:, None]
    return MutationMap(values, sequence, "toy", options.pop("method", "masked-marginal"), **options)


@pytest.fixture
def p():
    return np.random.default_rng(0).dirichlet(np.ones(4), 4)


def test_scores_give_the_distribution_back(p) -> None:
    result = from_probabilities(p)
    np.testing.assert_allclose(result.probabilities, p, atol=1e-6)
    np.testing.assert_allclose(result.entropy, -(p * np.log2(p)).sum(1), atol=1e-5)
    with pytest.raises(InputError, match="not one distribution"):
        _ = from_probabilities(p, method="mutant-marginal").entropy


def test_mean_is_over_the_three_substitutions(p) -> None:
    result = from_probabilities(p)
    expected = [np.delete(row, i).mean() for i, row in enumerate(result.values)]
    np.testing.assert_allclose(result.mean, expected, rtol=1e-5)


def test_table_has_every_substitution_once_and_no_reference(p) -> None:
    frame = from_probabilities(p).to_frame()
    assert len(frame) == 12
    assert (frame["reference"] != frame["alternative"]).all()
    row = frame.query("position == 2 and alternative == 'G'").iloc[0]
    assert row["score"] == pytest.approx(np.log(p[1, 2] / p[1, 1]), rel=1e-5)
    deletions = from_probabilities(p, deletions=np.arange(4)).to_frame()
    assert deletions.query("alternative == '-'")["score"].tolist() == [0, 1, 2, 3]


def test_ambiguous_residues_have_no_scores() -> None:
    values = np.zeros((3, 4))
    values[1] = np.nan
    result = MutationMap(values, "ANU", "toy", "masked-marginal")
    assert set(result.to_frame()["position"]) == {1, 3}
    assert np.isnan(result.entropy).tolist() == [False, True, False]
    assert np.isnan(result.mean).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("values", "sequence", "message"),
    [
        (np.zeros((3, 4)), "ACGU", "shape"),
        (np.zeros((0, 4)), "", "shape"),
        (np.full((4, 4), np.inf), "ACGU", "finite"),
        (np.ones((4, 4)), "ACGU", "must score 0"),
        (np.zeros((2, 4)), "AN", "NaN"),
    ],
)
def test_what_is_no_map_is_refused(values, sequence, message) -> None:
    with pytest.raises(InputError, match=message):
        MutationMap(values, sequence, "toy", "masked-marginal")


def test_deletions_are_checked(p) -> None:
    for deletions in (np.zeros(3), np.full(4, np.inf)):
        with pytest.raises(InputError, match="deletions"):
            from_probabilities(p, deletions=deletions)


def test_results_are_read_only(p) -> None:
    with pytest.raises(ValueError, match="read-only"):
        from_probabilities(p).values[0, 0] = 1
