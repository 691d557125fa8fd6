"""Names of RNAs as names of files: nothing leaves the folder, nothing is overwritten."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnaexplore.io.file_names import LONGEST, file_stems, spreadsheet_safe, table_of_names

ODD = [
    ".", "..", "...", "", " ", "a/b", "a\\b", "../x", "/etc/passwd", "-rf", "names", "NAMES", "con",
    "aux.txt", "a", "A", "a.", "a b", "a_b", "x" * 300, "x" * 301, "\0", "\n", "\ud800", "ä", "~",
    "*", "$HOME", ".hidden", "a\u202eb", "COM1", "tRNA-Phe",
]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(ODD), st.text(max_size=120)), max_size=40))
def test_every_name_has_a_file_of_its_own(names):
    stems = file_stems(names)
    assert set(stems) == set(names)
    folded = [stem.casefold() for stem in stems.values()]
    assert len(set(folded)) == len(folded)
    assert "names" not in folded
    for stem in stems.values():
        assert 0 < len(stem) <= LONGEST
        assert not stem.startswith((".", "-"))
        assert not stem.endswith(".")
        assert stem.isascii()
        assert not set(stem) & set('/\\:*?"<>| \n\0')


def test_plain_names_stay():
    assert file_stems(["tRNA-Phe", "RF00005_1.2"]) == {n: n for n in ["tRNA-Phe", "RF00005_1.2"]}


def test_names_that_look_like_a_marked_one_do_not_collide():
    long = "x" * 300
    (marked,) = file_stems([long]).values()
    assert len(set(file_stems([long, marked]).values())) == 2


def test_the_table_says_which_files_belong_to_whom():
    stems = file_stems(ODD[1:20])
    rows = list(csv.DictReader(StringIO(table_of_names(stems))))
    assert [row["files"] for row in rows] == list(stems.values())


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-a", "\t=1", "\r=1"])
def test_formulas_become_text(text):
    assert spreadsheet_safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a", "-1.5", "+3", "-inf", "1e9", "a=1", "'=1"])
def test_other_cells_stay(text):
    assert spreadsheet_safe(text) == text
