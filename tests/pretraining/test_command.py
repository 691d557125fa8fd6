"""The command as people run it: one process, a second run, and two processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import rnaexplore as rx
from rnaexplore.pretraining.__main__ import app
from rnaexplore.pretraining.records import Record

SHORT = [
    "--steps", "3", "--batch-tokens", "256", "--short-steps", "1", "--test-splits", "none",
    "--device", "cpu", "--max-length", "40", "--held-out", "0.1",
]  # fmt: skip


@pytest.fixture
def table(hairpins: list[Record], tmp_path: Path) -> Path:
    path = tmp_path / "hairpins.tsv"
    rows = [f"{r.sequence}\t{r.structure}\t{r.family}\n" for r in hairpins[:120]]
    path.write_text("sequence\tstructure\tfamily\n" + "".join(rows))
    return path


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of TensorBoard's import
def test_run_writes_what_it_says_and_its_weights_open(table: Path, tmp_path: Path) -> None:
    motifs = tmp_path / "motifs.txt"
    motifs.write_text("GAAAA\n(((((((.....)))))))\n")
    out = tmp_path / "run"
    options = ["--levels", "1,0,0", "--last-levels", "0.4,0.3,0.3", "--motifs", str(motifs)]
    result = CliRunner().invoke(
        app, [str(table), "--out", str(out), "--start", "published", *SHORT, *options,
              "--tensorboard"],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    report = json.loads((out / "settings.json").read_text())
    assert report["settings"]["masking"]["last"] == {
        "base": 0.4, "subsequence": 0.3, "motif": 0.3,
    }  # fmt: skip
    assert list((out / "tensorboard").glob("events.*"))
    model = rx.load_model("mini", weights=out / "model.safetensors")
    before = rx.load_model("mini")
    vectors = [m.embed(["GGGGAAAACCCC"])[0] for m in (model, before)]
    cosine = np.dot(*vectors) / np.prod([np.linalg.norm(v) for v in vectors])
    assert 0.9 < cosine < 1 - 1e-6, "three steps move the weights, and not far"


def test_shares_that_cannot_be_read_are_named(table: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [str(table), "--out", str(tmp_path), "--levels", "1,0"])
    assert result.exit_code == 2
    assert "not three shares" in result.output


def test_two_processes_share_gradients(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    launch = [
        sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2",
        "--standalone", "-m", "rnaexplore.pretraining", str(table), "--out", str(out), *SHORT,
    ]  # fmt: skip
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        launch, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("records:") == 1
    import torch

    state = torch.load(out / "checkpoint.pt", weights_only=True)
    assert len(state["random"]) == 2
    assert state["random"][0]["numpy"] != state["random"][1]["numpy"]
    with (out / "settings.json").open() as file:
        assert json.load(file)["settings"]["steps"] == 3
    assert (out / "model.safetensors").exists()
