"""Long sequences in overlapping windows: where they lie, and how their results are joined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.models.alphabet import Alphabet

__all__ = ["cut", "default_overlap", "join_pairs", "spans", "stitch", "weights"]

Array = NDArray[np.float32]


def default_overlap(window: int) -> int:
    """Return the overlap used when none is given: half a window."""
    return window // 2


def spans(length: int, window: int, overlap: int) -> list[tuple[int, int]]:
    """Return the windows that cover a sequence.

    Windows have equal size and lie as evenly as integers allow, so none is a short rest.

    Parameters
    ----------
    length
        Residues of the sequence, at least 1.
    window
        Residues a window, at least 1.
    overlap
        Least number of residues that neighbouring windows share, 0 to ``window - 1``.

    Returns
    -------
    list of (start, stop)
        Half-open, in order, from 0 to `length`; one window if the sequence fits into it.

    Raises
    ------
    InputError
        If `window` or `overlap` is not allowed.
    """
    if window < 1 or not 0 <= overlap < window:
        msg = (
            "window must be at least 1 and overlap in [0, window - 1], "
            f"got window={window}, overlap={overlap}"
        )
        raise InputError(msg)
    if length <= window:
        return [(0, length)]
    n = -(-(length - overlap) // (window - overlap))
    starts = np.linspace(0, length - window, n).astype(int).tolist()
    return [(start, start + window) for start in starts]


def cut(
    alphabet: Alphabet, sequence: str, *, window: int | None, overlap: int | None
) -> list[tuple[int, int]]:
    """Return the windows in which a model reads a sequence: one if none is asked for.

    Parameters
    ----------
    alphabet
        The model's vocabulary.
    sequence
        One RNA.
    window, overlap
        Residues a window, and the least that neighbours share; half a window by default.
    """
    n = alphabet.n_residues(sequence)
    size = n if window is None else window
    return spans(n, size, default_overlap(size) if overlap is None else overlap)


def weights(places: Sequence[tuple[int, int]], length: int) -> list[Array]:
    """Return the weight of each residue in each window, summing to 1 over the windows.

    Where windows overlap, a residue counts the more the further it lies from an edge that the
    window cut into the sequence: a residue beside a cut saw the least of its neighbourhood. The
    ends of the sequence itself are no cuts.

    Parameters
    ----------
    places
        Windows from `spans`.
    length
        Residues of the sequence.

    Returns
    -------
    list of ndarray of float32, shape (window,)
    """
    raw = [_raw(start, stop, length) for start, stop in places]
    total = np.zeros(length)
    for (start, stop), weight in zip(places, raw, strict=True):
        total[start:stop] += weight
    return [
        (weight / total[start:stop]).astype(np.float32)
        for (start, stop), weight in zip(places, raw, strict=True)
    ]


def _raw(start: int, stop: int, length: int) -> NDArray[np.float64]:
    position = np.arange(stop - start, dtype=np.float64)
    left = position + 1 if start > 0 else np.full(stop - start, np.inf)
    right = position[::-1] + 1 if stop < length else np.full(stop - start, np.inf)
    nearest: NDArray[np.float64] = np.minimum(np.minimum(left, right), float(stop - start))
    return nearest


def stitch(parts: Sequence[Array], places: Sequence[tuple[int, int]], length: int) -> Array:
    """Return per-residue values of a sequence from those of its windows.

    Parameters
    ----------
    parts
        One array a window, shape (..., window, dim).
    places
        Windows from `spans`.
    length
        Residues of the sequence.

    Returns
    -------
    ndarray of float32, shape (..., length, dim)
        Weighted average (`weights`) where windows overlap.

    Raises
    ------
    InputError
        If the windows leave a gap.
    """
    if places[0][0] > 0 or places[-1][1] < length or any(b[0] > a[1] for a, b in pairwise(places)):
        msg = f"the windows {list(places)} do not cover {length} residues"
        raise InputError(msg)
    shape = (*parts[0].shape[:-2], length, parts[0].shape[-1])
    result = np.zeros(shape, dtype=np.float32)
    for part, (start, stop), weight in zip(parts, places, weights(places, length), strict=True):
        result[..., start:stop, :] += part * weight[:, None]
    return result


def join_pairs(parts: Iterable[Array], places: Sequence[tuple[int, int]], length: int) -> Array:
    """Return the values of all pairs of residues of a sequence from those of its windows.

    A pair has the average of the windows that hold both residues, each weighted by the product of
    the two residues' weights in that window before they are normalized (as in `weights`). A pair
    that no window holds has 0. Two residues at most the overlap of the windows apart always share
    one; two that are a window or more apart never do.

    Parameters
    ----------
    parts
        One array per window, shape (window, window); read one after the other.
    places
        Windows from `spans`.
    length
        Residues of the sequence.

    Returns
    -------
    ndarray of float32, shape (length, length)
        Symmetric where the parts are. While it is made, 16 bytes per pair of residues are needed.
    """
    total, shares = np.zeros((length, length)), np.zeros((length, length))
    for part, (start, stop) in zip(parts, places, strict=True):
        weight = _raw(start, stop, length)
        share = np.multiply.outer(weight, weight)
        total[start:stop, start:stop] += share * part
        shares[start:stop, start:stop] += share
    np.divide(total, shares, out=total, where=shares > 0)
    return total.astype(np.float32)
