"""The notebook on fine-tuning runs, and tells what it measured."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]


@pytest.mark.notebook
@pytest.mark.filterwarnings("default")  # the kernel's own client code, not ours
def test_your_own_labels(tmp_path: Path) -> None:
    pytest.importorskip("peft")
    name = "07-fine-tune-for-your-own-labels.ipynb"
    notebook = nbformat.read(ROOT / "tutorials" / name, as_version=4)
    client = NotebookClient(
        notebook, timeout=3600, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
    assert list(tmp_path.iterdir()) == []
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    text = "".join(o.text for o in outputs if o.output_type == "stream" and o.name == "stdout")
    assert sum("image/png" in o.get("data", {}) for o in outputs) == 1
    found = "(better than|worse than|not clearly different from) the best baseline"
    assert re.search(rf"relatives held out \| macro_f1: fine-tuned [\d.]+ is {found}", text)
    assert re.search(r"a family held out \| .*no claim, the test RNAs are of 1 group,", text)
    (ours, letters) = re.findall(r"relatives held out: ([\d.]+) .* one-hot letters ([\d.]+)", text)[
        0
    ]
    assert float(ours) > float(letters)
    assert "model.safetensors" in text
    labels = re.findall(r"^[Pu]{72}$", text, re.MULTILINE)
    assert len(labels) == 1
    assert "P" in labels[0]
