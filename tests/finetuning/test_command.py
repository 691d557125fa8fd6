"""``rnaexplore finetune``: a table in, a folder out, errors as one message."""

from __future__ import annotations

import pandas as pd
import pytest
from typer.testing import CliRunner

import rnaexplore as rx
from rnaexplore.cli import app
from rnaexplore.models import registry
from tests.finetuning.conftest import planted, random_model, shrunk


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "rnas.tsv"
    planted(30).obs.to_csv(path, sep="\t", index_label="identifier")
    return path


@pytest.fixture(autouse=True)
def tiny_by_name(monkeypatch):
    """Let ``--model mini`` load quickly."""
    load = registry.load_model

    def quick(name, **options):
        return random_model(shrunk("mini")) if name == "mini" else load(name, **options)

    monkeypatch.setattr("rnaexplore.models.load_model", quick)


def run(*arguments):
    return CliRunner().invoke(app, ["finetune", *map(str, arguments)])


def test_a_folder_that_opens(table, tmp_path):
    out = tmp_path / "model"
    options = ("--groups", "alone", "--epochs", 1, "--device", "cpu", "--balanced")
    result = run(table, "--target", "kind", "--out", out, *options)
    assert result.exit_code == 0, result.output
    assert "3-mers" in result.output
    assert "macro_f1: fine-tuned" in result.output
    assert rx.load_model(str(out), device="cpu").labels == ("poor", "rich")
    predictions = pd.read_csv(out / "predictions.csv", index_col=0)
    assert len(predictions) == 30
    assert {"train", "valid", "test"} == set(predictions["part"])
    again = run(table, "--target", "kind", "--out", out, *options)
    assert again.exit_code == 0
    assert "macro_f1: fine-tuned" in again.output


def test_other_tasks(table, tmp_path):
    options = ("--groups", "alone", "--epochs", 1, "--device", "cpu", "--method", "frozen")
    pair = ("--task", "pair", "--partner", "second", "--head", "rnaernie-rri")
    result = run(table, "-t", "richer", "-o", tmp_path / "pair", *pair, *options)
    assert result.exit_code == 0, result.output
    assert "second RNA alone" in result.output


@pytest.mark.parametrize(("arguments", "words"), [
    (("--target", "knid"), "Did you mean 'kind'"),
    (("--target", "kind", "--head", "linaer"), "Did you mean 'linear'"),
    (("--target", "kind", "--types", "2"), "rnaernie"),
    (("--target", "kind", "--epochs", "0"), "epochs must be at least 1"),
])  # fmt: skip
def test_errors_are_messages(table, tmp_path, arguments, words):
    result = run(table, "--out", tmp_path / "x", *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_a_file_without_labels(tmp_path):
    path = tmp_path / "rnas.fa"
    path.write_text(">a\nGGGAAACCC\n")
    result = run(path, "--target", "kind", "--out", tmp_path / "x")
    assert result.exit_code == 2
    assert "no labels" in result.stderr


def predict(*arguments):
    return CliRunner().invoke(app, ["predict", *map(str, arguments)])


@pytest.fixture
def folder(table, tmp_path):
    out = tmp_path / "model"
    options = ("--groups", "alone", "--epochs", 1, "--device", "cpu", "--method", "frozen")
    assert run(table, "-t", "kind", "-o", out, *options).exit_code == 0
    return out


def test_predict_applies_what_was_fine_tuned(folder, table, tmp_path):
    model = rx.load_model(str(folder), device="cpu")
    rnas = planted(30)
    fasta = tmp_path / "in.fa"
    fasta.write_text("".join(f">{n}\n{s}\n" for n, s in rnas.obs["sequence"].items()))
    expected = model.predict(list(rnas.obs["sequence"]))
    for file in (table, fasta):
        out = tmp_path / "told.csv"
        result = predict(file, "-m", folder, "-o", out, "--device", "cpu")
        assert result.exit_code == 0, result.output
        told = pd.read_csv(out, index_col="name")
        assert list(told.columns) == ["predicted", "p_poor", "p_rich"]
        assert told[["p_poor", "p_rich"]].to_numpy() == pytest.approx(expected, abs=1e-4)
        assert list(told["predicted"]) == [model.labels[k] for k in expected.argmax(1)]
        assert list(map(str, told.index)) == list(rnas.obs_names)


def test_predict_errors_are_messages(folder, table, tmp_path):
    for arguments, words in (
        ((table, "-m", folder, "-o", tmp_path / "x.txt"), "must end in .csv or .tsv"),
        (
            (table, "-m", folder, "-o", tmp_path / "x.csv", "--partner", "b"),
            "is for models of pairs",
        ),
        ((table, "-m", "mini", "-o", tmp_path / "x.csv"), "no trained predict"),
        ((table, "-m", folder, "-o", tmp_path / "x.csv", "--device", "gpu"), "'cuda:1', got 'gpu'"),
    ):
        result = predict(*arguments)
        assert result.exit_code == 2
        assert words in " ".join(result.stderr.split())
        assert not (tmp_path / "x.csv").exists()
