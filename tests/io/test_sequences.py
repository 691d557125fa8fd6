from __future__ import annotations

import pandas as pd
import pytest

from rnaexplore import _keys
from rnaexplore.errors import (
    InputError,
    InvalidSequenceError,
    InvalidStructureError,
    MissingKeyError,
    RnaExploreWarning,
)
from rnaexplore.io import from_sequences

PLAIN = {"a": "ACGU", "b": "GGGAAACCC"}


@pytest.mark.parametrize(
    "given",
    [
        PLAIN,
        pd.Series(PLAIN),
        pd.DataFrame({"sequence": PLAIN}),
        pd.DataFrame({"sequence": list(PLAIN.values()), "identifier": list(PLAIN)}),
    ],
    ids=["dict", "Series", "DataFrame by index", "DataFrame by column"],
)
def test_names_and_sequences_from_each_kind(given):
    adata = from_sequences(given)
    assert dict(zip(adata.obs_names, adata.obs["sequence"], strict=True)) == PLAIN
    assert adata.obs["length"].to_list() == [4, 9]
    assert adata.uns[_keys.PROVENANCE][_keys.INPUT]["source"] == type(given).__name__


@pytest.mark.parametrize(
    "given",
    [
        ["ACGU", "GG"],
        ("ACGU", "GG"),
        iter(["ACGU", "GG"]),
        pd.Series(["ACGU", "GG"]),
        pd.DataFrame({"sequence": ["ACGU", "GG"]}),
    ],
)
def test_without_names_they_are_numbered(given):
    adata = from_sequences(given)
    assert list(adata.obs_names) == ["rna-1", "rna-2"]
    assert adata.obs["sequence"].to_list() == ["ACGU", "GG"]


def test_columns_of_a_frame():
    frame = pd.DataFrame(
        {
            "sequence": ["GGGAAACCC", "XX", "GGGAAACCC"],
            "structure": ["(((...)))", "..", None],
            "family": ["hairpin", "x", None],
            "length": [1, 1, 1],
            "year": [2001, 2002, 2003],
        },
        index=["a", "b", "a"],
    )
    with pytest.warns(RnaExploreWarning) as caught:
        adata = from_sequences(frame, on_invalid="drop")
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert list(adata.obs_names) == ["a", "a-1"]
    assert adata.obs["structure"].to_list() == ["(((...)))", ""]
    assert adata.obs["family"].dtype == "category"
    assert adata.obs["family"].isna().to_list() == [False, True]
    assert adata.obs["length"].to_list() == [9, 9]
    assert adata.obs["year"].to_list() == [2001, 2003]
    assert "accession" not in adata.obs


def test_gaps_take_their_pairs_with_them():
    frame = pd.DataFrame({"sequence": ["GG-AAA-CC"], "structure": ["(((...)))"]}, index=["a"])
    with pytest.warns(RnaExploreWarning, match="2 gaps removed, 1 base pairs with a gap dropped"):
        adata = from_sequences(frame)
    assert adata.obs["sequence"].to_list() == ["GGAAACC"]
    assert adata.obs["structure"].to_list() == ["((...))"]


@pytest.mark.parametrize(("brackets", "what"), [("(((...))", "9 residues"), ("(((....))", "'a'")])
def test_a_structure_has_to_fit(brackets, what):
    frame = pd.DataFrame({"sequence": ["GGGAAACCC"], "structure": [brackets]}, index=["a"])
    with pytest.raises(InvalidStructureError, match=what):
        from_sequences(frame)


def test_what_is_not_text_is_an_error():
    with pytest.raises(InvalidSequenceError, match="'rna-2': the sequence must be text, got nan"):
        from_sequences(["ACGU", float("nan")])


def test_errors_name_the_remedy():
    with pytest.raises(InputError, match="pass a list or a dict"):
        from_sequences("ACGU")
    with pytest.raises(MissingKeyError, match="Did you mean 'sequences'"):
        from_sequences(pd.DataFrame({"sequences": ["ACGU"]}))
    with pytest.raises(InputError, match="no records"):
        from_sequences([])


def test_the_input_is_left_alone():
    frame = pd.DataFrame({"sequence": ["ACGU"], "family": ["a"]}, index=["x"])
    before = frame.copy()
    from_sequences(frame).obs["family"] = "other"
    pd.testing.assert_frame_equal(frame, before)
