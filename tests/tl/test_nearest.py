"""The nearest relative of each sequence."""

from __future__ import annotations

import numpy as np

from rnaexplore.tl._nearest import nearest_relatives
from tests.tl.test_identity import edit_distance, relatives


def test_the_nearest_relative_is_that_of_all_pairs() -> None:
    sequences = relatives(np.random.default_rng(2), 10, 3, 0.2, [30, 45])
    some, others = sequences[:12], sequences[12:]
    which, identity = nearest_relatives(some, others)
    for sequence, k, value in zip(some, which, identity, strict=True):
        found = [1 - edit_distance(sequence, x) / max(len(sequence), len(x)) for x in others]
        assert found[k] == max(found)
        np.testing.assert_allclose(value, max(found), atol=1e-6)
