"""The course: its index is complete, its pictures are there, its later notebooks tell the truth."""

from __future__ import annotations

import gzip
import os
import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
TUTORIALS = ROOT / "tutorials"
PICTURES = TUTORIALS / "pictures"
INDEX = (TUTORIALS / "README.md").read_text(encoding="utf-8")
SOURCES = sorted(TUTORIALS.glob("[0-9][0-9]-*.py"))
DATA = Path(os.environ.get("RNAEXPLORE_TEST_DATA", ROOT.parent / "shared" / "data")).resolve()
TYPES = DATA / "rnafm_tutorial" / "rnacentral_sample_max50.fasta.gz"
SPLICE = DATA / "splice.tsv.gz"

runs_a_notebook = [
    pytest.mark.notebook,
    pytest.mark.filterwarnings("default"),  # the kernel's own client code, not ours
]


def tags(source: Path) -> int:
    """Count the cells whose picture is kept."""
    cells = jupytext.read(source).cells
    return sum("picture" in cell.metadata.get("tags", []) for cell in cells)


def test_index_leads_to_every_tutorial() -> None:
    links = set(re.findall(r"\]\(([^)#]+)\)", INDEX))
    tutorials = {path.name for path in TUTORIALS.glob("*.ipynb")}
    texts = {path.name for path in TUTORIALS.glob("*.md")} - {"README.md"}
    assert tutorials | texts <= links
    missing = [x for x in links if not x.startswith("http") and not (TUTORIALS / x).exists()]
    assert not missing


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_pictures_are_those_of_tagged_cells(source: Path) -> None:
    kept = sorted(PICTURES.glob(f"{source.stem}*.png"))
    assert len(kept) == tags(source), f"run: python -m assets.notebooks {source.stem[:2]}"
    for picture in kept:
        assert 2_000 < picture.stat().st_size < 200_000


def test_no_picture_is_left_over() -> None:
    stems = {path.stem for path in SOURCES}
    assert {re.sub(r"-\d$", "", path.stem) for path in PICTURES.glob("*.png")} <= stems
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < 1_500_000


def test_notebooks_are_kept_without_output() -> None:
    for path in TUTORIALS.glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        assert not [cell for cell in cells if cell.get("outputs")], path.name


def run(name: str, folder: Path) -> tuple[list[Any], str]:
    """Return the outputs of a notebook, and what it printed."""
    notebook = nbformat.read(TUTORIALS / f"{name}.ipynb", as_version=4)
    client = NotebookClient(
        notebook, timeout=3600, kernel_name="python3", resources={"metadata": {"path": folder}}
    )
    client.execute()
    assert list(folder.iterdir()) == [], "a tutorial leaves nothing behind"
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    printed = "".join(o.text for o in outputs if o.output_type == "stream" and o.name == "stdout")
    return outputs, printed


