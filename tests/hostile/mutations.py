"""Ways to change a file: none of them knows what the file is."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import numpy as np

Mutation = Callable[[bytearray, np.random.Generator], bytes]

NUMBERS = [0, 1, 2**7, 2**8 - 1, 2**15, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1]
WORDS = [
    b"-1", b"0", b"99999999999999999999", b"1e400", b"nan", b"inf", b"\0", b"\r", b"\n\n", b">",
    b"[" * 5000, b"{" * 300, b'"""', b"\xff\xfe", b"\xed\xa0\x80", b"../", b"%s%n", b"\x1b[2J",
    b"\xe2\x80\xae", b"=1+1", b"#" * 200, b"A" * 3000, b" ", b"\t", b"(", b")", b"//", b"null",
    b"[]", b"\x80\x05", b")" + b"\x85" * 2000,
]  # fmt: skip


TOKENS = [
    b"-1", b"0", b"1", b"1.5", b"2147483648", b"9223372036854775808", b"1e308", b"-inf", b"NaN",
    b"1_000", b"0x10", b"\xd9\xa3", b"True", b"None", b"NA", b"..", b".", b"-", b"*", b"<DEL>",
    b"N", b"GNRA", b"''", b"a b",
    b"\xc3\x9f", b"\xf0\x9f\xa7\xac", b"c" * 300, b"9" * 5000, b"dG=1",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 0.5, -0.0, 1e308, float("nan"), float("inf"), 2**31, 2**63, 2**64,
    10**300, -(2**63), "", "x", "..", "/etc/passwd", "\x00", "\ud800", "a" * 5000, "<f8", "|O", "1",
    [], {}, [[]], [None], [1, "a"], {"a": 1}, [0] * 300, {"": {}}, [[[[[[[[]]]]]]]], ["x"] * 3,
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


def token(data: bytearray, rng: np.random.Generator) -> bytes:
    """Put another word in place of one: what is a column, a number or a name stays one thing."""
    words = list(re.finditer(rb"[^\s,;:=|\"'()\[\]{}<>/]+", data[:100_000]))
    if not words:
        return word(data, rng)
    old = words[int(rng.integers(len(words)))]
    among = [WORDS, TOKENS, [other[0] for other in words[:500]]][int(rng.integers(3))]
    return bytes(data[: old.start()] + among[int(rng.integers(len(among)))] + data[old.end() :])


def node(data: bytearray, rng: np.random.Generator) -> bytes:
    """Put another value in place of one of a JSON file, or take a name away or give it another."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return token(data, rng)
    places = list(_places(content))
    if not places:
        return token(data, rng)
    parent, key = places[int(rng.integers(len(places)))]
    how = rng.random()
    if how < 0.15:
        del parent[key]
    elif how < 0.3 and isinstance(parent, dict):
        name = str(VALUES[int(rng.integers(len(VALUES)))])[:50]
        parent[name] = parent.pop(key)
    else:
        parent[key] = deepcopy(VALUES[int(rng.integers(len(VALUES)))])
    return json.dumps(content).encode()


def _places(content: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each value of nested lists and dictionaries, by what holds it and where."""
    if not isinstance(content, dict | list):
        return
    for key, value in list(content.items() if isinstance(content, dict) else enumerate(content)):
        yield content, key
        yield from _places(value)


MUTATIONS: list[Mutation] = [
    flip, overwrite, cut, remove, repeat, swap, zero, number, word, word, number, token, token,
    token, node, node, node,
]  # fmt: skip


def mutated(seeds: list[bytes], rng: np.random.Generator) -> bytes:
    """Return a seed, changed once to four times, every second one once."""
    data = seeds[int(rng.integers(len(seeds)))]
    for _ in range(max(1, int(rng.integers(-2, 5)))):
        data = MUTATIONS[int(rng.integers(len(MUTATIONS)))](bytearray(data), rng)
    return data[:200_000]
