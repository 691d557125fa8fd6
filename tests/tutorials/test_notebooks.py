"""The notebooks are their sources, and run from top to bottom."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
TUTORIALS = sorted((ROOT / "tutorials").glob("*.py"))


@pytest.mark.parametrize("source", TUTORIALS, ids=lambda path: path.stem)
def test_notebook_and_source_are_in_step(source: Path) -> None:
    notebook = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    written = jupytext.read(source)
    assert [(c.cell_type, c.source) for c in notebook.cells] == [
        (c.cell_type, c.source) for c in written.cells
    ], f"run: jupytext --to ipynb {source.relative_to(ROOT)}"


@pytest.mark.notebook
@pytest.mark.filterwarnings("default")  # the kernel's own client code, not ours
def test_family_clustering_runs(tmp_path: Path) -> None:
    notebook = nbformat.read(ROOT / "tutorials" / "01-family-clustering.ipynb", as_version=4)
    client = NotebookClient(
        notebook, timeout=3600, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    pictures = [o for o in outputs if "image/png" in o.get("data", {})]
    view = "application/vnd.jupyter.widget-view+json"
    widgets = [o for o in outputs if view in o.get("data", {})]
    printed = "".join(o.text for o in outputs if o.output_type == "stream" and o.name == "stdout")
    assert len(pictures) >= 2
    assert len(widgets) >= 1
    assert "mean over padding:  r = +0.9" in printed
    foreign = re.search(r"(\d+) of \d+ RNAs lie in a cluster of another family", printed)
    assert foreign is not None
    assert int(foreign[1]) > 0
