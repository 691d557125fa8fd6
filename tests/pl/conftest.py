"""A tRNA, its maps, and RNAs in planted families; what a figure is made of, read from its files."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from matplotlib import pyplot as plt

from rnaexplore.maps import AttentionMaps, ContactMap
from rnaexplore.structure import Structure

SEQUENCE = "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAGAUCUGGAGGUCCUGUGUUCGAUCCACAGAAUUCGCACCA"
CLOVERLEAF = "(((((((..((((....[[..)))).((((.........)))).....(((((.]]....))))))))))))...."
PARTLY = ".(((((...((((........))))..((((.......))))......(((((.......)))))..)))))....."


@pytest.fixture(autouse=True)
def _no_window_and_no_leftovers():
    """Draw without a screen, and leave no figure and no setting to the next test."""
    plt.switch_backend("agg")
    settings = dict(mpl.rcParams)
    yield
    plt.close("all")
    with mpl.rc_context():
        assert dict(mpl.rcParams) == settings, "a test, or what it called, changed rcParams"


@pytest.fixture
def cloverleaf() -> Structure:
    """Yeast tRNA-Phe with the contacts between its D and T loops as a pseudoknot."""
    return Structure.from_dot_bracket(SEQUENCE, CLOVERLEAF)


@pytest.fixture
def partly() -> Structure:
    """A prediction for it with pairs that are right, shifted by one, wrong, and missing."""
    pairs = [(0, 71), (1, 70), (2, 68), (10, 24), (11, 23), (31, 36), (48, 64), (49, 63)]
    return Structure(SEQUENCE, np.array(pairs))


@pytest.fixture
def contact_map(cloverleaf: Structure) -> ContactMap:
    rng = np.random.default_rng(0)
    values = np.triu(rng.random((76, 76)) ** 8 * 0.4, 3)
    values[tuple(cloverleaf.pairs.T)] = 0.9
    return ContactMap(values + values.T, SEQUENCE, "regression", "mini")


@pytest.fixture
def maps(cloverleaf: Structure) -> AttentionMaps:
    """Three layers of four heads; head 3 of layer 2 attends to the base-paired residue."""
    rng = np.random.default_rng(0)
    values = rng.random((3, 4, 76, 76)).astype(np.float32)
    i, j = cloverleaf.pairs.T
    values[2, 3, i, j] = values[2, 3, j, i] = 40.0
    values /= values.sum(-1, keepdims=True)
    return AttentionMaps(values, (0, 1, 2), (0, 1, 2, 3), SEQUENCE, "mini")


@pytest.fixture
def scores() -> pd.DataFrame:
    """As from `rnaexplore.tl.evaluate`."""
    names = ["X_mini", "X_rnafm", "3-mers", "4-mers", "length", "shuffled labels"]
    kinds = ["embedding", "embedding", "baseline", "baseline", "baseline", "null"]
    columns = ("ARI", "NMI", "homogeneity", "silhouette", "knn_purity", "knn_accuracy")
    values = np.linspace(0.95, -0.05, 36).reshape(6, 6)
    frame = pd.DataFrame(values, columns=columns, index=pd.Index(names, name="representation"))
    frame.insert(0, "kind", kinds)
    return frame


@pytest.fixture
def adata() -> AnnData:
    return families(8, 400)


@pytest.fixture
def many() -> AnnData:
    """Five hundred families, a few large and most small, as in Rfam."""
    return families(500, 4000)


def families(n_families: int, n: int) -> AnnData:
    rng = np.random.default_rng(1)
    share = 1 / np.arange(1, n_families + 1)
    of = np.concatenate(
        [np.arange(n_families), rng.choice(n_families, n - n_families, p=share / share.sum())]
    )
    names = np.array([f"RF{k:05d}" for k in range(n_families)])
    obs = pd.DataFrame(
        {"family": pd.Categorical(names[of]), "length": rng.integers(60, 400, n)},
        index=[f"rna{k}" for k in range(n)],
    )
    centres = rng.uniform(-10, 10, (n_families, 2))
    xy = centres[of] + 0.3 * rng.normal(size=(n, 2))
    return AnnData(obs=obs, obsm={"X_umap": xy.astype(np.float32)})
