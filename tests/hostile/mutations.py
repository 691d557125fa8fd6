"""Ways to change a file: none of them knows what the file is."""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np

Mutation = Callable[[bytearray, np.random.Generator], bytes]

NUMBERS = [0, 1, 2**7, 2**8 - 1, 2**15, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1]
WORDS = [
    b"-1", b"0", b"99999999999999999999", b"1e400", b"nan", b"inf", b"\0", b"\r", b"\n\n", b">",
    b"[" * 5000, b"{" * 300, b'"""', b"\xff\xfe", b"\xed\xa0\x80", b"../", b"%s%n", b"\x1b[2J",
    b"\xe2\x80\xae", b"=1+1", b"#" * 200, b"A" * 3000, b" ", b"\t", b"(", b")", b"//", b"null",
    b"[]", b"\x80\x05", b")" + b"\x85" * 2000,
]  # fmt: skip


def place(data: bytearray, rng: np.random.Generator) -> int:
    return int(rng.integers(0, len(data) + 1))


def flip(data: bytearray, rng: np.random.Generator) -> bytes:
    for _ in range(int(rng.integers(1, 4))):
        if data:
            data[int(rng.integers(len(data)))] ^= 1 << int(rng.integers(8))
    return bytes(data)


def overwrite(data: bytearray, rng: np.random.Generator) -> bytes:
    at = place(data, rng)
    data[at : at + 8] = rng.bytes(int(rng.integers(1, 9)))
    return bytes(data)


def cut(data: bytearray, rng: np.random.Generator) -> bytes:
    return bytes(data[: place(data, rng)])


def remove(data: bytearray, rng: np.random.Generator) -> bytes:
    at = place(data, rng)
    del data[at : at + int(rng.integers(1, 40))]
    return bytes(data)


def repeat(data: bytearray, rng: np.random.Generator) -> bytes:
    at, n = place(data, rng), int(rng.integers(1, 200))
    return bytes(data[:at] + data[at : at + n] * int(rng.integers(2, 30)) + data[at:])


def swap(data: bytearray, rng: np.random.Generator) -> bytes:
    a, b = sorted((place(data, rng), place(data, rng)))
    n = int(rng.integers(1, 30))
    return bytes(data[:a] + data[b : b + n] + data[a + n : b] + data[a : a + n] + data[b + n :])


def zero(data: bytearray, rng: np.random.Generator) -> bytes:
    at = place(data, rng)
    n = min(len(data) - at, int(rng.integers(1, 512)))
    data[at : at + n] = bytes(n)
    return bytes(data)


def number(data: bytearray, rng: np.random.Generator) -> bytes:
    at = place(data, rng)
    value, kind = NUMBERS[int(rng.integers(len(NUMBERS)))], "<>"[int(rng.integers(2))]
    width = [1, 2, 4, 8][int(rng.integers(4))]
    whole = struct.pack(f"{kind}Q", value)
    data[at : at + width] = whole[:width] if kind == "<" else whole[-width:]
    return bytes(data)


def word(data: bytearray, rng: np.random.Generator) -> bytes:
    at, chosen = place(data, rng), WORDS[int(rng.integers(len(WORDS)))]
    return bytes(data[:at] + chosen + data[at + int(rng.integers(0, 3)) :])


MUTATIONS: list[Mutation] = [
    flip, overwrite, cut, remove, repeat, swap, zero, number, word, word, number,
]  # fmt: skip


def mutated(seeds: list[bytes], rng: np.random.Generator) -> bytes:
    """Return a seed, changed once to four times."""
    data = seeds[int(rng.integers(len(seeds)))]
    for _ in range(int(rng.integers(1, 5))):
        data = MUTATIONS[int(rng.integers(len(MUTATIONS)))](bytearray(data), rng)
    return data[:200_000]
