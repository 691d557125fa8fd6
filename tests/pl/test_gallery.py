"""The gallery draws every function of `rnaexplore.pl`, and is kept without output."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

import rnaexplore as rx

SOURCE = Path(__file__).parents[2] / "notebooks" / "gallery.py"


def test_notebook_and_source_are_in_step_without_output():
    notebook = nbformat.read(SOURCE.with_suffix(".ipynb"), as_version=4)
    written = jupytext.read(SOURCE)
    assert [(c.cell_type, c.source) for c in notebook.cells] == [
        (c.cell_type, c.source) for c in written.cells
    ]
    assert not [cell for cell in notebook.cells if cell.get("outputs")]


def test_every_function_has_a_figure():
    shown = set(re.findall(r"rx\.pl\.(\w+)\(", SOURCE.read_text(encoding="utf-8")))
    assert shown == set(rx.pl.__all__) - {"palette"}  # colours, not a figure


@pytest.mark.notebook
@pytest.mark.filterwarnings("default")  # the kernel's own client code, not ours
def test_every_cell_that_draws_shows_a_picture(tmp_path):
    notebook = nbformat.read(SOURCE.with_suffix(".ipynb"), as_version=4)
    client = NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
    for cell in notebook.cells:
        if "rx.pl.style(" in cell.source and cell.cell_type == "code":
            pictures = [o for o in cell.outputs if "image/png" in o.get("data", {})]
            assert len(pictures) == 1, cell.source
    assert list(tmp_path.iterdir()) == []
