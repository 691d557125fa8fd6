"""The panel without a browser: what it is told, what it does, and what it keeps."""

from __future__ import annotations

import asyncio
import io

import numpy as np
import pandas as pd
import pytest

import rnaexplore as rx
from rnaexplore.app import analysis, results
from rnaexplore.app.limits import Limits
from rnaexplore.app.panel import Panel

FASTA = "".join(f">r{k}\n{'GGGG' + 'ACGU' * (k % 3 + 1) + 'CCCC'}\n" for k in range(12)).encode()


class Page:
    """Says what a browser would say."""

    def __init__(self, limits=None):
        self.shown, self.files = [], []
        self.panel = Panel(limits or Limits(), show=lambda adata, model: self.shown.append(adata))
        self.panel.send = lambda content, buffers: self.files.append((content["name"], buffers[0]))

    def say(self, what, *buffers, **content):
        self.panel._hear(self.panel, {"type": what, **content}, list(buffers))

    def upload(self, name, content):
        self.say("announce", name=name, size=len(content))
        self.say("piece", memoryview(content))
        self.say("sent")

    def run(self, **options):
        async def job():
            self.say("run", **({"model": "mini", "fold": False} | options))
            if self.panel._task:
                await self.panel._task

        asyncio.run(job())


@pytest.fixture
def quick(monkeypatch):
    """Projection and clusters without the minute that compiling them takes."""

    def umap(adata, **options):
        adata.obsm["X_umap"] = np.zeros((adata.n_obs, 2), dtype=np.float32)

    def cluster(adata, **options):
        adata.obs["leiden"] = pd.Categorical(["0"] * adata.n_obs)

    monkeypatch.setattr(rx.tl, "umap", umap, raising=False)
    monkeypatch.setattr(rx.tl, "cluster", cluster, raising=False)


def test_from_upload_to_files(quick):
    page = Page()
    page.upload("my.fa", FASTA)
    assert page.panel._file == {"name": "my.fa", "rnas": 12}
    page.run(fold=True)
    assert page.panel._error == ""
    assert page.panel._job["running"] is False
    (made,) = page.shown
    assert made is page.panel.made
    expected = rx.load_model("mini").embed(made.obs["sequence"].tolist())
    np.testing.assert_allclose(made.obsm["X_mini"], expected, atol=1e-5)
    assert made.obs["structure_mini"].str.len().tolist() == made.obs["length"].tolist()
    assert [file["kind"] for file in page.panel._downloads] == list(results.KINDS)
    for kind in results.KINDS:
        page.say("download", kind=kind)
    assert page.panel._error == ""
    files = dict(page.files)
    assert list(files) == [f"my.{kind}" for kind in results.KINDS]
    assert files["my.h5ad"].startswith(b"\x89HDF")
    table = pd.read_csv(io.BytesIO(files["my.csv"]), index_col="name")
    assert table["umap_1"].tolist() == [0.0] * 12
    assert files["my.dbn"].count(b">") == 12
    assert b"<text" in files["my.svg"]
    assert files["my.pdf"].startswith(b"%PDF")
    assert b"Plotly.newPlot" in files["my.html"]
    assert b'src="http' not in files["my.html"]
    assert b"rx.read_fasta(source)" in files["my.py"]


def test_bad_input_never_loses_good_work(quick):
    page = Page(Limits(rnas=20))
    page.upload("my.fa", FASTA)
    page.run()
    kept = (page.panel.rnas, page.panel.made, page.panel._file, page.panel._downloads)
    page.upload("protein.fa", b">p\nMKVLAAGIEF\n")
    assert "'p'" in page.panel._error
    page.upload("many.fa", FASTA + FASTA)
    assert "more than 20 RNAs, the limit of this server" in page.panel._error
    page.say("announce", name="huge.fa", size=10**9)
    page.say("piece", memoryview(b"A"))
    page.say("sent")
    assert "'huge.fa' has 1,000.0 MB" in page.panel._error
    page.run(model="rnafm-of-nobody")
    assert "is not offered here" in page.panel._error
    page.say("download", kind="exe")
    assert "no file is named 'exe'" in page.panel._error
    page.say("nonsense")
    assert (page.panel.rnas, page.panel.made, page.panel._file, page.panel._downloads) == kept
    page.upload("again.fa", FASTA)
    assert page.panel._error == ""


