from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks import mini
from benchmarks.held_out import part
from benchmarks.identity import identity
from rnaexplore.errors import InputError
from rnaexplore.pretraining.records import Record

ROOT = Path(__file__).parents[2]
RNG = np.random.default_rng(0)


def random_sequence(length: int) -> str:
    return "".join(RNG.choice(list("ACGU"), length))


def family(name: str, n: int, *, inferred: bool = False) -> list[Record]:
    return [
        Record(
            random_sequence(60), "((((....))))" + "." * 48, name, clan=f"C{name}", inferred=inferred
        )
        for _ in range(n)
    ]


def test_parts_share_no_rna_and_no_clan() -> None:
    development, test = part("development"), part("test")
    assert set(development.index).isdisjoint(test.index)
    assert set(development["clan"]).isdisjoint(test["clan"])
    assert min(len(development), len(test)) > 5_000


def test_data_without_the_listed_rnas_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.tsv"
    path.write_text("sequence\nACGUACGUACGUACGU\n")
    with pytest.raises(InputError, match=r"the data hold 0 of the .* RNAs of the test part"):
        mini.held_out([path], "test")


def test_families_of_the_neighbor_test_are_named_by_a_database_and_thinned() -> None:
    records = [*family("a", 8), *family("b", 3), *family("c", 8, inferred=True)]
    twin = Record(records[0].sequence[:-1] + "A", family="a", clan="Ca")
    adata = mini.family_members([*records, twin], n_families=10, per_family=20, seed=0)
    assert set(adata.obs["family"]) == {"a"}
    sequences = adata.obs["sequence"].tolist()
    assert all(
        identity(a, b) <= mini.IDENTITY for k, a in enumerate(sequences) for b in sequences[:k]
    )


def test_at_most_two_structures_of_a_clan_are_scored() -> None:
    adata = mini.structured([*family("a", 9), *family("b", 1)], n=10, seed=0)
    assert adata.obs["family"].value_counts().to_dict() == {"Ca": 2, "Cb": 1}


def test_no_other_file_reads_the_test_part() -> None:
    """Choices are made on development data: only the command of the card asks for the test."""
    asking = re.compile(r"part\(\s*[\"']test[\"']|test\.tsv\.gz")
    own = {
        "benchmarks/mini.py",
        "benchmarks/held_out/__init__.py",
        "rnaexplore/pretraining/split.py",
    }
    files = [
        p for folder in ("rnaexplore", "benchmarks", "tutorials", "notebooks", "assets")
        for p in (ROOT / folder).rglob("*.py")
    ]  # fmt: skip
    found = {str(p.relative_to(ROOT)) for p in files if asking.search(p.read_text("utf-8"))}
    assert found <= own
