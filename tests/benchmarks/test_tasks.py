"""The benchmark of tasks: slices of made-up files, labels that leak nowhere, one row per task."""

from __future__ import annotations

import gzip
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import rnaexplore as rx
from benchmarks import tasks
from benchmarks.tasks_data import TASKS, MissingDataError, TaskData
from benchmarks.tasks_split import Sizes, divided, merged
from tests.finetuning.conftest import planted, random_model, shrunk

SMALL = Sizes(36, 24, 24)


def random_rna(rng, n):
    return "".join(rng.choice(list("ACGU"), n))


def mutants(rng, parent, n):
    """Return relatives of an RNA, about 85 % identical."""
    children = []
    for _ in range(n):
        letters = np.array(list(parent))
        places = rng.choice(len(letters), len(letters) // 5, replace=False)
        letters[places] = rng.choice(list("ACGU"), len(places))
        children.append("".join(letters))
    return children


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder like that of the real data, with made-up RNAs."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("data")

    def write(name, **columns):
        pd.DataFrame(columns).to_csv(path / name, sep="\t", index=False)

    n = 120
    parents = [random_rna(rng, 100) for _ in range(n)]
    rnas = [child for parent in parents for child in mutants(rng, parent, 2)]
    write(
        "families.tsv.gz", sequence=rnas, family=[f"RF{i // 2 % 10:05d}" for i in range(2 * n)],
        type=[("class:tRNA", "class:miRNA")[i // 2 % 2] for i in range(2 * n)],
    )  # fmt: skip
    windows = []
    for k in range(3 * n):
        letters = list(random_rna(rng, 401))
        letters[200:202] = "GU" if k % 3 == 0 else letters[200:202]
        letters[199:201] = "AG" if k % 3 == 1 else letters[199:201]
        windows.append("".join(letters))
    write(
        "splice.tsv.gz", sequence=windows, species=["homo_sapiens"] * (3 * n),
        label=["donor", "acceptor", "other"] * n,
        transcript=[f"GENE-{k // 6}-201" for k in range(3 * n)],
    )  # fmt: skip
    leaders = [child for _ in range(n) for child in mutants(rng, random_rna(rng, 50), 2)]
    write(
        "mrl.tsv.gz", utr=leaders, value=[4.0 + i / n for i in range(2 * n)],
        source=["Sample2019"] * (2 * n), gene_or_orf=[f"g{i // 4}" for i in range(2 * n)],
    )  # fmt: skip
    mirnas = [random_rna(rng, 22) for _ in range(n)]
    write(
        "rri.tsv.gz", mirna_seq=[mirnas[k // 4] for k in range(4 * n)],
        target_seq=[random_rna(rng, 40) for _ in range(4 * n)],
        label=[int(k < 3 * n) for k in range(4 * n)],
    )  # fmt: skip
    write(
        "coding.tsv.gz", sequence=[random_rna(rng, 300) for _ in range(n)],
        label=["mRNA", "lncRNA"] * (n // 2),
    )  # fmt: skip
    dots = "(" * 40 + "." * 20 + ")" * 40
    write(
        "structures.tsv.gz", sequence=rnas, dotbracket=[dots] * (2 * n),
        splits=[("bpRNA-TR0", "x,bpRNA-TS0")[i % 7 == 0] for i in range(2 * n)],
    )  # fmt: skip
    (path / "rnafm_tutorial").mkdir()
    with gzip.open(path / "rnafm_tutorial" / "rnacentral_sample_max50.fasta.gz", "wt") as file:
        for i, rna in enumerate(rnas[:160]):
            kind = ("tRNA", "piRNA")[i // 2 % 2]
            file.write(f">URS{i} {kind} from 3 species\n{rna[:30]}\n{rna[30:]}\n")
    return path


def made(folder, title, sizes=SMALL, seed=0):
    return TASKS[title].make(folder, sizes, np.random.default_rng(seed))


@pytest.mark.parametrize("title", TASKS)
def test_slices_have_what_their_task_needs(folder, title):
    task, adata = TASKS[title], made(folder, title)
    labels = adata.obs["label"]
    assert labels.notna().all()
    assert labels.nunique() > 1 or task.call.get("task") == "contact"
    assert set(adata.obs["part"]) == {"train", "valid", "test"}
    partner = task.call.get("partner")
    assert partner is None or partner in adata.obs
    if task.call.get("task") in {"residue", "contact"}:
        assert (labels.str.len() == adata.obs["sequence"].str.len()).all()
    again = made(folder, title)
    assert again.obs["sequence"].tolist() == adata.obs["sequence"].tolist()
    assert task.sizes.test >= 400


@pytest.mark.parametrize("title", TASKS)
def test_no_group_and_no_relative_is_in_two_parts(folder, title):
    obs = made(folder, title).obs
    assert obs.groupby("group")["part"].nunique().max() == 1
    rna = obs.drop_duplicates("sequence").copy()
    adata = rx.from_sequences(rna[["sequence", "part"]].reset_index(drop=True))
    rx.tl.group_by_identity(adata, identity=0.6)
    by_relatives = adata.obs.groupby("identity_group", observed=True)["part"].nunique()
    assert by_relatives.max() == 1


@pytest.mark.parametrize(("kind", "place", "letters"), [
    ("donor", 40, "GU"), ("acceptor", 40, "AG"),
])  # fmt: skip
def test_the_dinucleotide_tells_nothing_of_a_splice_site(folder, kind, place, letters):
    """The published windows have it at 99 % of the sites and at a quarter of the others."""
    obs = made(folder, f"splice {kind}").obs
    assert Counter(obs["label"]).keys() == {kind, "decoy"}
    assert set(obs["sequence"].str[place : place + 2]) == {letters}
    assert set(obs["sequence"].str.len()) == {81}
    genes = obs.groupby("group")["label"].nunique()
    assert genes.max() == 2, "decoys are of the genes of the sites"


def test_sites_are_labeled_where_they_are_and_other_residues_do_not_count(folder):
    windows = pd.read_csv(folder / "splice.tsv.gz", sep="\t")
    obs = made(folder, "splice sites as residues").obs
    for sequence, labels in zip(obs["sequence"], obs["label"], strict=True):
        whole = windows[windows["sequence"].str.contains(sequence)].iloc[0]
        first = whole["sequence"].index(sequence)
        expected = {"donor": {200, 201}, "acceptor": {199, 200}}[whole["label"]]
        assert {first + k for k, letter in enumerate(labels) if letter in "DA"} == expected
        for k, letter in enumerate(labels):
            pairs = {sequence[k : k + 2], sequence[max(0, k - 1) : k + 1]}
            assert (letter == "?") or pairs & {"GU", "AG"} or k in {0, len(labels) - 1}


def test_neither_partner_alone_tells_whether_a_mirna_binds(folder):
    """The published negatives have miRNAs of their own: the miRNA alone told the label."""
    obs = made(folder, "miRNA-target interaction").obs
    known = pd.read_csv(folder / "rri.tsv.gz", sep="\t").query("label == 1")
    binding = set(zip(known["mirna_seq"], known["target_seq"], strict=True))
    for partner in ("sequence", "target_sequence"):
        counts = obs.groupby([partner, "label"]).size().unstack(fill_value=0)
        assert (counts["binds"] == counts["does not"]).all(), partner
    for mirna, target, label in zip(
        obs["sequence"], obs["target_sequence"], obs["label"], strict=True
    ):
        assert ((mirna, target) in binding) == (label == "binds")
    assert obs.groupby("target_sequence")["part"].nunique().max() == 1


def test_parts_are_whole_groups_of_the_wanted_sizes():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"group": rng.integers(80, size=600), "label": rng.integers(2, size=600)})
    frame["label"] = (frame["group"] % 2).astype(str)
    parts = divided(frame, Sizes(100, 20, 60), rng, label="label")
    assert parts["part"].value_counts().to_dict() == {"train": 100, "test": 60, "valid": 20}
    assert parts.groupby("group")["part"].nunique().max() == 1
    assert parts.groupby(["part", "label"]).size().unstack().nunique(axis=1).eq(1).all()
    giant = pd.DataFrame({"group": [0] * 300 + list(range(1, 200)), "label": "x"})
    parts = divided(giant, Sizes(100, 20, 60), rng, label=None)
    assert set(parts.loc[parts["group"] == 0, "part"]) == {"train"}


def test_merged_groups_are_those_of_either():
    assert merged([0, 0, 1, 2, 3], ["a", "b", "b", "c", "c"]).tolist() == [0, 0, 0, 1, 1]


def test_missing_data_is_an_error_that_names_the_file(tmp_path):
    for task in TASKS.values():
        with pytest.raises(MissingDataError, match="does not exist"):
            task.make(tmp_path, SMALL, np.random.default_rng(0))


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("rnaexplore.finetuning.convolution.STEPS", 5)
    monkeypatch.setattr("rnaexplore.finetuning.rna_methods.BASELINES", ("3-mers",))


def parted(folder, sizes, rng):
    adata = planted(60)
    parts = ["train"] * 30 + ["valid"] * 10 + ["test"] * 20
    adata.obs = adata.obs.assign(label=adata.obs["kind"], part=parts, group=adata.obs["alone"])
    return adata


def test_a_row_has_all_that_a_reader_asks_for(tmp_path, quick):
    model = random_model(shrunk("mini"))
    out = tmp_path / "run"
    options = {"size": 1.0, "call": {"method": "frozen"}, "settings": {"epochs": 1, "seed": 0}}
    result = tasks.measured(model, TaskData(parted, SMALL), tmp_path, out, **options)
    row = tasks.row_of(result)
    assert (row["score"], row["RNAs"], row["test groups"]) == ("macro_f1", "30/10/20", "20")
    for column in (
        "fine-tuned", "probe", "minus probe", "best baseline", "minus best baseline",
        "convolutional network", "nearest relative", "random weights", "shuffled",
        "constant or chance",
    ):  # fmt: skip
        assert "[" in row[column], column
    assert result.best("baseline") in row["best baseline"]


def test_the_command_skips_with_a_reason(tmp_path, monkeypatch):
    import typer

    monkeypatch.setattr(rx, "load_model", lambda name: random_model(shrunk("mini")))
    app = typer.Typer()
    app.command()(tasks.main)
    result = CliRunner().invoke(app, [str(tmp_path), "--model", "mini", "--task", "splice"])
    assert result.exit_code == 0, result.output
    assert result.output.count("skipped: splice") == 3
    assert "splice.tsv.gz does not exist" in result.output


def test_the_command_prints_every_row_with_machine_and_seed(tmp_path, monkeypatch, quick):
    import typer

    monkeypatch.setattr(rx, "load_model", lambda name: random_model(shrunk("mini")))
    monkeypatch.setattr(tasks, "TASKS", {"toy": TaskData(parted, SMALL)})
    app = typer.Typer()
    app.command()(tasks.main)
    options = ["--model", "mini", "--epochs", "1", "--seed", "3", "--method", "frozen"]
    result = CliRunner().invoke(app, [str(tmp_path), *options, "--out", str(tmp_path / "t.csv")])
    assert result.exit_code == 0, result.output
    assert "cores" in result.output
    assert "seeds [3]" in result.output
    assert "macro_f1: fine-tuned" in result.output
    assert len(pd.read_csv(tmp_path / "t.csv")) == 1
