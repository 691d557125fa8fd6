"""A tiny model with random weights, and an AnnData of short RNAs in planted families."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from anndata import AnnData

from rnaexplore.models import get_spec
from rnaexplore.models.adapters.esm import EsmAdapter
from rnaexplore.models.model import Model

HAIRPIN = "GGGGAAAACCCC"


@pytest.fixture(scope="session")
def tiny() -> Model:
    """Two layers of four heads, 32 dim, random weights, everything that `mini` can."""
    mini = get_spec("mini")
    spec = replace(
        mini,
        name="tiny",
        n_layers=2,
        n_heads=4,
        dim=32,
        config={**mini.config, "intermediate_size": 64},
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = EsmAdapter.build(spec).eval()
    return Model(
        EsmAdapter(spec, module),
        device=torch.device("cpu"),
        weights_sha256="0" * 64,
        source="random",
    )


def _families() -> dict[str, str]:
    rng = np.random.default_rng(7)
    biases = {"rich": [0.1, 0.4, 0.4, 0.1], "poor": [0.45, 0.05, 0.05, 0.45], "flat": [0.25] * 4}
    return {
        f"{family}-{i}": "".join(rng.choice(list("ACGU"), 30 + 3 * (i % 5), p=bias))
        for family, bias in biases.items()
        for i in range(20)
    }


@pytest.fixture
def rnas() -> AnnData:
    """60 RNAs of 30 to 42 nt in three families of distinct composition."""
    sequences = _families()
    obs = pd.DataFrame(
        {
            "sequence": list(sequences.values()),
            "length": [len(s) for s in sequences.values()],
            "family": pd.Categorical([name.split("-")[0] for name in sequences]),
        },
        index=list(sequences),
    )
    return AnnData(obs=obs)


@pytest.fixture
def hairpins() -> AnnData:
    """Three hairpins with their structures."""
    obs = pd.DataFrame(
        {
            "sequence": [HAIRPIN, "GCGCUUUUGCGC", "GGCAGAAAUGCC"],
            "structure": ["((((....))))"] * 3,
        },
        index=["h1", "h2", "h3"],
    )
    return AnnData(obs=obs)
