"""Arrays to the bytes that a view reads, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "binary",
    "checked_mask",
    "dequantise",
    "float32_bytes",
    "joined",
    "mask_bytes",
    "mask_from_bytes",
    "pooled",
    "quantise",
    "uint8_bytes",
    "uint16_bytes",
    "uint32_bytes",
]

LEVELS = 255  #: largest uint8
SEPARATOR = "\x00"


def binary() -> Any:
    """Return a trait that holds bytes and travels as a binary buffer in both directions."""
    return traitlets.Bytes(b"").tag(sync=True, from_json=lambda value, _: bytes(value))


def float32_bytes(values: ArrayLike) -> bytes:
    """Return little-endian float32 in C order."""
    return np.ascontiguousarray(values, dtype="<f4").tobytes()


def uint8_bytes(values: ArrayLike) -> bytes:
    """Return uint8 in C order."""
    return np.ascontiguousarray(values, dtype=np.uint8).tobytes()


def uint16_bytes(values: ArrayLike) -> bytes:
    """Return little-endian uint16 in C order."""
    return np.ascontiguousarray(values, dtype="<u2").tobytes()


def uint32_bytes(values: ArrayLike) -> bytes:
    """Return little-endian uint32 in C order."""
    return np.ascontiguousarray(values, dtype="<u4").tobytes()


def mask_bytes(positions: NDArray[np.int64], n: int) -> bytes:
    """Return positions among `n` as one bit each, lowest bit first; no bytes if there are none."""
    if not len(positions):
        return b""
    chosen = np.zeros(n, dtype=bool)
    chosen[positions] = True
    return np.packbits(chosen, bitorder="little").tobytes()


def mask_from_bytes(data: bytes, n: int) -> NDArray[np.bool_]:
    """Return what `mask_bytes` was given, as a mask of length `n`.

    Raises
    ------
    ValueError
        If there are bits for fewer or more than `n`.
    """
    if not data:
        return np.zeros(n, dtype=bool)
    bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8), bitorder="little")
    if len(data) != -(-n // 8) or bits[n:].any():
        msg = f"a mask of {n} needs {-(-n // 8)} bytes, and no bit beyond; got {len(data)} bytes"
        raise ValueError(msg)
    return bits[:n].astype(bool)


def checked_mask(data: bytes, n: int) -> bytes:
    """Return a mask that the view sends, as it is.

    Raises
    ------
    TraitError
        If it is none of length `n`.
    """
    try:
        mask_from_bytes(data, n)
    except ValueError as error:
        raise traitlets.TraitError(str(error)) from error
    return data


def joined(names: Iterable[str]) -> bytes:
    """Return strings as one UTF-8 buffer, separated by NUL."""
    return SEPARATOR.join(names).encode()


def quantise(values: NDArray[np.float32], top: float) -> NDArray[np.uint8]:
    """Return non-negative values as uint8 on a square-root scale.

    Parameters
    ----------
    values
        0 to `top`.
    top
        The value that becomes 255.

    Returns
    -------
    ndarray of uint8
        ``round(255 * sqrt(value / top))``: small weights, which most are, keep more levels than
        on a linear scale. The error of a value v is at most ``sqrt(v * top) / 255`` plus
        ``top / 255 ** 2 / 4``.
    """
    if top <= 0:
        return np.zeros(values.shape, dtype=np.uint8)
    scaled = np.sqrt(np.clip(values / top, 0, 1))
    levels: NDArray[np.uint8] = np.rint(scaled * LEVELS).astype(np.uint8)
    return levels


def dequantise(levels: NDArray[np.uint8], top: float) -> NDArray[np.float32]:
    """Return the values that `quantise` stands for, as the views compute them."""
    return (np.square(levels / LEVELS) * top).astype(np.float32)


def pooled(values: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Return maps shrunk to at most `size` a side, each cell the maximum of what it covers.

    Parameters
    ----------
    values
        Shape (..., L, L).
    size
        Largest side of the result.
    """
    n = values.shape[-1]
    if n <= size:
        return values
    edges = np.arange(size + 1) * n // size
    rows = np.empty((*values.shape[:-2], size, n), dtype=np.float32)
    for k in range(size):  # whole rows first: that is where the memory is
        np.max(values[..., edges[k] : edges[k + 1], :], axis=-2, out=rows[..., k, :])
    return np.maximum.reduceat(rows, edges[:-1], axis=-1)
