"""Embeddings of sites, and how their clusters agree with planted and with real kinds."""

from __future__ import annotations

import os
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import rnaexplore as rx
from rnaexplore.errors import CapabilityError, InputError, MissingKeyError, UnknownNameError


@pytest.fixture
def rna():
    adata = rx.from_sequences({"a": "ACGGUUCAGGCAUUCGACGG", "b": "GGCAUUCGAC"})
    adata.obs["site"] = [4, 8]
    adata.obs["species"] = ["human", "mouse"]
    return adata


def test_vectors_are_the_states_at_the_site(rna, tiny) -> None:
    sites = rx.tl.embed_sites(rna, tiny, sites="site", width=2, layers=[0, -1], progress=False)
    assert list(sites.obs_names) == ["a:5", "b:9"]
    assert list(sites.obsm) == ["X_tiny_layer0", "X_tiny_layer2"]
    for name, at, row in (("a", 4, 0), ("b", 8, 1)):
        states = tiny.hidden_states(rna.obs.loc[name, "sequence"])
        for layer in (0, 2):
            np.testing.assert_allclose(
                sites.obsm[f"X_tiny_layer{layer}"][row], states[layer, at : at + 2].ravel()
            )
    assert sites.obs["residues"].tolist() == ["UU", "AC"]
    assert sites.obs["species"].tolist() == ["human", "mouse"]
    assert "sequence" not in sites.obs
    record = sites.uns["rnaexplore"]["X_tiny_layer2"]
    assert (record["model"], record["layer"], record["width"]) == ("tiny", 2, 2)


def test_contexts_are_as_long_for_all_and_centred(rna, tiny) -> None:
    sites = rx.tl.embed_sites(rna, tiny, sites="site", width=2, flank=5, progress=False)
    assert sites.obs["context"].tolist() == ["NACGGUUCAGGC", "AUUCGACNNNNN"]


def test_several_sites_of_an_rna_and_their_columns(rna, tiny, tmp_path) -> None:
    table = pd.DataFrame({"name": ["b", "a", "b"], "position": [1, 0, 5], "label": ["x", "y", "x"]})
    sites = rx.tl.embed_sites(rna, tiny, sites=table, progress=False)
    assert list(sites.obs_names) == ["b:2", "a:1", "b:6"]
    assert sites.obs["label"].tolist() == ["x", "y", "x"]
    assert sites.obs["species"].tolist() == ["mouse", "human", "mouse"]
    states = tiny.hidden_states("GGCAUUCGAC")
    np.testing.assert_allclose(sites.obsm["X_tiny_layer2"][2], states[-1, 5])
    sites.write_h5ad(tmp_path / "s.h5ad")
    assert list(ad.read_h5ad(tmp_path / "s.h5ad").obsm) == ["X_tiny_layer2"]


def test_bad_sites(rna, tiny, codons) -> None:
    def call(**options):
        return rx.tl.embed_sites(rna, tiny, **({"sites": "site", "progress": False} | options))

    with pytest.raises(InputError, match=r"site 8 of 'b' .* \[0, 7\]"):
        call(width=3)
    for position in (-1, 0.5, "x"):
        with pytest.raises(InputError, match="whole number"):
            call(sites=pd.DataFrame({"name": ["a"], "position": [position]}))
    with pytest.raises(UnknownNameError, match="'zz'"):
        call(sites=pd.DataFrame({"name": ["zz"], "position": [1]}))
    with pytest.raises(MissingKeyError, match="no 'position'"):
        call(sites=pd.DataFrame({"name": ["a"]}))
    with pytest.raises(MissingKeyError, match="Did you mean 'site'"):
        call(sites="sites")
    for options in ({"width": 0}, {"flank": -1}):
        with pytest.raises(InputError, match="width must be"):
            call(**options)
    for layers in ([3], []):
        with pytest.raises(InputError, match=r"layers must be in \[-3, 2\]"):
            call(layers=layers)
    with pytest.raises(CapabilityError, match="reads codons"):
        rx.tl.embed_sites(rna, codons, sites="site")


@pytest.fixture(scope="module")
def planted():
    """GU and AG sites of two kinds each; one layer knows them, one does not."""
    rng = np.random.default_rng(0)
    n = 400
    residues = np.array(["GU", "AG"])[np.arange(n) % 2]
    label = np.array(["site", "decoy"])[rng.integers(2, size=n)]
    centre = rng.normal(size=(2, 2, 24)) * 3
    known = centre[np.arange(n) % 2, (label == "site").astype(int)] + rng.normal(size=(n, 24))
    letters = rng.choice(list("ACGU"), (n, 22))
    obs = pd.DataFrame(
        {
            "residues": residues,
            "label": label,
            "context": [
                "".join([*row[:10], r, *row[10:20]])
                for row, r in zip(letters, residues, strict=True)
            ],
        },
        index=[f"s{i}" for i in range(n)],
    )
    obsm = {"X_knows": known, "X_not": rng.normal(size=(n, 24))}
    return AnnData(obs=obs, obsm={k: v.astype(np.float32) for k, v in obsm.items()})


