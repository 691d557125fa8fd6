"""CouplingMap: what is refused, and the way to contacts."""

from __future__ import annotations

import numpy as np
import pytest

from rnaexplore.errors import InputError
from rnaexplore.maps import CouplingMap


def test_contacts_are_averaged_over_directions_and_scaled() -> None:
    scores = np.zeros((7, 7))
    scores[0, 6], scores[6, 0] = 3, 1
    scores[1, 5], scores[5, 1] = 1, 0
    scores[0, 5] = scores[5, 0] = -2
    scores[2, 4] = scores[4, 2] = 9  # too close to pair
    contacts = CouplingMap(scores, "GGAAACC", "dependency", "toy").contacts()
    expected = np.zeros((7, 7))
    expected[0, 6] = expected[6, 0] = 1
    expected[1, 5] = expected[5, 1] = 0.25
    np.testing.assert_allclose(contacts.values, expected)
    assert (contacts.method, contacts.model) == ("dependency", "toy")


def test_a_map_without_couplings_has_no_contacts() -> None:
    contacts = CouplingMap(np.zeros((5, 5)), "ACGUA", "jacobian", "toy").contacts()
    assert not contacts.values.any()


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (np.zeros((4, 5)), "shape"),
        (np.zeros((4, 4)), "has 4 residues, but the sequence has 5"),
        (np.full((5, 5), np.nan), "finite"),
        (np.eye(5), "0 on the diagonal"),
    ],
)
def test_maps_that_do_not_fit_are_refused(scores, message) -> None:
    with pytest.raises(InputError, match=message):
        CouplingMap(scores, "ACGUA", "jacobian", "toy")