def test_a_job_that_fails_or_is_stopped_keeps_the_results_before(quick, monkeypatch):
    page = Page()
    page.run()
    assert "there are no RNAs yet" in page.panel._error
    page.say("download", kind="csv")
    assert "there are no results yet" in page.panel._error
    page.say("sample")
    assert page.panel._file["rnas"] == rx.datasets.rfam_sample().n_obs
    page.upload("my.fa", FASTA)
    page.run()
    before = page.panel.made

    def broken(*args, **options):
        raise MemoryError("too large")

    monkeypatch.setattr(rx.tl, "umap", broken, raising=False)
    page.run()
    assert "this failed (MemoryError: too large)" in page.panel._error
    assert page.panel._job["running"] is False

    def stop(*args, **options):
        page.say("stop")

    monkeypatch.setattr(rx.tl, "cluster", stop, raising=False)
    page.run()
    assert page.panel._error == "stopped; nothing was changed"
    assert page.panel.made is before
    page.upload("few.fa", FASTA[:38])
    page.run()
    assert "a map needs at least 5 RNAs" in page.panel._error
    assert page.panel.made is before


def test_progress_rises_to_the_end(quick):
    adata = rx.from_sequences([f"GGGG{'ACGU' * k}CCCC" for k in range(1, 40)])
    told = []
    model = rx.load_model("mini")
    report = lambda step, share: told.append((step, share))  # noqa: E731
    made = analysis.analyse(adata, model, fold=True, report=report)
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len({share for step, share in told if step.startswith("predict")}) == 40
    assert list(adata.obsm) == []
    assert made.uns["rnaexplore"]["X_mini"]["n_distinct"] == 39


def test_a_file_that_the_server_opens(tmp_path):
    adata = rx.from_sequences([f"GGGG{'ACGU' * k}CCCC" for k in range(1, 8)])
    rx.tl.kmers(adata, k=2)
    adata.write_h5ad(tmp_path / "stored.h5ad")
    page = Page()
    page.panel.open_stored(tmp_path / "stored.h5ad")
    assert page.panel._error == ""
    assert page.shown[0].n_obs == 7
    assert [file["kind"] for file in page.panel._downloads] == ["h5ad", "csv", "py"]
    (tmp_path / "no.h5ad").write_text("x")
    page.panel.open_stored(tmp_path / "no.h5ad")
    assert "is no .h5ad file" in page.panel._error
    assert page.panel.made is page.shown[0]


def test_a_browser_changes_nothing_that_the_server_said(quick, monkeypatch):
    """It may send any state; the server decides from what it knows itself."""
    loaded = []
    monkeypatch.setattr("rnaexplore.models.load_model", lambda name, **_: loaded.append(name))
    page = Page()
    page.upload("my.fa", FASTA)
    before = page.panel.get_state()
    for name in ("/etc/passwd", "multimolecule:someone/model", "mini.safetensors"):
        forged = {
            "_models": [{"name": name, "folds": True, "longest": 0}], "_job": {"running": False},
            "_file": {"name": "../x", "rnas": 1}, "_limits": {"bytes": 1 << 40, "rnas": 1 << 40},
            "_source": {"name": "x"}, "_downloads": [], "_error": "", "_notes": ["forged"],
        }  # fmt: skip
        data = {"method": "update", "state": forged}
        page.panel._handle_msg({"content": {"data": data}, "buffers": []})
        page.run(model=name)
        assert page.panel._error == f"the model {name!r} is not offered here"
        after = page.panel.get_state()
        assert {k: v for k, v in after.items() if k != "_error"} == {
            k: v for k, v in before.items() if k != "_error"
        }
    assert loaded == []


def test_only_models_on_disk_are_offered():
    names = [model["name"] for model in analysis.models_to_offer()]
    assert "mini" in names
    assert set(names) <= set(rx.list_models().index)
