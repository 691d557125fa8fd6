"""CKA and neighbour overlap: brute force, invariances, and what chance gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.tl.embedding.compare import linear_cka, shared_neighbours

N = 40


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.fixture
def adata(rng) -> AnnData:
    x = rng.normal(size=(N, 6)).astype(np.float32)
    rotation, _ = np.linalg.qr(rng.normal(size=(6, 6)))
    obsm = {
        "X_a": x,
        "X_rotated": (3.5 * x @ rotation + 2).astype(np.float32),
        "X_noisy": (x + 0.8 * rng.normal(size=x.shape)).astype(np.float32),
        "X_other": rng.normal(size=(N, 9)).astype(np.float32),
        "X_flat": np.ones((N, 3), dtype=np.float32),
    }
    return AnnData(obs=pd.DataFrame(index=[str(i) for i in range(N)]), obsm=obsm)


def hsic(k, m):
    """Unbiased HSIC of two kernels, one sum at a time (Song et al. 2012, equation 5)."""
    n = len(k)
    trace = sum(k[i, j] * m[j, i] for i in range(n) for j in range(n))
    total_k = sum(k[i, j] for i in range(n) for j in range(n))
    total_m = sum(m[i, j] for i in range(n) for j in range(n))
    product = sum((k[i] * 1.0).sum() * (m[i] * 1.0).sum() for i in range(n))
    value = trace + total_k * total_m / ((n - 1) * (n - 2)) - 2 / (n - 2) * product
    return value / (n * (n - 3))


def brute_unbiased(x, y):
    kernels = []
    for values in (x, y):
        kernel = values.astype(float) @ values.astype(float).T
        np.fill_diagonal(kernel, 0)
        kernels.append(kernel)
    k, m = kernels
    return hsic(k, m) / np.sqrt(hsic(k, k) * hsic(m, m))


def brute_biased(x, y):
    a, b = x - x.mean(0, dtype=float), y - y.mean(0, dtype=float)
    return np.linalg.norm(a.T @ b) ** 2 / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b))


@pytest.mark.parametrize(
    ("estimator", "brute"), [("unbiased", brute_unbiased), ("biased", brute_biased)]
)
@pytest.mark.parametrize("other", ["X_noisy", "X_other"])
def test_cka_equals_brute_force(estimator, brute, other, adata):
    got = rx.tl.cka(adata, "X_a", other, estimator=estimator)
    assert got == pytest.approx(brute(adata.obsm["X_a"], adata.obsm[other]), abs=1e-6)
    assert got == pytest.approx(rx.tl.cka(adata, other, "X_a", estimator=estimator))


@pytest.mark.parametrize("estimator", ["unbiased", "biased"])
def test_rotation_scale_and_shift_change_nothing(estimator, adata):
    assert rx.tl.cka(adata, "X_a", "X_rotated", estimator=estimator) == pytest.approx(1, abs=1e-5)
    assert rx.tl.neighbor_overlap(adata, "X_a", "X_rotated") == 1


def test_noise_lowers_both(adata):
    assert 0.2 < rx.tl.cka(adata, "X_a", "X_noisy") < 0.95
    assert 0.3 < rx.tl.neighbor_overlap(adata, "X_a", "X_noisy") < 0.95


def test_unrelated_wide_representations_are_near_zero_only_without_bias(rng):
    pairs = [rng.normal(size=(2, 30, 400)).astype(np.float32) for _ in range(20)]
    unbiased = np.mean([linear_cka(x, y) for x, y in pairs])
    biased = np.mean([linear_cka(x, y, "biased") for x, y in pairs])
    assert abs(unbiased) < 0.02
    assert biased > 0.8


def test_overlap_equals_brute_force_and_chance(rng, adata):
    x, y, k = adata.obsm["X_a"], adata.obsm["X_noisy"], 7
    shares = []
    for i in range(N):
        near = []
        for values in (x, y):
            distance = [
                (float(np.linalg.norm(values[i] - values[j])), j) for j in range(N) if j != i
            ]
            near.append({j for _, j in sorted(distance)[:k]})
        shares.append(len(near[0] & near[1]) / k)
    assert rx.tl.neighbor_overlap(adata, "X_a", "X_noisy", n_neighbors=k) == pytest.approx(
        np.mean(shares)
    )
    unrelated = [
        shared_neighbours(*rng.normal(size=(2, N, 8)).astype(np.float32), k) for _ in range(40)
    ]
    assert np.mean(unrelated) == pytest.approx(k / (N - 1), abs=0.02)


def test_what_cannot_be_compared(adata):
    with pytest.raises(MissingKeyError, match="X_noisy"):
        rx.tl.cka(adata, "X_a", "X_noisi")
    with pytest.raises(InputError, match="no geometry"):
        rx.tl.cka(adata, "X_a", "X_flat")
    with pytest.raises(InputError, match="at least 4"):
        rx.tl.cka(adata[:3].copy(), "X_a", "X_other")
    with pytest.raises(InputError, match="estimator must be"):
        rx.tl.cka(adata, "X_a", "X_other", estimator="linear")
    with pytest.raises(InputError, match="n_neighbors must be"):
        rx.tl.neighbor_overlap(adata, "X_a", "X_other", n_neighbors=N)
