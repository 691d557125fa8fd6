"""Figures of files whose names and colors mean something to those who draw."""

from __future__ import annotations

import io
import warnings

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from matplotlib import pyplot as plt

import rnaexplore as rx
from rnaexplore.errors import RnaExploreWarning
from rnaexplore.maps import ContactMap

NAMES = [
    "$$", "$_$", "_x", "__", "$\\frac$", "a$b$c", "\\$", "\\", "", "\0", "a\nb", "%s", "{}", "^_",
    "_nolegend_", "<b>", "\x1b[31m", "x" * 500,
]  # fmt: skip


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def saved(axes, kinds=("png", "svg", "pdf")):
    """Draw a figure, and return its axes."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a font that lacks a letter
        warnings.filterwarnings("ignore", message="constrained_layout not applied")  # long names
        for kind in kinds:
            axes.figure.savefig(io.BytesIO(), format=kind)
    return axes


def rnas(name: str) -> AnnData:
    rng = np.random.default_rng(0)
    families = [name, "b"] * 5
    obs = pd.DataFrame({"family": families}, index=[f"r{k}" for k in range(10)])
    obs[name] = np.arange(10.0)
    return AnnData(obs=obs, obsm={"X_umap": rng.normal(size=(10, 2)).astype("f4")})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("legend", ["side", "map"])
def test_families_of_any_name(name, legend):
    axes = saved(rx.pl.umap(rnas(name), color="family", legend=legend), ["png"])
    if legend == "side":
        named = [text.get_text() for text in axes.get_legend().get_texts()]
        assert len(named) == 2
        assert "b" in named


@pytest.mark.parametrize("name", ["$$", "$_$", "_x", "a$b$c"])
def test_names_are_written_letter_by_letter(name):
    """In a picture of vectors the letters can be read, and nothing was set as mathematics."""
    from pypdf import PdfReader

    axes = rx.pl.umap(rnas(name), color="family", legend="side")
    out = io.BytesIO()
    with plt.rc_context({"pdf.fonttype": 42}):
        axes.figure.savefig(out, format="pdf")
    assert name in PdfReader(out).pages[0].extract_text().split()


@pytest.mark.parametrize("name", NAMES)
def test_columns_classes_and_maps_of_any_name(name):
    adata = rnas(name)
    adata.obsm[f"X_{name}"] = adata.obsm["X_umap"]
    saved(rx.pl.embedding(adata, f"X_{name}", color=name), ["pdf"])
    table = pd.DataFrame([[3, 1], [0, 2]], index=[name, "b"], columns=[name, "b"])
    saved(rx.pl.confusion(table), ["png"])
    saved(rx.pl.similarity(table / 3), ["png"])
    values = np.full((8, 8), 0.5, dtype=np.float32)
    np.fill_diagonal(values, 0)
    saved(rx.pl.contacts(ContactMap(values, "ACGUACGU", "head", name)), ["svg"])


WRONG = [
    ["nocolor", "b"], [1, 2], "red", ["#12", "#12"], {"a": 1}, 5, np.array([["a", "b"]]),
    ["$$", "x"], [float("nan")] * 2, b"red", [["red"], ["blue"]],
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_colors_that_are_none_are_told_and_left_out(wrong):
    adata = rnas("a")
    expected = rx.pl.umap(adata, color="family").collections[0].get_facecolor()
    adata.uns["family_colors"] = wrong
    with pytest.warns(RnaExploreWarning, match=r"uns\['family_colors'\] holds no colors"):
        axes = rx.pl.umap(adata, color="family")
    np.testing.assert_array_equal(saved(axes).collections[0].get_facecolor(), expected)
    with pytest.warns(RnaExploreWarning, match="family_colors"):
        rx.explore(adata)


def test_colors_that_are_some_are_used():
    adata = rnas("a")
    adata.uns["family_colors"] = np.array(["red", "#00f"], dtype=object)
    colors = {
        tuple(c[:3]) for c in rx.pl.umap(adata, color="family").collections[0].get_facecolor()
    }
    assert colors == {(1, 0, 0), (0, 0, 1)}
