"""The command line: files come out right, errors are one clean message and exit code 2."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from dataclasses import replace

import anndata as ad
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from typer.testing import CliRunner

import rnaexplore as rx
from rnaexplore.cli import app
from rnaexplore.cli._hints import in_shell
from rnaexplore.errors import ExposureWarning
from rnaexplore.models import get_spec, load_model, names, register, registry
from rnaexplore.models.adapters.esm import EsmAdapter
from rnaexplore.models.spec import Weights
from rnaexplore.structure import DEFAULT
from rnaexplore.tl.evaluation.seen import check_exposure, seen_by_model

FASTA = ">one first RNA\nGGGGAAAACCCC\n>two\nGCGCTTTTGCGC\n"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Register a tiny model with random weights on disk, for this module."""
    mini = get_spec("mini")
    spec = replace(
        mini,
        name="cli-tiny",
        n_layers=2,
        n_heads=4,
        dim=32,
        config={**mini.config, "intermediate_size": 64},
        weights=Weights(file="cli-tiny.safetensors", licence="none"),
    )
    folder = tmp_path_factory.mktemp("models")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        state = EsmAdapter.build(spec).state_dict()
    save_file({key: value.clone() for key, value in state.items()}, folder / spec.weights.file)
    register(spec)
    before = os.environ.get("RNAEXPLORE_MODELS")
    os.environ["RNAEXPLORE_MODELS"] = str(folder)
    yield spec.name
    registry._registry().pop(spec.name)
    if before is None:
        del os.environ["RNAEXPLORE_MODELS"]
    else:
        os.environ["RNAEXPLORE_MODELS"] = before


@pytest.fixture
def fasta(tmp_path):
    path = tmp_path / "in.fa"
    path.write_text(FASTA)
    return path


def run(*arguments: object):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_models_lists_every_model() -> None:
    result = run("models")
    assert result.exit_code == 0
    rows = {line.split()[0]: line.split() for line in result.output.splitlines() if line}
    for name in names():
        assert name in rows
    assert rows["mini"] == ["mini", "6×4×256", "1,022", "nt", "acel", "package"]
    assert max(map(len, result.output.splitlines())) <= 80


def test_models_says_which_weights_are_on_disk(tiny, monkeypatch, tmp_path) -> None:
    def disk(name: str) -> str:
        rows = (line for line in run("models").output.splitlines() if line)
        return next(row for row in rows if row.startswith(f"{name} "))[-8:].strip()

    assert disk(tiny) == "yes"
    monkeypatch.setenv("RNAEXPLORE_MODELS", str(tmp_path))
    assert disk(tiny) == "by hand"
    assert disk("mini") == "package"
    assert "BSD-3-Clause" in run("models", "--details").output


def test_models_verify_reports_each_check(tiny) -> None:
    result = run("models", "verify", tiny)
    assert result.exit_code == 0, result.output
    assert f"{tiny}: verified" in result.output
    assert "alone and in a batch" in result.output
    assert run("models", "verify", "minni").exit_code == 2


@pytest.mark.parametrize("ending", ["h5ad", "zarr"])
def test_embed_writes_the_models_vectors(tiny, fasta, tmp_path, ending: str) -> None:
    out = tmp_path / "new" / f"out.{ending}"
    result = run("embed", fasta, "-o", out, "--model", tiny, "--layer", 1, "--pooling", "max")
    assert result.exit_code == 0, result.output
    adata = ad.read_h5ad(out) if ending == "h5ad" else ad.read_zarr(out)
    assert list(adata.obs_names) == ["one", "two"]
    expected = load_model(tiny, device="cpu").embed(
        ["GGGGAAAACCCC", "GCGCUUUUGCGC"], layer=1, pooling="max"
    )
    np.testing.assert_allclose(adata.obsm["X_cli-tiny"], expected, atol=1e-5)


