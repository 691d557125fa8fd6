"""The benchmark of memory and rates says what it measured, and when a goal was missed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks import embed_memory

PAGE = (Path(__file__).parents[2] / "tutorials" / "a-million-rnas.md").read_text(encoding="utf-8")


def test_a_child_tells_its_peak(tmp_path) -> None:
    embed_memory.write_fasta(tmp_path / "in.fa", 60)
    result = CliRunner().invoke(embed_memory.app, ["child", str(tmp_path), "sequence"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.output.splitlines()[-1])
    assert told["peak"] > 50
    assert 60 * 256 * 4 * 0.8 < told["disk"] * 1e6 < 300_000, "vectors, names and notes"


@pytest.mark.parametrize(("last", "code", "verdict"), [(105.0, 0, "met"), (111.0, 1, "MISSED")])
def test_a_peak_that_grows_fails(last, code, verdict, monkeypatch) -> None:
    peaks = {10: 100.0, 20: last}
    monkeypatch.setattr(
        embed_memory, "peak", lambda n, level: {"peak": peaks[n], "seconds": 1.0, "disk": 1.0}
    )
    result = CliRunner().invoke(embed_memory.app, ["memory", "10", "20"])
    assert result.exit_code == code
    assert f"is {verdict}." in result.output


def test_costs_follow_from_rates(monkeypatch) -> None:
    monkeypatch.setattr(embed_memory, "SPEND", 0.01)
    arguments = ["rates", "mini", "--lengths", "20", "--workers", "10"]
    result = CliRunner().invoke(embed_memory.app, arguments)
    assert result.exit_code == 0, result.output
    row = next(line for line in result.output.splitlines() if line.startswith("| `mini`"))
    _, _, length, rate, hours, shared, _, nucleotides, _ = (cell.strip() for cell in row.split("|"))
    assert length == "20"
    assert float(hours.replace(",", "")) == pytest.approx(1e6 / float(rate) / 3600, abs=0.1)
    assert float(shared.split()[0]) == pytest.approx(float(hours) / 10, abs=0.02)
    assert nucleotides == f"{1e6 * 256 * 4 * 20 / 1e9:.0f} GB"


@pytest.mark.parametrize("marker", ["cost", "memory"])
def test_the_page_has_what_the_commands_print(marker) -> None:
    shown = PAGE.split(f"<!-- {marker} -->\n")[1].split(f"<!-- /{marker} -->")[0]
    assert re.search(r"cores, one of them used; load of the machine [\d.]+; torch", shown)
    assert len(re.findall(r"^\| [`\d]", shown, re.MULTILINE)) >= 2


def test_the_code_of_the_page_is_python() -> None:
    for block in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL):
        compile(block, "a-million-rnas.md", "exec")
