"""The mathematics of windows: coverage, weights, and stitching against brute force."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnaexplore.errors import InputError
from rnaexplore.models.inference import windows


@st.composite
def settings(draw):
    window = draw(st.integers(1, 40))
    return draw(st.integers(1, 300)), window, draw(st.integers(0, window - 1))


@given(settings())
def test_spans_cover_and_overlap(case):
    length, window, overlap = case
    places = windows.spans(length, window, overlap)
    assert places[0][0] == 0
    assert places[-1][1] == length
    assert all(stop - start == min(window, length) for start, stop in places)
    assert all(a[1] - b[0] >= overlap for a, b in pairwise(places))
    assert len(set(places)) == len(places)


@given(settings())
def test_spans_are_no_more_than_needed(case):
    length, window, overlap = case
    n = len(windows.spans(length, window, overlap))
    assert n == 1 or overlap + (n - 1) * (window - overlap) < length


@given(settings())
def test_weights_are_a_partition_of_unity(case):
    length, window, overlap = case
    places = windows.spans(length, window, overlap)
    total = np.zeros(length)
    for weight, (start, stop) in zip(windows.weights(places, length), places, strict=True):
        assert (weight > 0).all()
        total[start:stop] += weight
    np.testing.assert_allclose(total, 1, rtol=1e-6)


def test_weights_fall_towards_a_cut_and_not_towards_the_end_of_the_sequence():
    places = windows.spans(20, 12, 4)
    first, last = windows.weights(places, 20)
    assert (first[:8] == 1).all()
    assert (np.diff(first[8:]) < 0).all()
    assert (np.diff(last[:4]) > 0).all()
    assert (last[4:] == 1).all()


def brute_stitch(parts, places, length):
    """One residue at a time: distance to the nearest cut on either side, at least 1, as weight."""
    out = np.zeros((length, parts[0].shape[-1]))
    for i in range(length):
        value, total = 0.0, 0.0
        for part, (start, stop) in zip(parts, places, strict=True):
            if start <= i < stop:
                to_cuts = [stop - start]
                if start > 0:
                    to_cuts.append(i - start + 1)
                if stop < length:
                    to_cuts.append(stop - i)
                value, total = value + min(to_cuts) * part[i - start], total + min(to_cuts)
        out[i] = value / total
    return out


@given(settings(), st.integers(0, 2**32 - 1))
def test_stitch_equals_brute_force(case, seed):
    length, window, overlap = case
    places = windows.spans(length, window, overlap)
    rng = np.random.default_rng(seed)
    parts = [rng.normal(size=(stop - start, 3)).astype(np.float32) for start, stop in places]
    expected = brute_stitch(parts, places, length)
    np.testing.assert_allclose(windows.stitch(parts, places, length), expected, atol=1e-5)


@given(settings())
def test_stitching_a_cut_array_gives_it_back(case):
    length, window, overlap = case
    whole = np.arange(2 * length * 3, dtype=np.float32).reshape(2, length, 3)
    places = windows.spans(length, window, overlap)
    parts = [whole[:, start:stop] for start, stop in places]
    np.testing.assert_allclose(windows.stitch(parts, places, length), whole, rtol=1e-5)


@pytest.mark.parametrize(("window", "overlap"), [(0, 0), (-3, 0), (10, 10), (10, -1)])
def test_impossible_windows_are_refused(window, overlap):
    with pytest.raises(InputError, match="overlap in"):
        windows.spans(30, window, overlap)


def test_a_gap_is_refused():
    parts = [np.ones((4, 1), dtype=np.float32)] * 2
    with pytest.raises(InputError, match="do not cover"):
        windows.stitch(parts, [(0, 4), (5, 9)], 9)


@given(settings(), st.integers(0, 2**32 - 1))
def test_joining_the_windows_of_a_map_gives_it_back_where_both_residues_are_in_one(case, seed):
    length, window, overlap = case
    places = windows.spans(length, window, overlap)
    whole = np.random.default_rng(seed).random((length, length)).astype(np.float32)
    parts = [whole[start:stop, start:stop] for start, stop in places]
    joined = windows.join_pairs(parts, places, length)
    i, j = np.triu_indices(length)
    held = np.any([(start <= i) & (j < stop) for start, stop in places], axis=0)
    assert (held | (j - i > overlap)).all()
    np.testing.assert_allclose(joined[i, j], np.where(held, whole[i, j], 0), atol=1e-6)
    np.testing.assert_allclose(joined[j, i], np.where(held, whole[j, i], 0), atol=1e-6)
