from __future__ import annotations

import gzip
import warnings
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from rnaexplore.datasets import rfam_sample
from rnaexplore.datasets.make_sample import COLUMNS, EXAMPLES, sample
from rnaexplore.structure import CANONICAL, pairs_from_dot_bracket

DATA = Path(str(files("rnaexplore.datasets"))) / "data"
UNPAIRED = "snR75"


@pytest.fixture(scope="module")
def adata():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return rfam_sample()


def letters(obs, shift=0):
    """The two letters of every pair, the second taken `shift` residues further on."""
    return [
        sequence[i] + sequence[(j + shift) % len(sequence)]
        for sequence, brackets in zip(obs["sequence"], obs["structure"], strict=True)
        for i, j in pairs_from_dot_bracket(brackets)
    ]


def canonical(pairs):
    return np.mean([pair in CANONICAL for pair in pairs])


def test_it_is_a_balanced_set_of_distinct_rnas(adata):
    obs = adata.obs
    counts = obs["family"].value_counts()
    assert 500 <= adata.n_obs <= 700
    assert len(counts) == 9
    assert counts.max() <= 100
    assert counts.min() >= 10
    assert obs["sequence"].is_unique
    assert obs["identifier"].to_list() == list(adata.obs_names)
    assert set("".join(obs["sequence"])) == set("ACGU")
    assert (obs["length"] == obs["sequence"].str.len()).all()
    assert (obs["length"] == obs["structure"].str.len()).all()
    assert obs["description"].str.len().min() > 0


def test_accessions_name_their_families(adata):
    pairs = adata.obs[["family", "accession"]].astype(object).drop_duplicates()
    assert dict(pairs.dropna().to_numpy().tolist()) == {
        "tRNA": "RF00005",
        "U1": "RF00003",
        "U2": "RF00004",
        "U3": "RF00012",
        "Vault": "RF00006",
        "snR75": "RF01185",
        "Plant_SRP": "RF01855",
    }
    missing = pairs["family"][pairs["accession"].isna()]
    assert set(missing) == {"RNaseP_bact", "SRP_euk"}


def test_pairs_are_overwhelmingly_canonical_where_shifted_ones_are_not(adata):
    assert canonical(letters(adata.obs)) > 0.9
    assert canonical(letters(adata.obs, shift=1)) < 0.6
    for family, obs in adata.obs.groupby("family", observed=True):
        if family != UNPAIRED:
            assert canonical(letters(obs)) > 0.7, family
            assert canonical(letters(obs)) > canonical(letters(obs, shift=1)) + 0.2, family


def test_trnas_are_cloverleaves_and_rnase_p_is_knotted(adata):
    structures = adata.obs.groupby("family", observed=True)["structure"]
    assert structures.get_group("tRNA").str.count(r"\(").median() in {20, 21}
    assert structures.get_group("RNaseP_bact").str.contains(r"\[").all()
    assert not structures.get_group("tRNA").str.contains(r"\[").any()
    assert set("".join(structures.get_group(UNPAIRED))) == {"."}


def test_the_shipped_file_is_small_and_documented():
    assert (DATA / "rfam_sample.tsv.gz").stat().st_size < 300_000
    assert "CC0" in (DATA / "README.md").read_text()


def test_the_script_makes_the_shipped_file():
    if not (EXAMPLES / "testsuite").is_dir():
        pytest.skip(f"{EXAMPLES} is missing: apt-get install infernal")
    made = sample(EXAMPLES)
    assert made.startswith("\t".join(COLUMNS))
    assert made.encode() == gzip.decompress((DATA / "rfam_sample.tsv.gz").read_bytes())
