"""Assays in the layout of RNAGym and ProteinGym, written here: sheets, wild types, bad rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import rnaexplore as rx
from rnaexplore.errors import InputError, RnaExploreWarning

WILD = "GGGAAACCCU"
ROWS = [("G1A", 0.5), ("G2C,C8G", -1.25), ("U10A", 2.0), ("", 1.0)]


def written(path, rows=ROWS, wild=WILD, *, between=",", sequence="sequence"):
    """Write an assay as it is published, T and U mixed."""
    lines = []
    for mutant, score in rows:
        letters = list(wild)
        for one in filter(None, mutant.split(",")):
            letters[int(one[1:-1]) - 1] = one[-1]
        lines.append((mutant.replace(",", between), score, "".join(letters).replace("U", "T")))
    columns = ["mutant", "DMS_score", sequence]
    pd.DataFrame(lines, columns=columns).to_csv(path, index=False)
    return path


def test_an_assay_as_rnagym_writes_it(tmp_path) -> None:
    assay = rx.io.read_assay(written(tmp_path / "Toy_2026_tRNA.csv"), WILD.replace("U", "T"))
    assert assay.name == "Toy_2026_tRNA"
    assert assay.wild_type == WILD
    assert assay.variants["mutant"].tolist() == [m for m, _ in ROWS]
    assert assay.variants["DMS_score"].tolist() == [s for _, s in ROWS]
    assert assay.notes == ()
    assert repr(assay) == "<Assay Toy_2026_tRNA (unknown), 4 variants of 10 nt>"


def test_proteingym_s_spelling_and_compression(tmp_path) -> None:
    path = written(tmp_path / "a.csv.gz", between=":", sequence="mutated_sequence")
    assay = rx.io.read_assay(path)
    assert assay.name == "a"
    assert assay.wild_type == WILD
    assert assay.variants["sequence"].iloc[1] == "GCGAAACGCT"


def test_the_wild_type_of_the_variants_wins_over_another_construct(tmp_path) -> None:
    path = written(tmp_path / "a.csv")
    assay = rx.io.read_assay(path, "TAATACGACTCACTATA" + WILD)
    assert assay.wild_type == WILD
    assert "the one recovered from 3 of 3 variants (10 nt) was taken" in assay.notes[0]


def test_rows_that_make_no_sense_have_no_vote_and_stay_in(tmp_path) -> None:
    path = written(tmp_path / "a.csv")
    with path.open("a") as file:
        file.write("G99A,nan,GGGAAACCCT\nnonsense,abc,GGG\nA1G,inf,\n")
    assay = rx.io.read_assay(path)
    assert assay.wild_type == WILD
    assert len(assay.variants) == 7
    assert np.isnan(assay.variants["DMS_score"].iloc[4:]).all()
    assert assay.notes[1] == "3 of 7 measurements are no numbers"


def test_degenerate_positions_are_those_of_the_mutations(tmp_path) -> None:
    rows = [("N4A", 1.0), ("N4C", 2.0), ("N4G,G1A", 3.0)]
    assert rx.io.read_assay(written(tmp_path / "a.csv", rows, "GGGNAACCCU")).wild_type[3] == "N"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mutant,sequence\nG1A,A\n", "has no column 'DMS_score'"),
        ("DMS_score,x\n1,2\n", "needs a column 'mutant' or 'sequence'"),
        ("mutant,DMS_score\nG1A,1\n", "cannot be recovered"),
        ("mutant,variant,DMS_score\nG1A,A,1\n", "'mutant' in several columns"),
        ("", "is not a readable table"),
    ],
)
def test_errors_name_the_file_and_the_remedy(tmp_path, text, message) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        rx.io.read_assay(path)
    assert "a.csv" in str(caught.value)


def test_other_formats_are_refused(tmp_path) -> None:
    with pytest.raises(InputError, match=r"read from \.csv, \.tsv, \.txt files"):
        rx.io.read_assay(tmp_path / "a.parquet")


@pytest.fixture
def folder(tmp_path):
    """Three assays in ``assays/``, two sheets beside it."""
    (tmp_path / "assays").mkdir()
    for name in ("B_tRNA", "A_ribozyme", "C_aptamer"):
        written(tmp_path / "assays" / f"{name}.csv")
    sheet = pd.DataFrame(
        [("A_ribozyme", "Ribozyme", WILD), ("B_tRNA", "tRNA", "")],
        columns=["DMS_ID", "RNA_TYPE", "RAW_CONSTRUCT_SEQ"],
    )
    sheet.assign(RNA_TYPE="old").to_csv(tmp_path / "reference_sheet.csv", index=False)
    sheet.to_csv(tmp_path / "reference_sheet_final.csv", index=False)
    return tmp_path


@pytest.mark.parametrize("inside", ["", "assays"])
def test_a_folder_with_its_sheet(folder, inside) -> None:
    found = rx.io.read_assays(folder / inside)
    assert list(found) == ["A_ribozyme", "B_tRNA", "C_aptamer"]
    assert [a.rna_type for a in found.values()] == ["Ribozyme", "tRNA", "unknown"]
    assert {a.wild_type for a in found.values()} == {WILD}
    assert found["A_ribozyme"].notes == ()
    assert "recovered from 3 of 3" in found["B_tRNA"].notes[0]


def test_one_bad_file_does_not_cost_the_others(folder) -> None:
    (folder / "assays" / "D.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"D\.csv"):
        rx.io.read_assays(folder)
    with pytest.warns(RnaExploreWarning, match=r"left out: .*D\.csv"):
        found = rx.io.read_assays(folder, on_invalid="drop")
    assert len(found) == 3


def test_a_folder_without_assays_is_an_error(tmp_path) -> None:
    with pytest.raises(InputError, match="has no assay"):
        rx.io.read_assays(tmp_path)
    with pytest.raises(InputError, match="is no folder"):
        rx.io.read_assays(tmp_path / "nowhere")