def shown(outputs: list[Any], kind: str = "image/png") -> int:
    return sum(kind in o.get("data", {}) for o in outputs)


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to run in; no data, no cache and no network unless a test gives them."""
    monkeypatch.setenv("RNAEXPLORE_DATA", str(tmp_path / "no data"))
    monkeypatch.setenv("RNAEXPLORE_RNAFM_TUTORIAL", "http://127.0.0.1:9/none.fasta")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path):
    """Address of a folder served on this machine, and the folder."""
    served = tmp_path / "served"
    served.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=served)) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}", served
        http.shutdown()
        thread.join()


def probed(printed: str, split: str) -> dict[str, float]:
    """Return the accuracy of each representation under a split."""
    table = printed.split(f"\n{split}\n", 1)[1].split("\n\n", 1)[0]
    rows = re.findall(r"^(\S.*?) {2,}(?:embedding|baseline|null) +([\d.]+)", table, re.MULTILINE)
    return {name: float(value) for name, value in rows}


class TestTypeClassification:
    pytestmark = runs_a_notebook

    def test_on_the_authors_data(self, work, server, monkeypatch) -> None:
        if not TYPES.is_file():
            pytest.skip(
                f"{TYPES} is not there; it is a copy of the file that the notebook downloads"
            )
        address, served = server
        (served / "types.fasta").write_bytes(gzip.decompress(TYPES.read_bytes()))
        monkeypatch.setenv("RNAEXPLORE_RNAFM_TUTORIAL", f"{address}/types.fasta")
        outputs, printed = run("08-type-classification", work)
        assert "1400 RNAs of 28 types, from its authors" in printed
        for split in ("random split", "relatives held out"):
            found = probed(printed, split)
            best = max(found[name] for name in ("3-mers", "4-mers", "length", "one-hot"))
            assert found["X_mini"] > best > 0.3 > found["shuffled target"]
        assert shown(outputs) == 2
        assert re.search(r"random split: \d+% of tested RNAs have a relative in training", printed)

    def test_without_a_network(self, work) -> None:
        outputs, printed = run("08-type-classification", work)
        assert (
            "of 9 types, from the shipped sample, families for types (ConnectionError)" in printed
        )
        assert shown(outputs) == 2


class TestLayersAndPooling:
    pytestmark = runs_a_notebook

    def test_it_runs_and_tells_what_it_measured(self, work) -> None:
        outputs, printed = run("09-layers-and-pooling", work)
        rows = re.findall(
            r"^(best layer|best k-mers|sequence identity|length) +([\d.]+) \[", printed, re.M
        )
        found = {name: float(value) for name, value in rows}
        assert len(found) == 4
        assert found["sequence identity"] > 0.9, "what the text says of identity"
        assert found["sequence identity"] >= found["best layer"] - 0.02, "and of the model"
        assert found["length"] < found["best k-mers"]
        curves = dict(
            re.findall(r"^(mini|\w+ weights) +layer 0 [\d.]+, highest ([\d.]+)", printed, re.M)
        )
        assert set(curves) == {"mini", "random weights", "permuted weights"}
        (highest,) = re.findall(r"^highest of 14: ([\d.]+)", printed, re.M)
        (nested,) = re.findall(r"^best layer, nested: ([\d.]+)", printed, re.M)
        assert float(nested) <= float(highest)
        assert float(nested) == pytest.approx(found["best layer"], abs=0.006)
        others = re.findall(r"there [\d.]+, on the others ([\d.]+)\n +chosen .*: ([\d.]+)", printed)
        assert len(others) == 2
        assert all(float(elsewhere) <= float(itself) for elsewhere, itself in others)
        assert shown(outputs) == 2


class TestSpliceSites:
    pytestmark = runs_a_notebook

    @pytest.mark.parametrize("data", ["human", "made up"])
    def test_sites_beside_baselines(self, work, monkeypatch, data) -> None:
        if data == "human":
            if not SPLICE.is_file():
                pytest.skip(f"{SPLICE} is not there: annotated human splice sites")
            monkeypatch.setenv("RNAEXPLORE_DATA", str(DATA))
        outputs, printed = run("10-splice-sites", work)
        assert f"windows: {data}" in printed
        rows = re.findall(
            r"^(mini(?:, \w+ weights)?), (AG|GU): best layer ([\d.]+) \(highest of all ([\d.]+)\), "
            r"one-hot ([\d.]+), composition ([\d.]+), 3-mers sqrt ([\d.]+), "
            r"shuffled labels ([\d.]+): (above|not above) (.*)$",
            printed,
            re.MULTILINE,
        )
        assert len(rows) == 6
        for _, _, nested, highest, *others, null, verdict, hard in rows:
            assert float(nested) <= float(highest) + 0.01
            assert float(null) < 0.1
            if abs(float(nested) - max(map(float, others))) > 0.01:
                assert (verdict == "above") == (float(nested) > max(map(float, others)))
            assert hard in {"one-hot", "composition", "3-mers sqrt"}
        if data == "human":
            composition = {row[1]: float(row[5]) for row in rows}
            assert composition["AG"] > 0.08, "what the text says of acceptors"
        assert shown(outputs) == 2


class TestFiguresForAPaper:
    pytestmark = runs_a_notebook

    def test_it_runs_and_its_files_are_fit_to_print(self, work) -> None:
        outputs, printed = run("11-figures-for-a-paper", work)
        assert "fonts embedded as TrueType: True | type 3: False" in printed
        (pieces,) = re.findall(r"^(\d+) pieces of text", printed, re.MULTILINE)
        assert int(pieces) > 50
        assert shown(outputs) == 3
