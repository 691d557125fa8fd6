"""FASTA files of any size: looked through once, then read record by record."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path
from typing import BinaryIO, cast

from rnaexplore.errors import InputError
from rnaexplore.io.fasta import not_fasta, record
from rnaexplore.io.records import Record
from rnaexplore.io.text import damaged, digest, is_gzip

__all__ = ["TextFile", "examine", "stream_fasta"]

_PIECE = 1 << 20  #: bytes read at a time
_SHOWN = 200  #: bytes of the start that an error may quote


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file that was looked through from end to end.

    Attributes
    ----------
    path
        The file.
    encoding
        UTF-8 or, where it is not, Latin-1.
    sha256
        Of its bytes as they are, compressed or not.
    """

    path: Path
    encoding: str
    sha256: str


def examine(path: str | os.PathLike[str]) -> TextFile:
    """Look through a FASTA file, compressed with gzip or not, in memory that does not grow.

    Raises
    ------
    InputError
        If the file is damaged, not text, or not FASTA.
    """
    start = b""
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = "utf-8-sig"
    with _opened(path) as file:
        while piece := file.read(_PIECE):
            start = (start + piece).lstrip()[:_SHOWN] if len(start) < _SHOWN else start
            if b"\0" in piece:
                msg = f"{str(path)!r} is not a text file"
                raise InputError(msg)
            if encoding != "latin-1" and not _decodes(decoder, piece):
                encoding = "latin-1"
    if encoding != "latin-1" and not _decodes(decoder, b"", final=True):
        encoding = "latin-1"
    text = start.decode(encoding, errors="replace").lstrip("\ufeff \t\r\n")
    if not text.startswith(">"):
        raise InputError(not_fasta(path, text))
    return TextFile(Path(path), encoding, digest(path))


def stream_fasta(file: TextFile) -> Iterator[Record]:
    """Yield the records of a FASTA file as they are spelled, one at a time."""
    from Bio.SeqIO.FastaIO import SimpleFastaParser

    with (
        _opened(file.path) as data,
        io.TextIOWrapper(data, encoding=file.encoding) as text,
    ):
        lines = dropwhile(lambda line: not line.strip(), text)
        for title, sequence in SimpleFastaParser(lines):  # type: ignore[no-untyped-call]
            yield record(title, sequence)


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final=final)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file, decompressed, so that what is wrong with the compression is told."""
    with Path(path).open("rb") as file:
        compressed = is_gzip(file.read(2))
        file.seek(0)
        if not compressed:
            yield file
            return
        try:
            with gzip.open(file) as data:
                yield cast("BinaryIO", data)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise damaged(path, error) from error
