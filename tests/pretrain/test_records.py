from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import rnaexplore as rx
from rnaexplore.errors import InputError
from rnaexplore.pretrain.prepare import Rule, divide, merge
from rnaexplore.pretrain.records import Record, held_out, overlapping, read_records


def random_sequence(rng: np.random.Generator, length: int) -> str:
    return "".join(rng.choice(list("ACGU"), length))


def test_table_is_read_with_its_optional_columns(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv.gz"
    with gzip.open(path, "wt") as file:
        file.write("id\tsequence\tdotbracket\tfamily\tsplits\na\tggaTcc\t((..))\tRF00001\tx,y\n")
    assert read_records(path) == [Record("GGAUCC", "((..))", "RF00001", frozenset({"x", "y"}))]


def test_fasta_is_read_as_rna(tmp_path: Path) -> None:
    path = tmp_path / "t.fa"
    path.write_text(">a\nacgt\nACGU\n>b\nGG\n")
    assert read_records(path) == [Record("ACGUACGU"), Record("GG")]


@pytest.mark.parametrize("suffix", [".zarr", ".h5ad"])
@pytest.mark.filterwarnings("ignore:Writing zarr v2 data:UserWarning")
def test_anndata_stores_are_read(tmp_path: Path, suffix: str) -> None:
    adata = rx.from_sequences(
        pd.DataFrame({"sequence": ["GGAUCC", "ACGU"], "structure": ["((..))", ""]})
    )
    adata.obs["family"] = pd.Categorical(["RF00001", None])
    adata.obs["type"] = ["tRNA", ""]
    path = tmp_path / f"a{suffix}"
    (adata.write_zarr if suffix == ".zarr" else adata.write_h5ad)(path)
    assert read_records(path) == [
        Record("GGAUCC", "((..))", "RF00001", rna_type="tRNA"),
        Record("ACGU"),
    ]


def test_table_without_sequences_is_refused_with_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text("id\tseq\na\tACGU\n")
    with pytest.raises(InputError, match=r"no column 'sequence'.*id, seq"):
        read_records(path)


def test_held_out_share_is_kept_and_names_decide() -> None:
    names = [f"RF{i:05d}" for i in range(5000)]
    out = [held_out(name, share=0.1) for name in names]
    assert 0.08 < np.mean(out) < 0.12
    assert all(held_out(n, share=0.3) for n, o in zip(names, out, strict=True) if o)
    assert not held_out("", share=1.0)


def test_overlap_finds_near_copies_and_spares_strangers() -> None:
    rng = np.random.default_rng(1)
    reference = [Record(random_sequence(rng, 100)) for _ in range(50)]
    near = Record(reference[3].sequence[:40] + "A" + reference[3].sequence[41:])
    strangers = [Record(random_sequence(rng, 100)) for _ in range(20)]
    assert overlapping([near, *strangers], reference) == [True] + [False] * 20


def test_merge_unites_structure_family_and_splits(tmp_path: Path) -> None:
    first, second = tmp_path / "a.tsv", tmp_path / "b.tsv"
    first.write_text("sequence\tdotbracket\tfamily\tsplits\nGGAUCC\t((..))\tsome RNA\tx\n")
    second.write_text("sequence\tfamily\tsplits\nGGAUCC\tRF00007\ty\n")
    merged = merge([first, second], family_pattern=r"RF\d+")
    assert merged == [Record("GGAUCC", "((..))", "RF00007", frozenset({"x", "y"}))]


def test_nothing_held_out_reaches_training() -> None:
    rng = np.random.default_rng(2)
    records = [
        Record(
            random_sequence(rng, 80),
            family=f"RF{i:05d}",
            splits=frozenset({"T"} if i % 7 == 0 else ()),
        )
        for i in range(300)
    ]
    copies = [Record(r.sequence[:-1]) for r in records[:50]]
    rule = Rule(held_out_share=0.2, test_splits=frozenset({"T"}))
    division = divide([*records, *copies], rule)
    assert not any(held_out(r.family, share=0.2) for r in division.train)
    assert not any(r.splits & rule.test_splits for r in division.train)
    unseen = {r.sequence for r in division.unseen}
    assert unseen
    assert not any(r.sequence + c in unseen for r in division.train for c in "ACGU")
    parts = [division.train, division.unseen, division.test, division.kin]
    assert sum(map(len, parts)) == len(records) + len(copies)
