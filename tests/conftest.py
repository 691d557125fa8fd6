"""A tiny model with random weights, and an AnnData of short RNAs in planted families."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from anndata import AnnData

from rnaexplore.models import get_spec
from rnaexplore.models.adapters.base import Adapter, Output
from rnaexplore.models.adapters.esm import EsmAdapter
from rnaexplore.models.model import Model
from rnaexplore.models.registry import adapter_class

HAIRPIN = "GGGGAAAACCCC"
COMPLEMENT = {"A": "U", "C": "G", "G": "C", "U": "A"}


class PairingAdapter(Adapter):
    """Knows the pairs of one fold, and that partners are complementary; nothing else.

    A residue whose partner can be seen is expected to be its complement (logit `STRENGTH`), all
    others are expected to be anything. Residues that can be seen are copied (logit `COPY`).
    """

    STRENGTH, COPY = 3.0, 1.0

    @classmethod
    def build(cls, spec):
        return torch.nn.Linear(1, 1)

    @classmethod
    def convert(cls, spec, state):
        return dict(state)

    def forward(self, ids, mask, request):
        alphabet = self.spec.alphabet
        expected = torch.zeros(len(alphabet.tokens), len(alphabet.tokens))
        copied = torch.zeros_like(expected)
        for letter, other in COMPLEMENT.items():
            expected[alphabet.ids[letter], alphabet.ids[other]] = self.STRENGTH
            copied[alphabet.ids[letter], alphabet.ids[letter]] = self.COPY
        logits = copied[ids]
        for i, j in self.spec.config["pairs"]:
            a, b = i + alphabet.n_prefix, j + alphabet.n_prefix
            if b < ids.shape[1]:
                logits[:, a] += expected[ids[:, b]]
                logits[:, b] += expected[ids[:, a]]
        return Output(logits=logits if request.logits else None)


@pytest.fixture(scope="session")
def pairing():
    """Return a model that knows nothing but the pairs of one fold."""

    def make(pairs) -> Model:
        spec = replace(
            get_spec("mini"), name="pairing", config={"pairs": [*map(tuple, pairs)]}, cautions={}
        )
        adapter = PairingAdapter(spec, PairingAdapter.build(spec))
        return Model(adapter, device=torch.device("cpu"), weights_sha256="0" * 64, source="toy")

    return make


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
        cautions={},
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


@pytest.fixture(scope="session")
def random_weights():
    """Return a model with random weights."""

    def make(spec) -> Model:
        cls = adapter_class(spec)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            adapter = cls(spec, cls.build(spec).eval().requires_grad_(requires_grad=False))
        return Model(adapter, device=torch.device("cpu"), weights_sha256="", source="random")

    return make


@pytest.fixture(scope="session")
def codons(random_weights) -> Model:
    """A codon model with random weights."""
    known = get_spec("mrnafm")
    config = {**known.config, "intermediate_size": 8}
    return random_weights(replace(known, n_layers=1, n_heads=2, dim=8, config=config))


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
