from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import rnaexplore as rx
from rnaexplore.errors import InputError
from rnaexplore.pretraining.prepare import Rule, divide, merge
from rnaexplore.pretraining.records import Record, overlapping, read_records
from rnaexplore.pretraining.split import write_divided


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


def test_share_of_clans_is_held_out_and_names_decide() -> None:
    names = [f"RF9{i:04d}" for i in range(5000)]
    small, large = Rule(), Rule(test_share=0.3)
    parts = np.array([small.held_out(name) for name in names])
    assert 0.08 < np.mean(parts == "test") < 0.12
    assert 0.08 < np.mean(parts == "development") < 0.12
    assert all(
        large.held_out(n) == "test" for n, p in zip(names, parts, strict=True) if p == "test"
    )


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
    assert merged == [
        Record("GGAUCC", "((..))", "RF00007", frozenset({"x", "y"}), labels=frozenset({"RF00007"}))
    ]


def mutated(rng: np.random.Generator, sequence: str, share: float) -> str:
    letters = np.array(list(sequence))
    places = rng.random(len(letters)) < share
    letters[places] = rng.choice(list("ACGU"), places.sum())
    return "".join(letters)


def planted(rng: np.random.Generator) -> list[Record]:
    """Families of relatives, members of a published split with and without a family, and strays."""
    ancestors = [random_sequence(rng, 90) for _ in range(60)]
    records = []
    for i, ancestor in enumerate(ancestors):
        label = frozenset({f"RF9{i:04d}"})
        for k in range(4):
            splits = frozenset({"T"} if k == 0 and i % 4 == 0 else ())
            named = label if k < 3 else frozenset()  # the fourth has no family
            family = f"RF9{i:04d}" if k < 3 else ""
            sequence = mutated(rng, ancestor, 0.1)
            records.append(Record(sequence, family=family, splits=splits, labels=named))
    return records


def test_no_relative_of_anything_held_out_reaches_training() -> None:
    rng = np.random.default_rng(2)
    records = planted(rng)
    rule = Rule(test_share=0.2, development_share=0.2, test_splits=frozenset({"T"}))
    division = divide(records, rule)
    held = [*division.development, *division.test, *division.published]
    assert division.development
    assert division.test
    assert division.published
    assert any(r.family for r in division.published)  # these, too, have relatives to remove
    assert not any(overlapping(division.train, held, k=rule.overlap_k, share=rule.overlap_share))
    trained = {r.clan for r in division.train}
    unseen = [*division.development, *division.test]
    assert trained.isdisjoint(r.clan for r in unseen)  # a clan here is one ancestor's relatives
    assert sum(division.counts().values()) == len(records)


def test_records_without_a_family_take_that_of_their_relatives() -> None:
    rng = np.random.default_rng(3)
    division = divide(planted(rng), Rule())
    everyone = [r for part in division.counts() for r in getattr(division, part)]
    inferred = [r for r in everyone if r.inferred]
    assert len(inferred) == 60
    assert all(r.family.startswith("RF") for r in inferred)


def test_development_holds_no_relative_of_the_test() -> None:
    rng = np.random.default_rng(4)
    rule = Rule(test_share=0.3, development_share=0.4)
    division = divide(planted(rng), rule)
    assert division.development
    assert not any(overlapping(division.development, division.test))


def test_divided_records_are_not_divided_again(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    division = divide(planted(rng), Rule(test_splits=frozenset({"T"})))
    path = tmp_path / "divided.tsv.gz"
    write_divided(division, path)
    again = divide(merge([path], family_pattern=Rule().family_pattern), Rule(test_share=0.9))
    assert again.counts() == division.counts()
    assert {r.sequence for r in again.test} == {r.sequence for r in division.test}
