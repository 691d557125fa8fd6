"""The structure benchmark on the shipped sample: splits kept apart, baselines in every table."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pandas as pd
import pytest

import rnaexplore as rx
from benchmarks import structure, structure_data
from rnaexplore.structure import Structure


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The shipped sample in the layout of the data folder, split by family."""
    sample = rx.datasets.rfam_sample().obs
    sample = sample[sample["length"] < 170]
    splits = {"tRNA": "ArchiveII", "U1": "bpRNA-TS0", "U2": "bpRNA-TS0"}
    rows = pd.DataFrame(
        {
            "id": sample.index,
            "sequence": sample["sequence"],
            "dotbracket": sample["structure"],
            "family": [f"{f}" for f in sample["family"]],
            "splits": [splits.get(f, "bpRNA-TR0") for f in sample["family"]],
        }
    )
    train = rows[rows["family"] == "Vault"]
    rows.loc[train.index, "family"] = [f"V{k}" for k in range(len(train))]
    path = tmp_path_factory.mktemp("data")
    rows.to_csv(path / "structures.tsv.gz", sep="\t", index=False)
    solved = rows[rows["family"] == "tRNA"].head(3)
    with gzip.open(path / "contacts3d.jsonl.gz", "wt") as file:
        for k, row in enumerate(solved.itertuples()):
            pairs = Structure.from_dot_bracket(row.sequence, row.dotbracket).pairs
            record = {
                "pdb": f"x{k}",
                "chain": "A",
                "family": "tRNA",
                "sequence": row.sequence,
                "dotbracket": row.dotbracket,
                "contacts_lt8A": [[int(i), int(j), 5.0] for i, j in pairs],
            }
            file.write(json.dumps(record) + "\n")
    return path


@pytest.fixture(scope="module")
def data(folder):
    return structure_data.load(folder, limit=2, n_fit=3, max_length=170, seed=0)


def test_the_fit_shares_no_family_with_the_tests(data) -> None:
    assert len(data.fit) == 3
    assert set(data.tests) == {"TS0", "ArchiveII", "3-D"}
    tested = {family for table in data.tests.values() for family in table["family"]}
    assert not tested & set(data.fit["family"])
    assert len(data.development) == 3
    assert not (tested | set(data.fit["family"])) & set(data.development["family"])
    assert data.fit["family"].is_unique


def test_contacts_of_structures_are_found_by_their_structure(data) -> None:
    table = data.tests["3-D"]
    for sequence, dots, contacts in zip(
        table["sequence"], table["structure"], table["contacts"], strict=True
    ):
        truth = structure_data.truth3d(contacts, len(sequence))
        pairs = Structure.from_dot_bracket(sequence, dots).pairs
        assert truth[pairs[:, 0], pairs[:, 1]].all()
        assert truth.sum() == 2 * len(pairs)


def test_every_table_has_the_baselines_beside_the_model(data) -> None:
    pytest.importorskip("RNA")
    mini = rx.load_model("mini")
    rows = structure.run(data, [mini], n_jacobian=0, seed=0)
    assert set(rows["model"]) == {"mini", "mini, random weights", "ViennaRNA", "none"}
    assert rows[["F1", "F1 ±1"]].apply(lambda x: x.between(0, 1)).all(axis=None)
    printed = structure.tables(rows)
    assert set(rows["setting"]) == {"default", "best", "as published"}
    kinds = printed["F1 by kind of RNA, with 95 % intervals by family"].sort_index()
    assert {"all RNAs", "mean of families"} <= set(
        kinds.loc["ViennaRNA", structure.MFE].index.get_level_values("kind")
    )
    mine = kinds.loc[("mini", "its own trained head", "default")]
    assert {"canonical reference pairs", "shape: branched", "length: 50 to 99"} <= set(mine.index)
    assert "relatives in training: no" in mine.index
    assert (mine["low"].dropna() <= mine["high"].dropna()).all()
    null = kinds.loc[("mini, random weights", "regression, fitted here", "default")]
    assert not null.index.str.startswith("relatives").any()
    less = printed.pop(f"F1 less that of {structure.MFE}, paired").sort_index()
    paired = rows.pivot_table(index=["set", "rna"], columns=["method", "setting"], values="F1")
    both = paired["base-pair probabilities", "default"] - paired[structure.MFE, "as published"]
    row = less.loc[("ViennaRNA", "base-pair probabilities", "default", "all RNAs")]
    assert row["F1"] == pytest.approx(both.mean())
    assert structure.MFE not in less.index.get_level_values("method")
    for title, table in printed.items():
        models = set(table.index.get_level_values("model"))
        assert {"mini", "mini, random weights", "ViennaRNA", "none"} <= models, title
    mean = rows.groupby("model")["F1"].mean()
    assert mean["mini"] > mean["none"]
    assert mean["mini"] > mean["mini, random weights"]
    solved = rows[(rows["set"] == "3-D") & (rows["method"] != structure.MFE)]
    assert np.isfinite(solved["P@L"]).all()


def test_models_on_disk_hold_the_bundled_one(monkeypatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert [m.spec.name for m in structure.on_disk(["mini"])] == ["mini"]


def test_the_few_of_the_jacobian_are_short() -> None:
    table = pd.DataFrame({"sequence": ["A" * n for n in (150, 90, 120, 60)]})
    adata = rx.from_sequences(table)
    assert structure._short(adata, 2).obs["length"].tolist() == [90, 60]
    assert structure._short(adata, 3).obs["length"].tolist() == [60, 90, 120]
