"""The benchmark of embedding: same inputs for all, honest sums, missed goals told."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import embed, embed_rows
from benchmarks.embed_data import random_rnas


@pytest.fixture
def folder(tmp_path):
    """Return vectors of two RNAs: ours, int8, and peers one of which is wrong."""
    exact = np.array([[1.0, 2.0], [3.0, -1.0]], dtype=np.float32)
    np.save(tmp_path / "rnaexplore.npy", exact)
    np.save(tmp_path / "rnaexplore int8.npy", exact + np.float32(0.01))
    np.save(tmp_path / "rna-fm.npy", exact + np.float32(1e-6))
    np.save(tmp_path / "multimolecule.npy", exact + np.float32(0.5))
    return tmp_path


def row(seconds, **more):
    return {"seconds": seconds, "peak": 10.0, "flops": 0.0, **more}


def test_lengths_are_log_normal_and_repeat():
    rnas = random_rnas(2000, median=118, spread=0.57)
    lengths = np.array([len(s) for s in rnas])
    assert 110 < np.median(lengths) < 126
    assert lengths.min() >= 20
    assert lengths.max() <= 1022
    assert rnas == random_rnas(2000, median=118, spread=0.57)
    first = random_rnas(128, median=118, spread=0.57)
    assert 16_000 < sum(len(s) + 2 for s in first) < 20_000


def test_missed_goals_are_told(folder):
    found = {
        "rnaexplore": row(10.0, rate=100.0, flops=1e9),
        "rnaexplore int8": row(5.0),
        "rna-fm": row(50.0),
        "multimolecule": row(30.0),
    }
    told = embed.verdicts(found, ["A" * 398, "C" * 398], folder)
    by = {line.split(" (goal")[0].removeprefix("- "): line for line in told}
    assert by["rna-fm 5.0x"].endswith(": met")
    assert by["multimolecule 3.0x"].endswith(": MISSED")
    assert by["multimolecule: vectors within 5e-01"].endswith(": MISSED")
    assert by["80% of the matrix rate"].endswith(": MISSED")  # 800 tokens x 1 GFLOP in 10 s
    assert by["int8: rna-fm 10.0x"].endswith(": met")


def test_the_table_has_a_line_a_row_with_its_ratio(folder):
    found = {"rnaexplore": row(2.0), "rna-fm": row(9.2)}
    lines = embed.table(found, ["A" * 98, "C" * 98], folder)
    assert "| rna-fm | 9.2 | 0.2 | 22 | 4.6x | – | 10 | largest difference 1e-06 |" in lines


def test_the_rate_is_one_that_was_measured():
    assert embed_rows.rate([(64, 64), (64, 128)], repeats=2) > 0


def test_rows_run_in_processes_of_their_own(tmp_path):
    rnas = random_rnas(4, median=30, spread=0.2)
    (tmp_path / "sequences.json").write_text(json.dumps(rnas))
    found = {name: embed.measure(name, tmp_path, "mini", 1) for name in (embed.OURS, embed.INT8)}
    assert found[embed.OURS]["rate"] > 0
    assert all(values["seconds"] > 0 for values in found.values())
    told = embed.verdicts(found, rnas, tmp_path)
    assert any("least cosine" in line and line.endswith(": met") for line in told)