def test_embed_streams_and_refuses_another_layer(tiny, fasta, tmp_path) -> None:
    out = tmp_path / "out.zarr"
    arguments = ("embed", fasta, "-o", out, "--model", tiny, "--level", "nucleotide")
    for _ in range(2):
        result = run(*arguments)
        assert result.exit_code == 0, result.output
        assert f"in Python, rx.read_lazy({str(out)!r}) opens it" in result.output
    stored = ad.read_zarr(out)
    assert stored.uns["nucleotides"]["X_cli-tiny"].shape == (24, 32)
    refused = run(*arguments, "--layer", 0)
    assert refused.exit_code == 2
    assert "layer is 2, asked for 0" in " ".join(refused.stderr.split())


def test_embed_reads_stockholm_into_zarr(tiny, tmp_path) -> None:
    path, out = tmp_path / "in.sto", tmp_path / "out.zarr"
    path.write_text("# STOCKHOLM 1.0\n#=GF ID fam\na GGAACC\n#=GC SS_cons <<..>>\n//\n")
    result = run("embed", path, "-o", out, "--model", tiny)
    assert result.exit_code == 0, result.output
    assert list(ad.read_zarr(out).obs["structure"]) == ["((..))"]


def test_fold_writes_dot_bracket_table_and_map_of_each_rna(fasta, tmp_path) -> None:
    pytest.importorskip("RNA")
    out = tmp_path / "out"
    result = run("fold", fasta, "-o", out, "--method", "vienna")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in out.iterdir()) == [
        "one.csv", "one.ct", "one.dbn", "two.csv", "two.ct", "two.dbn",
    ]  # fmt: skip
    assert "((((....))))" in (out / "one.dbn").read_text()
    assert (out / "one.ct").read_text().split()[0] == "12"
    with (out / "one.csv").open() as file:
        header, *rows = csv.reader(file)
    assert header[:4] == ["probability", "G1", "G2", "G3"]
    probabilities = np.array([row[1:] for row in rows], dtype=float)
    np.testing.assert_array_equal(probabilities, probabilities.T)
    assert probabilities[0, 11] > 0.5


def test_fold_with_a_model_uses_its_contact_head(tiny, fasta, tmp_path) -> None:
    out = tmp_path / "out"
    result = run("fold", fasta, "-o", out, "-m", tiny, "--threshold", 0.4)
    assert result.exit_code == 0, result.output
    with (out / "one.csv").open() as file:
        rows = list(csv.reader(file))[1:]
    probabilities = np.array([row[1:] for row in rows], dtype=float)
    expected = load_model(tiny, device="cpu").contacts("GGGGAAAACCCC")
    np.testing.assert_allclose(probabilities, expected, atol=1e-6)


def test_fold_takes_what_decode_takes(tiny, fasta, tmp_path) -> None:
    adata = rx.from_sequences({"one": "GGGGAAAACCCC", "two": "GCGCUUUUGCGC"})
    for options, settings in (
        (["--decode", "mea", "--threshold", 0.1, "--any-pair"],
         {"method": "mea", "threshold": 0.1, "canonical": False}),
        (["--pairs-per-residue", 0.3, "--min-loop", 5], {"pairs_per_residue": 0.3, "min_loop": 5}),
        ([], {}),
    ):  # fmt: skip
        out = tmp_path / f"out{len(options)}"
        assert run("fold", fasta, "-o", out, "-m", tiny, *options).exit_code == 0
        for name in adata.obs_names:
            contacts = rx.tl.contacts(adata, name, load_model(tiny, device="cpu"))
            expected = contacts.decode(**settings).dot_bracket
            assert expected in (out / f"{name}.dbn").read_text().split()


def test_fold_says_which_values_are_scores(tiny, fasta, tmp_path) -> None:
    out = tmp_path / "out"
    assert run("fold", fasta, "-o", out, "-m", tiny, "--method", "jacobian").exit_code == 0
    assert (out / "one.csv").read_text().startswith("score,")
    refused = run("fold", fasta, "-o", out, "-m", tiny, "--method", "jacobian", "--threshold", 0.3)
    assert refused.exit_code == 2
    assert "is a probability" in refused.stderr


