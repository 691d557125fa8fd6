"""umap: exact neighbours, reproducible, keeps planted groups apart, chooses no rep by guessing."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.tl.embedding.neighbors import neighbours


def test_neighbours_equal_brute_force_and_leave_out_the_row_itself() -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    vectors[7] = vectors[3]
    indices, distances = neighbours(vectors, 6)
    full = np.linalg.norm(vectors[:, None].astype(float) - vectors[None], axis=2)
    np.fill_diagonal(full, np.inf)
    np.testing.assert_allclose(distances, np.sort(full, axis=1)[:, :6], atol=1e-3)
    assert not (indices == np.arange(40)[:, None]).any()
    assert indices[7, 0] == 3
    assert indices[3, 0] == 7


def test_map_is_reproducible_and_keeps_planted_groups_together(rnas, tiny) -> None:
    rng = np.random.default_rng(0)
    group = np.repeat([0, 1, 2], 20)
    rnas.obsm["X_planted"] = (20 * np.eye(3)[group] + rng.normal(size=(60, 3))).astype(np.float32)
    first = rx.tl.umap(rnas, use_rep="X_planted", n_neighbors=10, seed=4, copy=True)
    second = rx.tl.umap(rnas, use_rep="X_planted", n_neighbors=10, seed=4, copy=True)
    np.testing.assert_array_equal(first.obsm["X_umap"], second.obsm["X_umap"])
    nearest = NearestNeighbors(n_neighbors=5).fit(first.obsm["X_umap"]).kneighbors()[1]
    assert (group[nearest] == group[:, None]).all()


def test_the_only_embedding_is_used_but_none_is_guessed(rnas, tiny) -> None:
    with pytest.raises(MissingKeyError, match=r"rx\.tl\.embed\(adata\)"):
        rx.tl.umap(rnas)
    rx.tl.kmers(rnas)
    rx.tl.embed(rnas, tiny, progress=False)
    rx.tl.umap(rnas, n_neighbors=5)
    assert rnas.uns["rnaexplore"]["X_umap"]["use_rep"] == "X_tiny"
    rx.tl.embed(rnas, tiny, layer=0, key_added="X_first", progress=False)
    with pytest.raises(InputError, match="use_rep= one of X_tiny, X_first"):
        rx.tl.umap(rnas)


def test_three_dimensions_are_written_and_noted(rnas) -> None:
    rnas.obsm["X_planted"] = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    rx.tl.umap(rnas, use_rep="X_planted", n_neighbors=10, n_components=3)
    assert rnas.obsm["X_umap"].shape == (60, 3)
    assert rnas.obsm["X_umap"].dtype == np.float32
    assert rnas.uns["rnaexplore"]["X_umap"]["n_components"] == 3
    with pytest.raises(InputError, match="n_components must be 2 or 3, got 4"):
        rx.tl.umap(rnas, use_rep="X_planted", n_components=4)
