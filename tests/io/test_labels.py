"""join_labels: names that match, names that do not, and tables that cannot be joined."""

from __future__ import annotations

import gzip

import pandas as pd
import pytest

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError, RnaExploreWarning


@pytest.fixture
def rnas():
    return rx.from_sequences({"a": "GGGG", "b": "CCCC", "c": "AAAA"})


def test_labels_are_joined_by_name_and_the_rest_is_told(rnas, tmp_path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("name,kind,half_life\n b ,x,2.5\na,y,1\nzz,x,9\n")
    with pytest.warns(RnaExploreWarning, match=r"2 of 3 RNAs.*without one: 'c'; 1 rows.*'zz'"):
        told = rx.io.join_labels(rnas, table)
    assert rnas.obs["kind"].astype(object).where(rnas.obs["kind"].notna(), None).tolist() == [
        "y", "x", None,
    ]  # fmt: skip
    assert rnas.obs["half_life"].tolist()[:2] == [1, 2.5]
    assert told.columns == ("kind", "half_life")
    assert (told.matched, told.without_label, told.unused) == (("a", "b"), ("c",), ("zz",))
    rnas.write_h5ad(tmp_path / "out.h5ad")


def test_headers_with_further_words_match_by_the_first(tmp_path) -> None:
    fasta = tmp_path / "in.fa"
    fasta.write_text(">t1 alanine tRNA\nGGGG\n>t2 other\nCCCC\n")
    rnas = rx.read_fasta(fasta)
    table = tmp_path / "labels.tsv.gz"
    table.write_bytes(gzip.compress(b"kind\theader\r\nA\tt1 alanine tRNA\r\nB\tt2\r\n"))
    told = rx.io.join_labels(rnas, table, on="header")
    assert list(rnas.obs["kind"]) == ["A", "B"]
    assert not told.unused


def test_only_the_columns_that_are_asked_for(rnas) -> None:
    table = pd.DataFrame({"id": list("abc"), "x": [1, 2, 3], "y": list("pqr")})
    assert rx.io.join_labels(rnas, table, columns=["y"]).columns == ("y",)
    assert "x" not in rnas.obs


def test_the_same_row_twice_is_one_row(rnas) -> None:
    table = pd.DataFrame({"id": list("aabc"), "x": [1, 1, 2, 3]})
    rx.io.join_labels(rnas, table)
    assert rnas.obs["x"].tolist() == [1, 2, 3]
    with pytest.raises(InputError, match="'a' has several rows"):
        rx.io.join_labels(rnas, pd.DataFrame({"id": list("aabc"), "z": [1, 5, 2, 3]}))
    assert "z" not in rnas.obs


@pytest.mark.parametrize(
    ("table", "options", "error", "message"),
    [
        ({"id": ["x"], "k": [1]}, {}, InputError, "no name of column 'id'.*'x'.*'a', 'b', 'c'"),
        ({"id": ["a"], "length": [1]}, {}, InputError, "obs has 'length' already"),
        ({"id": ["a"]}, {}, InputError, "no labels to join"),
        ({"id": ["a"], "kind": [1]}, {"on": "knd"}, MissingKeyError, "Did you mean 'kind'"),
        ({"id": ["a"], "kind": [1]}, {"columns": ["x"]}, MissingKeyError, "no column 'x'"),
    ],
)
def test_tables_that_cannot_be_joined_say_why(rnas, table, options, error, message) -> None:
    before = list(rnas.obs.columns)
    with pytest.raises(error, match=message):
        rx.io.join_labels(rnas, pd.DataFrame(table), **options)
    assert list(rnas.obs.columns) == before


def test_files_that_are_no_tables_are_named(rnas, tmp_path) -> None:
    with pytest.raises(InputError, match=r"\.csv, \.tsv, \.txt"):
        rx.io.join_labels(rnas, tmp_path / "labels.xlsx")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(InputError, match=r"empty\.csv is no table"):
        rx.io.join_labels(rnas, tmp_path / "empty.csv")
