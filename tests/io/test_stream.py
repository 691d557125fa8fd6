"""Streams give what reading at once gives, and say of a file what is wrong with it."""

from __future__ import annotations

import gzip
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnaexplore.errors import InputError
from rnaexplore.io import read_fasta, read_lazy
from rnaexplore.io.build import unique
from rnaexplore.io.stream import examine, stream_fasta
from rnaexplore.io.unique_names import UniqueNames

RECORDS = ">a first\nACGU\nGG\n\n>b\nAC\n>c  of three\nGGGG\n"


@pytest.mark.parametrize(
    "data",
    [
        RECORDS.encode(),
        gzip.compress(RECORDS.encode(), mtime=0),
        RECORDS.replace("\n", "\r\n").encode(),
        RECORDS.replace("\n", "\r").encode(),
        b"  " + RECORDS.encode(),
        gzip.compress(RECORDS[:9].encode(), mtime=0) + gzip.compress(RECORDS[9:].encode(), mtime=0),
        b"\xef\xbb\xbf" + RECORDS.encode(),
        b"\n \n" + RECORDS.encode(),
        RECORDS.replace("first", "fürst").encode("utf-8"),
        RECORDS.replace("first", "fürst").encode("latin-1"),
    ],
    ids=[
        "plain",
        "gzip",
        "Windows",
        "old Mac",
        "a blank",
        "two members",
        "mark",
        "blank lines",
        "UTF-8",
        "Latin-1",
    ],
)
def test_streamed_records_are_those_of_read_fasta(data, tmp_path) -> None:
    path = tmp_path / "in.fa"
    path.write_bytes(data)
    whole = read_fasta(path).obs
    streamed = list(stream_fasta(examine(path)))
    for field in ("identifier", "sequence", "description"):
        assert [getattr(r, field) for r in streamed] == list(whole[field])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"ACGU\n", r"is not FASTA.*'ACGU"),
        (b"# STOCKHOLM 1.0\n", "rx.read_stockholm"),
        (b">a\nAC\0GU\n", "not a text file"),
        (gzip.compress(RECORDS.encode() * 50, mtime=0)[:-9], "damaged or incomplete gzip"),
    ],
)
def test_what_is_no_fasta_is_told(data, message, tmp_path) -> None:
    path = tmp_path / "in.fa"
    path.write_bytes(data)
    with pytest.raises(InputError, match=message):
        list(stream_fasta(examine(path)))


def test_a_letter_cut_by_the_reading_is_still_utf_8(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("rnaexplore.io.stream._PIECE", 5)
    path = tmp_path / "in.fa"
    path.write_text(">abcü\nACGU\n", encoding="utf-8")
    assert [r.identifier for r in stream_fasta(examine(path))] == ["abcü"]


@given(st.lists(st.sampled_from(["", "a", "a-1", "a-2", "b", "rna-1", "rna-3"]), max_size=30))
def test_names_become_unique_as_in_memory(names) -> None:
    database = sqlite3.connect(":memory:", isolation_level=None)
    streamed = UniqueNames(database)
    for start in range(0, len(names), 4):
        streamed.add(names[start : start + 4])
    found = list(names)
    for row, name in streamed.renamed():
        found[row] = name
    database.close()
    assert found == unique(names)


def test_what_is_no_store_is_told(tmp_path) -> None:
    with pytest.raises(InputError, match="there is no zarr store"):
        read_lazy(tmp_path / "none.zarr")