def test_planted_kinds_are_found_in_the_layer_that_knows_them(planted) -> None:
    table = rx.tl.evaluate_sites(planted, resolution=0.1).set_index(["group", "representation"])
    for group in ("AG", "GU"):
        assert table.loc[(group, "X_knows"), "NMI"] > 0.9
        assert table.loc[(group, "X_not"), "NMI"] < 0.1
        assert table.loc[(group, "one-hot"), "NMI"] < 0.1
        assert table.loc[(group, "shuffled labels"), "NMI"] < 0.1
        assert table.loc[(group, "X_knows"), "n"] == 200
        for name in ("composition", "3-mers sqrt"):
            assert table.loc[(group, name), "NMI"] < 0.15
        assert table.loc[(group, "best layer"), "NMI_halves"] > 0.9
        assert np.isnan(table.loc[(group, "best layer"), "NMI"])
    kinds = ["embedding", "embedding", "chosen", "baseline", "baseline", "baseline", "null"]
    assert table["kind"].tolist() == kinds * 2


def test_a_layer_that_is_best_by_luck_is_not_rewarded(planted) -> None:
    rng = np.random.default_rng(0)
    sites = planted[planted.obs["residues"] == "GU"].copy()
    for key in list(sites.obsm):
        del sites.obsm[key]
    for k in range(15):
        sites.obsm[f"X_noise_layer{k}"] = rng.normal(size=(sites.n_obs, 3)).astype(np.float32)
    table = rx.tl.evaluate_sites(sites).set_index("representation")
    noise = table[table["kind"] == "embedding"]
    assert table.loc["best layer", "NMI_halves"] < noise["NMI_halves"].max()
    assert table.loc["best layer", "NMI_halves"] < noise["NMI_halves"].mean() + 0.02


def test_composition_is_told_from_either_side() -> None:
    rng = np.random.default_rng(0)
    rich = [np.repeat(list("ACGU"), (1, 1, 1, 5)), list("ACGU") * 2]
    kinds = np.arange(120) % 2
    obs = pd.DataFrame(
        {
            "residues": "AG",
            "label": kinds.astype(str),
            "context": [
                "".join([*rng.choice(rich[k], 12), "A", "G", *rng.choice(rich[1], 12)])
                for k in kinds
            ],
        },
        index=[f"s{i}" for i in range(120)],
    )
    sites = AnnData(obs=obs, obsm={"X_not": rng.normal(size=(120, 4)).astype(np.float32)})
    table = rx.tl.evaluate_sites(sites, resolution=0.3).set_index("representation")
    assert table.loc["composition", "NMI"] > table.loc["X_not", "NMI"] + 0.15


def test_sites_can_be_compared_all_together(planted) -> None:
    table = rx.tl.evaluate_sites(planted, groups=None, labels="residues", use_rep="X_knows")
    assert table["group"].unique().tolist() == ["all"]
    assert table.loc[0, "n"] == 400
    with pytest.raises(MissingKeyError, match="embed_sites"):
        rx.tl.evaluate_sites(AnnData(obsm={"X_a": np.ones((20, 2))}), use_rep="X_a")
    with pytest.raises(InputError, match="no embeddings of sites"):
        rx.tl.evaluate_sites(AnnData(obs=planted.obs))


def test_real_splice_sites_run_through(tiny) -> None:
    default = Path(__file__).parents[3] / "shared" / "data"
    path = Path(os.environ.get("RNAEXPLORE_TEST_DATA", default)) / "splice.tsv.gz"
    if not path.is_file():
        pytest.skip(f"no real splice sites: set RNAEXPLORE_TEST_DATA ({path} does not exist)")
    table = pd.read_csv(path, sep="\t")
    table = table[(table["species"] == "homo_sapiens") & (table["label"] != "acceptor")]
    table = table.groupby("label").sample(40, random_state=0)
    names = [f"w{i}" for i in range(len(table))]
    adata = rx.from_sequences(dict(zip(names, table["sequence"], strict=True)))
    adata.obs["label"] = table["label"].to_numpy()
    adata.obs["site"] = [s.find("GU", 200) for s in adata.obs["sequence"]]
    donors = adata.obs["label"] == "donor"
    assert (adata.obs.loc[donors, "site"] == 200).mean() > 0.95
    sites = rx.tl.embed_sites(adata, tiny, sites="site", width=2, layers=range(3), progress=False)
    result = rx.tl.evaluate_sites(sites[sites.obs["residues"] == "GU"])
    assert len(result) == 8
    assert result["NMI_halves"].between(0, 1).all()
