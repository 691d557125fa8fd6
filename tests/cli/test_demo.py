"""The demo: every file it promises, readable, with nothing taken from a network."""

from __future__ import annotations

import anndata as ad
import pandas as pd
import pytest

import rnaexplore.datasets
from rnaexplore.cli._demo import _short, _verdict
from rnaexplore.cli.demo import demo

PER_FAMILY = 16


@pytest.fixture
def small_sample(monkeypatch):
    """Make the demo run on a few RNAs of each family of the shipped sample."""
    sample = rnaexplore.datasets.rfam_sample()
    kept = sample.obs.groupby("family", observed=True).cumcount() < PER_FAMILY
    small = sample[kept.to_numpy() & (sample.obs["length"] < 200).to_numpy()].copy()
    monkeypatch.setattr(rnaexplore.datasets, "rfam_sample", small.copy)
    return small


def test_demo_writes_what_it_promises(small_sample, tmp_path, monkeypatch) -> None:
    out = tmp_path / "demo"
    result = demo(out)
    assert {file.name for file in result.files} == {path.name for path in out.iterdir()}
    assert {path.name for path in out.iterdir()} == {
        "sample.h5ad", "metrics.csv", "explorer.html", "umap.html",
        "umap.pdf", "umap.svg", "attention.pdf", "attention.svg", "contacts.pdf", "contacts.svg",
    }  # fmt: skip
    back = ad.read_h5ad(out / "sample.h5ad")
    assert list(back.obs_names) == list(small_sample.obs_names)
    assert {"X_mini", "X_umap"} <= set(back.obsm)
    assert "leiden" in back.obs
    metrics = pd.read_csv(out / "metrics.csv", index_col="representation")
    hard = {"6-mers sqrt", "best k-mers", "sequence identity", "X_mini + 6-mers sqrt"}
    nulls = {"X_mini random weights", "X_mini permuted weights", "shuffled labels"}
    assert {"X_mini", "X_mini cosine", "length"} | hard | nulls <= set(metrics.index)
    assert metrics.loc["6-mers sqrt", "knn_accuracy"] > metrics.loc["3-mers", "knn_accuracy"] - 0.05
    told = _verdict(metrics)
    for name in ("X_mini", "best k-mers", "sequence identity"):
        assert f"{metrics.loc[name, 'knn_accuracy']:.2f}" in told
    assert len(_short(metrics).columns) == 5
    assert metrics.loc["X_mini", "knn_purity"] > metrics.loc["shuffled labels", "knn_purity"]
    for name in ("umap", "attention", "contacts"):
        assert "<text" in (out / f"{name}.svg").read_text()
        assert (out / f"{name}.pdf").read_bytes().startswith(b"%PDF")
    page = (out / "explorer.html").read_text()
    assert 'src="http' not in page
    assert 'href="http' not in page
    figure = (out / "umap.html").read_text()
    assert "Plotly.newPlot" in figure
    assert 'src="http' not in figure