def test_fold_writes_every_name_into_the_folder_and_over_nothing(tmp_path) -> None:
    pytest.importorskip("RNA")
    path, out = tmp_path / "in.fa", tmp_path / "out"
    names = [".", "..", "a/b", "a_b", "x" * 300]
    path.write_text("".join(f">{name}\nGGGGAAAACCCC\n" for name in names))
    for beside in ("out.csv", ".csv", "..csv"):
        (tmp_path / beside).write_text("mine")
    result = run("fold", path, "-o", out, "--method", "vienna")
    assert result.exit_code == 0, result.output
    assert len(list(out.iterdir())) == 3 * len(names) + 1
    with (out / "names.csv").open() as file:
        told = {row["name"]: row["files"] for row in csv.DictReader(file)}
    assert list(told) == names
    for name, stem in told.items():
        assert (out / f"{stem}.dbn").read_text().startswith(f">{name}\n")
    assert {(tmp_path / beside).read_text() for beside in ("out.csv", ".csv", "..csv")} == {"mine"}


LONG = "GGGGAAAACCCC" + "ACGU" * 300  #: longer than the 1,022 nt of the tiny model


def test_fold_joins_windows_of_a_long_rna_and_says_so(tiny, tmp_path) -> None:
    path, out = tmp_path / "in.fa", tmp_path / "out"
    path.write_text(f">a long one\n{LONG}\n>b\nGGGGAAAACCCC\n")
    result = run("fold", path, "-o", out, "-m", tiny, "--threshold", 0.9)
    assert result.exit_code == 0, result.output
    assert sorted(file.name for file in out.glob("*.dbn")) == ["a.dbn", "b.dbn"]
    assert "note: a is longer than a window" in result.stderr
    assert len((out / "a.dbn").read_text().split("\n")[2]) == len(LONG)


def test_fold_leaves_out_what_it_cannot_read_and_writes_all_others(tiny, tmp_path) -> None:
    path, out = tmp_path / "in.fa", tmp_path / "out"
    path.write_text(f">first\nGGGGAAAACCCC\n>too/long\n{LONG}\n>b\n{LONG}\n>last\nGGGG\n")
    result = run("fold", path, "-o", out, "-m", tiny, "--on-long", "skip")
    assert result.exit_code == 1
    assert sorted(file.name for file in out.iterdir()) == [
        "first.csv", "first.ct", "first.dbn", "last.csv", "last.ct", "last.dbn",
    ]  # fmt: skip
    told = " ".join(result.stderr.split())
    assert "record 'too/long' has 1212 nucleotides" in told
    assert "with --on-long window maps of overlapping windows are joined" in told
    assert "RNAs skipped: 2; all others were written" in told
    assert "#0" not in told
    assert "rx." not in told


def test_fold_ends_with_an_error_if_nothing_can_be_folded(tiny, tmp_path) -> None:
    path = tmp_path / "in.fa"
    path.write_text(f">a\n{LONG}\n")
    result = run("fold", path, "-o", tmp_path / "out", "-m", tiny, "--on-long", "skip")
    assert result.exit_code == 2
    assert "no RNA could be folded: record 'a'" in result.stderr
    both = run("fold", path, "-o", tmp_path / "out", "-m", tiny, "--on-long", "skip", "--window", 9)
    assert both.exit_code == 2
    assert "drop one" in both.stderr


