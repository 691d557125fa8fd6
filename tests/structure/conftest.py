"""Random structures and maps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest


def random_pairs(rng: np.random.Generator, length: int) -> np.ndarray:
    """Return random pairs, crossing ones included, each residue in one at most."""
    positions = rng.permutation(length)
    n = int(rng.integers(0, length // 2 + 1))
    return np.sort(positions[: 2 * n].reshape(-1, 2), axis=1)


def random_map(rng: np.random.Generator, length: int) -> np.ndarray:
    """Return a symmetric map whose rows sum to at most 1, zero on the diagonal."""
    values = np.triu(rng.random((length, length)) ** 4, 1)
    values = values + values.T
    return values / max(1.0, values.sum(1).max())


@pytest.fixture
def make_pairs() -> Callable[[np.random.Generator, int], np.ndarray]:
    return random_pairs


@pytest.fixture
def make_map() -> Callable[[np.random.Generator, int], np.ndarray]:
    return random_map
