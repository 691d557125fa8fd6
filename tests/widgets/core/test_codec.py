"""Bytes that travel, and the scale that weights are stored on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnaexplore.widgets.core import codec


@given(st.lists(st.floats(0, 1, width=32), min_size=1), st.floats(0.001953125, 1, width=32))
def test_quantised_weights_are_off_by_no_more_than_documented(weights, top):
    values = np.asarray(weights, dtype=np.float32) * np.float32(top)
    back = codec.dequantise(codec.quantise(values, top), top)
    bound = np.sqrt(values * top) / 255 + top / 255**2 / 4
    assert (np.abs(back - values) <= bound + 1e-6).all()


def test_quantise_keeps_the_ends():
    levels = codec.quantise(np.array([0, 0.25, 1], dtype=np.float32), 1.0)
    assert levels.tolist() == [0, 128, 255]
    assert codec.quantise(np.zeros(3, dtype=np.float32), 0.0).tolist() == [0, 0, 0]


@pytest.mark.parametrize(("n", "size"), [(5, 24), (24, 24), (25, 24), (100, 24), (7, 2)])
def test_pooling_keeps_the_largest_of_each_cell(n, size):
    values = np.random.default_rng(n).random((2, n, n), dtype=np.float32)
    small = codec.pooled(values, size)
    assert small.shape == (2, min(n, size), min(n, size))
    np.testing.assert_array_equal(small.max(axis=(1, 2)), values.max(axis=(1, 2)))
    assert np.isin(small, values).all()


@given(st.integers(1, 70).flatmap(lambda n: st.lists(st.booleans(), min_size=n, max_size=n)))
def test_masks_round_trip(chosen):
    mask = np.array(chosen)
    data = codec.mask_bytes(np.flatnonzero(mask), len(mask))
    assert len(data) in {0, -(-len(mask) // 8)}
    assert codec.mask_from_bytes(data, len(mask)).tolist() == chosen


@pytest.mark.parametrize("data", [b"\x01", b"\x01\x02", b"\x01" * 3])
def test_masks_of_another_length_are_refused(data):
    with pytest.raises(ValueError, match="a mask of 9"):
        codec.mask_from_bytes(data, 9)