def test_embed_takes_weights_device_and_what_to_do_with_invalid_records(
    tiny, fasta, tmp_path
) -> None:
    state = tmp_path / "other.safetensors"
    spec = get_spec(tiny)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        weights = EsmAdapter.build(spec).state_dict()
    save_file({key: value.clone() for key, value in weights.items()}, state)
    fasta.write_text(FASTA + ">protein\nMKVLAAGIEF\n")
    expected = load_model(tiny, weights=state, device="cpu").embed(["GGGGAAAACCCC"])
    for ending in ("h5ad", "zarr"):
        out = tmp_path / f"out.{ending}"
        result = run(
            "embed", fasta, "-o", out, "-m", tiny, "--weights", state, "--device", "cpu",
            "--on-invalid", "drop",
        )  # fmt: skip
        assert result.exit_code == 0, result.output
        adata = ad.read_h5ad(out) if ending == "h5ad" else ad.read_zarr(out)
        assert list(adata.obs_names) == ["one", "two"]
        np.testing.assert_allclose(adata.obsm["X_cli-tiny"][:1], expected, atol=1e-5)
        assert "1 dropped" in result.stderr or "dropped" in result.stderr
    refused = run("embed", fasta, "-o", tmp_path / "x.h5ad", "-m", tiny, "--weights", state)
    assert refused.exit_code == 2
    assert "'protein'" in refused.stderr


def many_rnas(path) -> None:
    rng = np.random.default_rng(0)
    path.write_text("".join(f">r{k}\n{''.join(rng.choice(list('ACGU'), 20))}\n" for k in range(12)))


def test_map_plot_and_pages_from_the_shell(tiny, tmp_path) -> None:
    fasta, mapped = tmp_path / "in.fa", tmp_path / "new" / "map.h5ad"
    many_rnas(fasta)
    result = run("map", fasta, "-o", mapped, "-m", tiny, "--n-neighbors", 4)
    assert result.exit_code == 0, result.output
    assert "12 RNAs in" in result.output
    adata = ad.read_h5ad(mapped)
    assert adata.obsm["X_umap"].shape == (12, 2)
    assert adata.obs["leiden"].cat.categories[0] == "0"
    table = tmp_path / "map.csv"
    assert run("map", mapped, "-o", table, "--n-neighbors", 4).exit_code == 0
    with table.open() as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == list(adata.obs_names)
    np.testing.assert_allclose(
        [[float(row["umap_1"]), float(row["umap_2"])] for row in rows],
        adata.obsm["X_umap"], rtol=1e-4, atol=1e-4,
    )  # fmt: skip
    assert [row["leiden"] for row in rows] == list(adata.obs["leiden"])
    for ending, start in (("pdf", b"%PDF"), ("png", b"\x89PNG"), ("html", b"<")):
        out = tmp_path / f"figure.{ending}"
        drawn = run("plot", mapped, "-o", out)
        assert drawn.exit_code == 0, drawn.output
        assert "colored by leiden" in drawn.output
        assert out.read_bytes().startswith(start)
    refused = run("plot", mapped, "-o", tmp_path / "x.pdf", "--color", "lieden")
    assert refused.exit_code == 2
    assert "'leiden'" in refused.stderr
    assert run("plot", mapped, "-o", tmp_path / "x.doc").exit_code == 2
    assert run("map", mapped, "-o", tmp_path / "x.zarr").exit_code == 2


def test_plot_of_a_file_without_a_map_says_so_in_shell(tiny, tmp_path) -> None:
    fasta, out = tmp_path / "in.fa", tmp_path / "out.h5ad"
    many_rnas(fasta)
    assert run("embed", fasta, "-o", out, "-m", tiny).exit_code == 0
    result = run("plot", out, "-o", tmp_path / "x.pdf")
    assert result.exit_code == 2
    assert "rnaexplore map" in result.stderr
    assert "rx." not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["embed", "{long}", "-o", "{out}.h5ad", "-m", "{tiny}"], "pass --window 1022 to read"),
        (["embed", "{long}", "-o", "{out}.h5ad", "-m", "nonsense"], "rnaexplore models shows all"),
        (["embed", "{fasta}", "-o", "{out}.h5ad", "-m", "rnabert"], "pass --weights PATH"),
        (["fold", "{fasta}", "-o", "{out}", "-m", "{tiny}", "--method", "jacobian",
          "--threshold", "0.3"], f"--pairs-per-residue {DEFAULT.pairs_per_residue:g}"),
        (["models", "verify", "rnabert"], "pass --weights PATH"),
    ],
)  # fmt: skip
def test_hints_speak_shell(  # noqa: PLR0917
    tiny, fasta, tmp_path, monkeypatch, arguments, advice
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "long.fa").write_text(f">a\n{LONG}\n")
    places = {
        "fasta": fasta, "tiny": tiny, "out": tmp_path / "out",
        "long": tmp_path / "long.fa",
    }  # fmt: skip
    result = run(*(argument.format(**places) for argument in arguments))
    assert result.exit_code == 2
    told = " ".join(result.stderr.split())
    assert advice in told
    assert not re.search(r"rx\.|adata|\b[a-z_]+=", told), told


