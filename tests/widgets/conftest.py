"""A small AnnData, and a model whose maps are known in advance."""

from types import SimpleNamespace

import anndata
import numpy as np
import pandas as pd
import pytest

from rnaexplore.errors import CapabilityError, SequenceTooLongError

SEQUENCE = "GGGGCCAAAAGGCCCCAA"
STRUCTURE = "((((..))))........"
N_LAYERS, N_HEADS, MAX_LENGTH = 3, 4, 40


class PlantedModel:
    """Answers with numbers that tell which layer, head and residues they are for."""

    spec = SimpleNamespace(
        name="planted", n_layers=N_LAYERS, n_heads=N_HEADS, trained_on="nothing",
        can=frozenset({"attention", "contacts"}),
    )  # fmt: skip
    source = "planted"

    def __init__(self):
        self.calls = []

    def attentions(self, sequence, *, layers=None, heads=None):
        self._check(sequence)
        layers = range(N_LAYERS) if layers is None else layers
        self.calls.append(tuple(layers))
        return np.stack([[planted(sequence, k, h) for h in range(N_HEADS)] for k in layers])

    def contacts(self, sequence):
        self._check(sequence)
        values = np.zeros((len(sequence), len(sequence)), dtype=np.float32)
        values[0, 9] = values[9, 0] = 0.875
        return values

    def _check(self, sequence):
        if len(sequence) > MAX_LENGTH:
            raise SequenceTooLongError(f"the sequence has {len(sequence)} residues; limit 40")


class HeadlessModel(PlantedModel):
    """Has no contact head."""

    def contacts(self, sequence):
        raise CapabilityError("'planted' has no trained contacts")


def planted(sequence, layer, head):
    n = len(sequence)
    values = np.full((n, n), 0.001 * (head + 1), dtype=np.float32)
    values[layer, head] = 0.5
    return values


@pytest.fixture
def model():
    return PlantedModel()


@pytest.fixture
def headless_model():
    return HeadlessModel()


@pytest.fixture
def adata():
    return make_adata(60)


@pytest.fixture
def large():
    return make_adata(100_000)


def make_adata(n):
    rng = np.random.default_rng(0)
    family = pd.Categorical.from_codes(np.arange(n) % 3, ["tRNA", "5S_rRNA", "U1"])
    obs = pd.DataFrame(
        {
            "sequence": [SEQUENCE] * n,
            "structure": [STRUCTURE] * n,
            "family": family,
            "length": np.arange(n) + 18,
            "score": np.where(np.arange(n) % 7 == 0, np.nan, rng.random(n)),
        },
        index=[f"rna{i}" for i in range(n)],
    )
    obsm = {
        "X_umap": rng.normal(size=(n, 2)).astype(np.float32),
        "X_other": rng.normal(size=(n, 2)),
        "X_mini": rng.normal(size=(n, 5)),
    }
    return anndata.AnnData(obs=obs, obsm=obsm)
