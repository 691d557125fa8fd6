"""Variants from VCF files and tables, and scores of mutations as VCF."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest
import vcfpy

import rnaexplore as rx
from rnaexplore.errors import InputError, RnaExploreWarning
from rnaexplore.maps import MutationMap

HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
VCF = HEADER + "t1\t3\trs1\tA\tG\t.\tPASS\t.\nt1\t5\t.\tT\tC,a\t.\tPASS\t.\n"
EXPECTED = pd.DataFrame(
    {
        "name": ["t1", "t1", "t1"],
        "position": np.array([3, 5, 5]),
        "id": ["rs1", "t1:5U>C", "t1:5U>A"],
        "reference": ["A", "U", "U"],
        "alternative": ["G", "C", "A"],
    }
)


@pytest.mark.parametrize("ending", [".vcf", ".vcf.gz"])
def test_vcf(tmp_path, ending) -> None:
    path = tmp_path / f"v{ending}"
    data = VCF.encode()
    path.write_bytes(gzip.compress(data) if ending.endswith("gz") else data)
    pd.testing.assert_frame_equal(rx.io.read_variants(path), EXPECTED)


@pytest.mark.parametrize(
    ("ending", "separator"), [(".csv", ","), (".tsv", "\t"), (".tsv.gz", "\t")]
)
def test_tables(tmp_path, ending, separator) -> None:
    path = tmp_path / f"v{ending}"
    raw = EXPECTED.rename(columns={"name": "CHROM", "reference": "Ref"})
    raw.to_csv(path, sep=separator, index=False)
    pd.testing.assert_frame_equal(rx.io.read_variants(path), EXPECTED)
    pd.testing.assert_frame_equal(rx.io.read_variants(raw), EXPECTED)


def test_ids_are_made_where_there_are_none() -> None:
    frame = rx.io.read_variants(EXPECTED.drop(columns="id"))
    assert list(frame["id"]) == ["t1:3A>G", "t1:5U>C", "t1:5U>A"]


def test_other_variants_raise_or_are_dropped_with_a_warning(tmp_path) -> None:
    path = tmp_path / "v.vcf"
    path.write_text(VCF + "t1\t7\tdel1\tAC\tA\t.\tPASS\t.\nt1\t9\tsv\tA\t<DEL>\t.\tPASS\t.\n")
    with pytest.raises(InputError, match="del1, sv: only substitutions"):
        rx.io.read_variants(path)
    with pytest.warns(RnaExploreWarning, match="2 of 5 variants dropped"):
        frame = rx.io.read_variants(path, on_invalid="drop")
    pd.testing.assert_frame_equal(frame, EXPECTED)
    with pytest.raises(InputError, match="on_invalid"):
        rx.io.read_variants(path, on_invalid="skip")


def test_broken_input(tmp_path) -> None:
    broken = tmp_path / "v.vcf"
    for text in ("no header\n", HEADER + "t1\tthree\trs1\tA\tG\t.\tPASS\t.\n", HEADER + "t1\t3\n"):
        broken.write_text(text)
        with pytest.raises(InputError, match="not a readable VCF"):
            rx.io.read_variants(broken)
    broken.write_text(HEADER)
    with pytest.raises(InputError, match="no single-nucleotide variants"):
        rx.io.read_variants(broken)
    with pytest.raises(InputError, match=r"\.csv and \.tsv"):
        rx.io.read_variants(tmp_path / "v.bed")
    with pytest.raises(InputError, match="no 'alternative'"):
        rx.io.read_variants(EXPECTED.drop(columns="alternative"))
    for position in (0, 2.5, "x"):
        with pytest.raises(InputError, match="whole numbers from 1"):
            rx.io.read_variants(EXPECTED.assign(position=[1, 2, position]))


def test_scores_are_written_as_vcf_that_others_can_read(tmp_path) -> None:
    values = np.array([[0, -1.5, -2, -3], [-1, -2, -3, 0]])
    deletions = np.array([-4.0, -5.0])
    scores = MutationMap(values, "AU", "toy", "masked-marginal", deletions=deletions)
    path = tmp_path / "scores.vcf.gz"
    rx.io.write_variants({"rna": scores}, path)
    with gzip.open(path, "rt") as stream:
        records = list(vcfpy.Reader.from_stream(stream))
    written = {(r.POS, r.REF, r.ALT[0].value): r.INFO["LLR"] for r in records}
    assert written == {
        (1, "A", "C"): -1.5, (1, "A", "G"): -2, (1, "A", "T"): -3,
        (1, "AT", "T"): -4, (1, "AT", "A"): -5,
        (2, "T", "A"): -1, (2, "T", "C"): -2, (2, "T", "G"): -3,
    }  # fmt: skip
    with pytest.warns(RnaExploreWarning, match="2 of 8 variants dropped"):
        back = rx.io.read_variants(path, on_invalid="drop")
    assert list(back["alternative"]) == ["C", "G", "U", "A", "C", "G"]
