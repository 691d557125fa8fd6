"""Pickles that attack the reader: the files are made here, none is kept."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

DEEP = 300_000


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def whole(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def pickled(body: bytes, protocol: int = 2) -> bytes:
    return bytes([0x80, protocol]) + body + b"."


def numpy_dtype(code: str, state: bytes = b"") -> bytes:
    made = b"cnumpy\ndtype\n" + text(code) + b"\x89\x88\x87R"
    return made + (state + b"b" if state else b"")


def type_state(order: str = "<", *, size: int = -1, align: int = -1, flags: int = 0) -> bytes:
    head = b"(" + whole(3) + text(order) + b"NNN"
    return head + whole(size) + whole(align) + whole(flags) + b"t"


def named(value: bytes, name: str = "w") -> bytes:
    return b"}" + text(name) + value + b"s"


def array(kind: bytes, shape: tuple[int, ...], data: bytes) -> bytes:
    axes = b"(" + b"".join(map(whole, shape)) + b"t"
    begun = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R"
    body = b"B" + struct.pack("<I", len(data)) + data
    return begun + b"(" + whole(1) + axes + kind + b"\x89" + body + b"tb"


def pdparams() -> dict[str, bytes]:
    """Return hostile ``.pdparams`` files by what they try."""
    f4 = numpy_dtype("f4", type_state())
    pointer = b"(" + whole(1) + b"\x85" + numpy_dtype("O", type_state("|", size=8, flags=63))
    return {
        "an array made by its class": pickled(
            named(b"cnumpy\nndarray\n" + whole(4) + b"\x85" + f4 + b"\x86R")
        ),
        "an array of pointers": pickled(
            named(b"cnumpy\nndarray\n" + pointer + b"C\x08" + b"A" * 8 + b"tR")
        ),
        "flags of a type": pickled(
            named(array(numpy_dtype("V8", type_state("|", size=8, flags=63)), (1,), b"A" * 8))
        ),
        "flags of a number": pickled(
            named(array(numpy_dtype("f4", type_state(flags=63)), (1,), b"A" * 4))
        ),
        "a type within a type": pickled(named(array(numpy_dtype("(2,3)f4"), (1,), b"A" * 24))),
        "a long double": pickled(named(array(numpy_dtype("g"), (1,), b"A" * 16))),
        "the state of a function": pickled(
            named(b"cnumpy.core.multiarray\n_reconstruct\n}" + text("x") + b"K\x01sb")
        ),
        "the state of the type of arrays": pickled(named(b"cnumpy\nndarray\n}b")),
        "more numbers than bytes": pickled(named(array(f4, (2**31 - 1, 2**31 - 1), b"A" * 8))),
        "a shape below zero": pickled(named(array(f4, (-1, -2), b"A" * 8))),
        "an empty array of many axes": pickled(named(array(f4, (0,) * 60, b""))),
        "a deep name": pickled(b"})" + b"\x85" * DEEP + b"K\x01s"),
        "a deep list": pickled(named(b"]" * DEEP + b"a" * (DEEP - 1))),
        "a name that is its own": pickled(b"]q\x00h\x00a" + named(b"h\x00")),
        "a far place in the memo": pickled(b"K\x01r\xff\xff\xff\x7f"),
        "a long number": pickled(b"\x8b\xff\xff\xff\x7f" + b"1" * 10),
        "a longer text than there is": pickled(b"\x8d" + b"\xff" * 8 + b"a", 4),
        "doubled lists": pickled(named(b"]q\x00" + b"h\x00h\x00\x86q\x00" * 200)),
        "an ordered dictionary of itself": pickled(
            named(b"ccollections\nOrderedDict\n)R}" + text("x") + b"K\x01sb")
        ),
        "a stack that is empty": pickled(b"R"),
        "a place in the memo that is empty": pickled(b"h\x07"),
        "a mark that is missing": pickled(b"t"),
        "nothing": b"",
    }  # fmt: skip


def archive(content: Any, old: bytes = b"", new: bytes = b"", *, packed: bool = False) -> bytes:
    """Return what ``torch.save`` writes, with some bytes of its pickle replaced."""
    buffer, out = io.BytesIO(), io.BytesIO()
    torch.save(content, buffer)
    how = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(buffer) as whole_one, zipfile.ZipFile(out, "w", how) as made:
        for entry in whole_one.infolist():
            data = whole_one.read(entry)
            if entry.filename.endswith("data.pkl") and old:
                assert old in data
                data = data.replace(old, new)
            made.writestr(entry.filename, data)
    return out.getvalue()


def torch_files() -> Iterator[tuple[str, bytes]]:
    """Yield hostile files of ``torch.save`` with what they try."""
    w = torch.ones(200)
    deep = b")" + b"\x85" * DEEP
    key = b"X\x01\x00\x00\x00a"
    yield "a deep name, archive", archive({"a": w}, key, deep)
    old = io.BytesIO()
    torch.save({"a": w}, old, _use_new_zipfile_serialization=False)
    yield "a deep name, old format", old.getvalue().replace(key, deep)
    yield "a deep name, alone", pickled(b"}" + deep + b"K\x01s")
    yield "more numbers than bytes", archive({"a": w}, b"K\xc8", b"J" + struct.pack("<i", 10**9))
    yield "a compressed entry", archive({"a": torch.zeros(10**6)}, packed=True)
    yield "a sparse tensor", archive({"a": torch.eye(3).to_sparse(), "b": w})
    yield "a nested tensor", archive({"a": torch.nested.nested_tensor([w, w[:3]])})
    yield "a meta tensor", archive({"a": torch.ones(3, device="meta"), "b": w})
    yield "a quantized tensor", archive({"a": quantized(w), "b": w})
    yield "a number of 2,000 bits", archive({"a": 2**2000, "b": w})
    yield "a large bytearray", pickled(b"cbuiltins\nbytearray\n" + whole(2**31 - 1) + b"\x85R")
    yield "a tar archive", b"\x80" + b"\0" * 256 + b"ustar\x0000" + b"\0" * 1000


def quantized(values: torch.Tensor) -> torch.Tensor:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.quantize_per_tensor(values, 0.1, 0, torch.qint8)


def honest() -> dict[str, np.ndarray]:
    """Return arrays of every type that a ``.pdparams`` file may hold."""
    codes = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", ">f4"]
    rng = np.random.default_rng(0)
    made = {code: rng.integers(0, 2, (3, 4)).astype(code) for code in codes}
    made["transposed"] = made["f4"].T
    made["none"], made["one"] = np.empty((0, 3), "f4"), np.float32(2.5)
    return made


def every_protocol(content: object) -> list[bytes]:
    return [pickle.dumps(content, protocol=protocol) for protocol in (2, 3, 4, 5)]
