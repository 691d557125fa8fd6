"""The benchmark of tasks: slices of made-up files, one row a task, skips with a reason."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import rnaexplore as rx
from benchmarks import tasks
from benchmarks.tasks_data import TASKS, MissingDataError, TaskData
from tests.finetuning.conftest import planted, random_model, shrunk

RNG = np.random.default_rng(0)


def random_rna(n):
    return "".join(RNG.choice(list("ACGU"), n))


@pytest.fixture
def folder(tmp_path):
    """Return a folder like that of the real data, with made-up RNAs."""

    def write(name, **columns):
        pd.DataFrame(columns).to_csv(tmp_path / name, sep="\t", index=False)

    n = 60
    rnas = [random_rna(60) for _ in range(2 * n)]
    write(
        "families.tsv.gz", sequence=rnas, family=[f"RF{i % 10:05d}" for i in range(2 * n)],
        type=["class:tRNA", "class:miRNA"] * n,
    )  # fmt: skip
    windows = [random_rna(401) for _ in range(n)]
    write(
        "splice.tsv.gz", sequence=windows, species=["homo_sapiens"] * n,
        label=["donor", "acceptor", "other"] * (n // 3),
    )  # fmt: skip
    loads = [4.0 + i / n for i in range(n)]
    write(
        "mrl.tsv.gz", utr=[random_rna(50) for _ in range(n)], value=loads, source=["Sample2019"] * n
    )
    write(
        "rri.tsv.gz", mirna_seq=[random_rna(22) for _ in range(n)], label=[0, 1] * (n // 2),
        target_seq=[random_rna(40) for _ in range(n)],
    )  # fmt: skip
    write(
        "coding.tsv.gz", sequence=[random_rna(300) for _ in range(n)], label=["mRNA", "lncRNA"] * 30
    )
    dots = "(" * 20 + "." * 20 + ")" * 20
    write(
        "structures.tsv.gz", sequence=rnas[:n], dotbracket=[dots] * n,
        splits=["bpRNA-TR0", "x,bpRNA-TS0"] * (n // 2),
    )  # fmt: skip
    (tmp_path / "rnafm_tutorial").mkdir()
    path = tmp_path / "rnafm_tutorial" / "rnacentral_sample_max50.fasta.gz"
    with gzip.open(path, "wt") as file:
        for i, rna in enumerate(rnas[:20]):
            kind = ("tRNA", "piRNA")[i % 2]
            file.write(f">URS{i} {kind} from 3 species\n{rna[:30]}\n{rna[30:]}\n")
    return tmp_path


@pytest.mark.parametrize("title", TASKS)
def test_slices_have_what_their_task_needs(folder, title):
    task = TASKS[title]
    adata = task.make(folder, 24, np.random.default_rng(0))
    labels = adata.obs["label"]
    assert labels.notna().all()
    assert labels.nunique() > 1 or task.call.get("task") == "contact"
    for column in (task.call.get(key) for key in ("partner", "groups", "split")):
        assert column is None or column in adata.obs
    if task.call.get("task") in {"residue", "contact"}:
        assert (labels.str.len() == adata.obs["sequence"].str.len()).all()
    again = task.make(folder, 24, np.random.default_rng(0))
    assert again.obs["sequence"].tolist() == adata.obs["sequence"].tolist()


def test_sites_are_labelled_where_they_are(folder):
    windows = pd.read_csv(folder / "splice.tsv.gz", sep="\t")
    adata = TASKS["splice sites as residues"].make(folder, 30, np.random.default_rng(0))
    for sequence, labels in zip(adata.obs["sequence"], adata.obs["label"], strict=True):
        whole = windows[windows["sequence"].str.contains(sequence)].iloc[0]
        first = whole["sequence"].index(sequence)
        expected = {"donor": {200, 201}, "acceptor": {199, 200}, "other": set()}[whole["label"]]
        assert {first + k for k, letter in enumerate(labels) if letter != "."} == expected


def test_missing_data_is_an_error_that_names_the_file(tmp_path):
    for task in TASKS.values():
        with pytest.raises(MissingDataError, match="does not exist"):
            task.make(tmp_path, 10, np.random.default_rng(0))


def test_a_row_has_all_that_a_reader_asks_for(tmp_path):
    model = random_model(shrunk("mini"))
    data = TaskData(lambda folder, n, rng: rename(planted(n)), 40, "linear", epochs=1)
    out = tmp_path / "run"
    result = tasks.measured(model, data, tmp_path, out, method="frozen", size=1.0, seed=0)
    row = tasks.row_of(result)
    assert row["score"] == "macro_f1"
    assert sum(map(int, row["RNAs"].split("/"))) == 40
    for column in ("fine-tuned", "probe", "best baseline", "constant or chance"):
        assert "[" in row[column]
    assert "the best baseline" in row["fine-tuned against the others"] or "no claim" in str(row)


def rename(adata):
    adata.obs["label"] = adata.obs["kind"]
    return adata


def test_the_command_skips_with_a_reason(tmp_path, monkeypatch):
    import typer

    monkeypatch.setattr(rx, "load_model", lambda name: random_model(shrunk("mini")))
    app = typer.Typer()
    app.command()(tasks.main)
    result = CliRunner().invoke(app, [str(tmp_path), "--model", "mini", "--task", "splice"])
    assert result.exit_code == 0, result.output
    assert result.output.count("skipped: splice") == 4
    assert "splice.tsv.gz does not exist" in result.output
