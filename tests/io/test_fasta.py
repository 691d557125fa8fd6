from __future__ import annotations

import gzip
import time
import warnings

import numpy as np
import pytest

from rnaexplore import _keys
from rnaexplore.errors import InputError, InvalidSequenceError, RnaExploreWarning
from rnaexplore.io import read_fasta
from rnaexplore.io.build import unique

PROTEIN = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEK"


def report_of(adata):
    return adata.uns[_keys.PROVENANCE][_keys.INPUT]


def test_identifiers_descriptions_and_wrapped_sequences(write):
    path = write("a.fa", ">one first of all\nACGU\nGG\r\n\n>two\nNNRY\n")
    adata = read_fasta(path)
    assert adata.shape == (2, 0)
    assert adata.X is None
    assert list(adata.obs_names) == ["one", "two"]
    assert adata.obs["sequence"].to_list() == ["ACGUGG", "NNRY"]
    assert adata.obs["description"].to_list() == ["first of all", ""]
    assert adata.obs["length"].dtype == np.int64
    assert adata.obs["length"].to_list() == [6, 4]
    assert "structure" not in adata.obs
    assert "family" not in adata.obs


@pytest.mark.parametrize("name", ["a.fasta.gz", "misnamed.fa"])
def test_gzip_is_recognised_by_content(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(b">one\nACGU\n"))
    assert read_fasta(path).obs["sequence"].to_list() == ["ACGU"]


def test_many_equal_names_take_no_longer_than_others():
    begun = time.process_time()
    names = unique(["a"] * 200_000 + [f"a-{k}" for k in range(100_000)])
    assert time.process_time() - begun < 5
    assert len(set(names)) == 300_000
    assert names[-1] == "a-99999"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_one(write, end):
    path = write("a.fa", end.join([">one\tfirst of all", "ACGU", "GG", "", ">two", "NNRY", ""]))
    adata = read_fasta(path)
    assert adata.obs["sequence"].to_list() == ["ACGUGG", "NNRY"]
    assert adata.obs["identifier"].to_list() == ["one", "two"]
    assert adata.obs["description"].to_list() == ["first of all", ""]


def test_what_is_normalised_is_counted_and_said_once(write):
    path = write("dna.fa", ">a\nacgT\n>b\nTT-A.C\n")
    with pytest.warns(RnaExploreWarning) as caught:
        adata = read_fasta(path)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    message = str(caught[0].message)
    assert "3 T read as U" in message
    assert "3 letters made upper case" in message
    assert "2 gaps removed" in message
    assert adata.obs["sequence"].to_list() == ["ACGU", "UUAC"]
    report = report_of(adata)
    assert report["letters_made_u"] == 3
    assert report["letters_made_upper"] == 3
    assert report["gaps_removed"] == 2
    assert report["source"] == "dna.fa"


def test_clean_input_is_silent(write):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_fasta(write("a.fa", ">a\nACGU\n"))


def test_an_invalid_letter_is_named_where_the_file_has_it(write):
    path = write("a.fa", ">good\nACGU\n>bad\nAC-GJU\n")
    with pytest.raises(InvalidSequenceError, match=r"'bad'.*'J' at position 5") as caught:
        read_fasta(path)
    assert (caught.value.record, caught.value.position, caught.value.letter) == ("bad", 5, "J")


def test_a_protein_is_recognised_and_a_single_wrong_letter_is_none(write):
    with pytest.raises(InvalidSequenceError, match="looks like a protein"):
        read_fasta(write("a.fa", f">p\n{PROTEIN}\n"))
    with pytest.raises(InvalidSequenceError, match="IUPAC") as caught:
        read_fasta(write("b.fa", f">p\n{'ACGU' * 10}E\n"))
    assert "protein" not in str(caught.value)


@pytest.mark.parametrize(("letters", "what"), [("", "empty"), ("--..", "only gaps")])
def test_an_empty_sequence_is_an_error(write, letters, what):
    with pytest.raises(InvalidSequenceError, match=what):
        read_fasta(write("a.fa", f">a\n{letters}\n>b\nACGU\n"))


def test_dot_bracket_leads_to_the_right_reader(write):
    with pytest.raises(InvalidSequenceError, match="read_structures"):
        read_fasta(write("a.fa", ">a\nGGGAAACCC\n(((...)))\n"))


def test_drop_keeps_the_valid_and_reports_the_rest(write):
    path = write("a.fa", ">a\nACGU\n>b\nXX\n>c\n\n>d\nGG\n")
    with pytest.warns(RnaExploreWarning, match=r"2 RNAs read; 2 invalid records dropped \(b, c\)"):
        adata = read_fasta(path, on_invalid="drop")
    assert list(adata.obs_names) == ["a", "d"]
    report = report_of(adata)
    assert report["dropped"] == ["b", "c"]
    assert "'X' at position 1" in report["dropped_reasons"][0]
    assert "empty" in report["dropped_reasons"][1]


def test_drop_leaves_at_least_one(write):
    with pytest.raises(InputError, match=r"none of the 1 records is valid.*'X'"):
        read_fasta(write("a.fa", ">a\nX\n"), on_invalid="drop")


def test_on_invalid_is_checked(write):
    with pytest.raises(InputError, match="'raise' or 'drop', got 'skip'"):
        read_fasta(write("a.fa", ">a\nACGU\n"), on_invalid="skip")


def test_repeated_names_get_a_suffix_that_is_free(write):
    path = write("a.fa", ">a\nA\n>a\nC\n>a-1\nG\n>\nU\n>a x\nA\n")
    with pytest.warns(RnaExploreWarning, match="3 names made unique"):
        adata = read_fasta(path)
    assert list(adata.obs_names) == ["a", "a-2", "a-1", "rna-4", "a-3"]
    assert adata.obs["identifier"].to_list() == ["a", "a", "a-1", "", "a"]
    assert report_of(adata)["renamed"] == ["a-2", "rna-4", "a-3"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        ("ACGU\n", "must start with '>'"),
        ("# STOCKHOLM 1.0\n//\n", "read_stockholm"),
    ],
)
def test_other_files_are_refused(write, text, what):
    with pytest.raises(InputError, match=what):
        read_fasta(write("a.fa", text))


def test_binary_and_damaged_files_are_refused(tmp_path):
    binary, damaged = tmp_path / "a.fa", tmp_path / "b.fa.gz"
    binary.write_bytes(b">a\n\0\1\2")
    damaged.write_bytes(gzip.compress(b">a\nACGU\n" * 100)[:-12])
    with pytest.raises(InputError, match="not a text file"):
        read_fasta(binary)
    with pytest.raises(InputError, match="damaged or incomplete gzip"):
        read_fasta(damaged)


def test_latin_1_descriptions_are_read(tmp_path):
    path = tmp_path / "a.fa"
    path.write_bytes(">a Höner zu Siederdissen\nACGU\n".encode("latin-1"))
    assert read_fasta(path).obs["description"].to_list() == ["Höner zu Siederdissen"]
