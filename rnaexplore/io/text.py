"""Text files, compressed or not: reading with errors that teach, and writing."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path
from typing import BinaryIO, cast

from rnaexplore.errors import InputError

__all__ = [
    "digest", "format_suffix", "lines_of", "opened", "read_text", "unpacks_to_more", "write_text",
]  # fmt: skip

_GZIP = b"\x1f\x8b"
_PIECE = 1 << 20  #: bytes read at a time


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a file, decompressed if it starts as gzip does.

    The text is read as UTF-8 or, where it is not, as Latin-1, in which Rfam writes.

    Raises
    ------
    InputError
        If the file is a damaged gzip file, or not text.
    """
    with opened(path) as file:
        data = file.read()
    if b"\0" in data:
        msg = f"{str(path)!r} is not a text file"
        raise InputError(msg)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def digest(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a file, of its bytes as they are, compressed or not."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file, decompressed if it starts as gzip does, whatever number of members it has.

    Raises
    ------
    InputError
        While it is read, if the compression or a checksum is damaged.
    """
    with Path(path).open("rb") as file:
        compressed = file.read(len(_GZIP)) == _GZIP
        file.seek(0)
        if not compressed:
            yield file
            return
        try:
            with gzip.open(file) as data:
                yield cast("BinaryIO", data)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            msg = f"{str(path)!r} is a damaged or incomplete gzip file ({error}); get it again"
            raise InputError(msg) from error


def unpacks_to_more(path: str | os.PathLike[str], most: int) -> bool:
    """Return whether a file has more bytes than that, decompressed; nothing is kept.

    All members of a gzip file count. What is damaged counts as far as it can be read.
    """
    size = 0
    with suppress(InputError), opened(path) as file:
        while size <= most and (piece := file.read(_PIECE)):
            size += len(piece)
    return size > most


def lines_of(text: str) -> Iterator[str]:
    """Yield the lines of a text, which end in a line feed, a carriage return, or both."""
    return (line.removesuffix("\n") for line in StringIO(text, newline=None))


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text file as UTF-8, compressed (the same bytes each time) if its name ends in .gz."""
    data = text.encode()
    Path(path).write_bytes(gzip.compress(data, mtime=0) if Path(path).suffix == ".gz" else data)


def format_suffix(path: str | os.PathLike[str]) -> str:
    """Return the last suffix of a file name in lower case, ``.gz`` left out."""
    name = Path(path)
    stem = Path(name.stem) if name.suffix.lower() == ".gz" else name
    return stem.suffix.lower()
