"""The tutorials on heads and structures run from top to bottom and say what they claim."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
VIEW = "application/vnd.jupyter.widget-view+json"


def run(name: str, folder: Path) -> tuple[list[Any], str]:
    """Return the outputs of a notebook, and what it printed."""
    notebook = nbformat.read(ROOT / "tutorials" / f"{name}.ipynb", as_version=4)
    client = NotebookClient(
        notebook, timeout=3600, kernel_name="python3", resources={"metadata": {"path": folder}}
    )
    client.execute()
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    printed = "".join(o.text for o in outputs if o.output_type == "stream" and o.name == "stdout")
    return outputs, printed


def shown(outputs: list[Any], kind: str) -> int:
    return sum(kind in o.get("data", {}) for o in outputs)


@pytest.mark.notebook
@pytest.mark.filterwarnings("default")  # the kernel's own client code, not ours
def test_heads_that_see_helices(tmp_path: Path) -> None:
    outputs, printed = run("03-which-heads-see-helices", tmp_path)
    assert shown(outputs, "image/png") >= 3
    assert shown(outputs, VIEW) == 1
    assert "the six best heads: [(3, 0), (3, 1), (4, 0), (4, 1), (5, 0), (5, 1)]" in printed
    (luck,) = re.findall(r"best null head: ([\d.]+)", printed)
    (trained,) = re.findall(r"best trained head: ([\d.]+)", printed)
    assert float(trained) > 3 * float(luck)
    (low,) = re.findall(r"sequences by [\d.]+ \[([\d.]+), ", printed)
    assert float(low) > float(luck)
    (called,) = re.findall(r"rate of at most 5 %: (\d+)", printed)
    assert int(called) in range(7)  # few families: effects are clear, their rates need not be
    assert "heads below 5 %: 0" in printed


@pytest.mark.notebook
@pytest.mark.filterwarnings("default")  # the kernel's own client code, not ours
def test_structure_and_thermodynamics(tmp_path: Path) -> None:
    pytest.importorskip("RNA")
    outputs, printed = run("04-attention-to-structure", tmp_path)
    assert shown(outputs, "image/png") >= 1
    assert shown(outputs, VIEW) == 1
    means = dict(re.findall(r"^(\S.*?) +mean F1 ([\d.]+) strict", printed, re.MULTILINE))
    assert set(means) == {"mini", "ViennaRNA", "random weights", "random pairs"}
    assert min(float(means["mini"]), float(means["ViennaRNA"])) > 2 * float(means["random pairs"])
    (own,) = re.findall(r"made-up RNAs: +model and energies agree with F1 ([\d.]+)", printed)
    (luck,) = re.findall(r"energies of another RNA ([\d.]+)", printed)
    assert float(own) > float(luck)