def test_that_rnas_were_seen_is_told_without_python() -> None:
    sample = rx.datasets.rfam_sample()
    seen = [seen_by_model(load_model("mini", device="cpu"))]
    with pytest.warns(ExposureWarning) as caught:
        check_exposure(sample, range(sample.n_obs), seen, on_seen="warn")
    message = str(caught[0].message)
    assert "on_seen=" in message
    assert in_shell(message) == message.partition(". on_seen=")[0]


def test_in_shell_touches_options_alone() -> None:
    assert in_shell("pass on_invalid='drop', not kind=x", ["on-invalid"]) == (
        "pass --on-invalid drop, not kind=x"
    )
    assert in_shell("see rx.list_models() and a == b") == "see rnaexplore models and a == b"


def test_verify_says_whether_a_store_is_as_it_was(tiny, fasta, tmp_path) -> None:
    out = tmp_path / "out.zarr"
    assert run("embed", fasta, "-o", out, "-m", tiny).exit_code == 0
    whole = run("verify", out)
    assert whole.exit_code == 0, whole.output
    assert "files are as they were written" in whole.stdout
    shard = next(path for path in out.rglob("obsm/*/c/0/0"))
    shard.write_bytes(shard.read_bytes()[:-1])
    damaged = run("verify", out)
    assert damaged.exit_code == 2
    assert "1 of" in damaged.stderr


def test_names_do_not_steer_the_terminal(tmp_path) -> None:
    path = tmp_path / "in.fa"
    path.write_text(">\x1b[2J\x1b]0;title\x07a\nMKVLAAGIEF\n")
    result = run("embed", path, "-o", tmp_path / "out.h5ad")
    assert result.exit_code == 2
    assert "\x1b" not in result.output + result.stderr
    assert "\x07" not in result.output + result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["embed", "{fasta}", "-o", "{out}.csv"], "must end in .h5ad or .zarr"),
        (["embed", "{fasta}", "-o", "{out}.h5ad", "-m", "minni"], "Did you mean 'mini'"),
        (["embed", "{protein}", "-o", "{out}.h5ad"], "'p1'"),
        (["embed", "{fasta}", "-o", "{out}.h5ad", "--level", "nucleotide"], "ends in .zarr"),
        (["embed", "{fasta}.no", "-o", "{out}.h5ad"], "does not exist"),
        (["embed", "{fasta}", "-o", "{out}.h5ad", "--pooling", "sum"], "sum"),
    ],
)
def test_errors_are_one_message_and_exit_code_2(fasta, tmp_path, arguments, message) -> None:
    protein = tmp_path / "p.fa"
    protein.write_text(">p1\nMKVLAAGIEFPLLQ\n")
    places = {"fasta": fasta, "protein": protein, "out": tmp_path / "out"}
    result = run(*(argument.format(**places) for argument in arguments))
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.output + result.stderr


def test_starting_the_command_line_imports_nothing_heavy() -> None:
    code = (
        "import sys; import rnaexplore.cli; "
        "heavy = {'torch', 'transformers', 'anndata', 'pandas', 'scanpy', 'umap', 'matplotlib'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
