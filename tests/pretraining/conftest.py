"""A tiny model and a grammar of hairpins that it can learn in seconds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rnaexplore.models import ModelSpec, get_spec
from rnaexplore.pretraining.records import Record

COMPLEMENT = dict(zip("ACGU", "UGCA", strict=True))


def hairpin(rng: np.random.Generator, family: str = "") -> Record:
    """Return a stem of 7 pairs around a loop of 5, in a context of 0 to 4 unpaired residues."""
    stem = "".join(rng.choice(list("ACGU"), 7))
    closing = "".join(COMPLEMENT[c] for c in reversed(stem))
    before, after = (int(n) for n in rng.integers(0, 5, 2))
    sequence = "A" * before + stem + "GAAAA" + closing + "A" * after
    structure = "." * before + "(" * 7 + "." * 5 + ")" * 7 + "." * after
    return Record(sequence, structure, family)


@pytest.fixture
def hairpins() -> list[Record]:
    rng = np.random.default_rng(0)
    return [hairpin(rng, f"RF{i % 20:05d}") for i in range(400)]


@pytest.fixture
def spec() -> ModelSpec:
    """The bundled model's architecture, small."""
    mini = get_spec("mini")
    config = dict(mini.config) | {"intermediate_size": 64}
    return replace(mini, n_layers=2, n_heads=4, dim=64, config=config)
