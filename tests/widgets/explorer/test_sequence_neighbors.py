"""The explorer counts what neighbors by sequence alone tell: brute force, and a planted case."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from rnaexplore.tl.embedding.kmers import kmer_frequencies
from rnaexplore.widgets import explore
from rnaexplore.widgets.explorer import sequence_neighbors
from rnaexplore.widgets.explorer.sequence_neighbors import nearest_rows_by, sequence_spaces
from rnaexplore.widgets.page.export_map import exported_neighbours

N = 48


@pytest.fixture
def related():
    """Eight families of six mutated copies, and an embedding that knows nothing of them."""
    rng = np.random.default_rng(0)
    sequences, families = [], []
    for family in range(8):
        parent = rng.choice(list("ACGU"), 40)
        for _ in range(6):
            child = parent.copy()
            child[rng.integers(40, size=4)] = rng.choice(list("ACGU"), 4)
            sequences.append("".join(child))
            families.append(f"f{family}")
    obs = pd.DataFrame(
        {"sequence": sequences, "family": pd.Categorical(families)},
        index=[f"r{k}" for k in range(N)],
    )
    vectors = rng.normal(size=(N, 6)).astype(np.float32)
    return AnnData(obs=obs, obsm={"X_umap": vectors[:, :2], "X_mini": vectors})


def test_a_click_looks_for_neighbors_by_sequence_too(related):
    view = explore(related)
    view.selected = "r7"
    baselines = view._neighbours["baselines"]
    assert list(baselines) == ["6-mers", "sequence identity"]
    rows = {name: np.frombuffer(data, dtype="<u4") for name, data in baselines.items()}
    assert {len(near) for near in rows.values()} == {10}
    for near in rows.values():
        assert set(near[:5]) == {6, 8, 9, 10, 11}
    vectors = kmer_frequencies(list(related.obs["sequence"]), 6, "sqrt").astype(float)
    distances = np.linalg.norm(vectors - vectors[7], axis=1)
    distances[7] = np.inf
    np.testing.assert_allclose(distances[rows["6-mers"]], np.sort(distances)[:10], atol=1e-6)


def test_statistics_compare_the_embedding_with_sequences(related):
    view = explore(related)
    view.selection = related.obs["family"] == "f2"
    table = view.statistics().neighbors
    assert table["kind"].to_dict() == {
        "X_mini": "embedding", "6-mers": "baseline", "sequence identity": "baseline",
        "chance": "null",
    }  # fmt: skip
    chosen = np.flatnonzero(related.obs["family"] == "f2")
    expected = []
    for row in chosen:
        distances = np.linalg.norm(related.obsm["X_mini"] - related.obsm["X_mini"][row], axis=1)
        distances[row] = np.inf
        expected.append(np.isin(np.argsort(distances)[:10], chosen).mean())
    assert table.loc["X_mini", "shared"] == pytest.approx(np.mean(expected))
    assert table.loc["sequence identity", "shared"] == pytest.approx(0.5)
    assert table.loc["6-mers", "shared"] > table.loc["X_mini", "shared"] + 0.2
    assert table.loc["chance", "shared"] == pytest.approx(5 / 47)


def test_the_view_is_told(related):
    view = explore(related)
    view.selection = range(6)
    view.set_state({"_request": {"what": "kmers", "turn": 1}})
    assert [name for name, _ in view._kmers["neighbors"]] == [
        "X_mini", "6-mers", "sequence identity", "chance",
    ]  # fmt: skip
    assert view._kmers["rows"]


def test_many_rnas_and_missing_sequences_are_left_alone(related, monkeypatch):
    monkeypatch.setattr(sequence_neighbors, "MOST_COMPARED", 47)
    view = explore(related)
    view.selected, view.selection = "r7", range(6)
    assert view._neighbours["baselines"] == {}
    assert view.statistics().neighbors.empty
    monkeypatch.undo()
    related.obs["sequence"] = related.obs["sequence"].where(related.obs_names != "r3")
    assert sequence_spaces(related) == {}
    assert sequence_spaces(AnnData(obs=related.obs[["family"]])) == {}


def test_large_selections_are_asked_in_part(related, monkeypatch):
    monkeypatch.setattr(sequence_neighbors, "MOST_ASKED", 4)
    view = explore(related)
    view.selection = range(24)
    assert view.statistics().neighbors["shared"].between(0, 1).all()


def test_a_page_holds_them(related, monkeypatch):
    held = exported_neighbours(related, "X_mini", [])
    assert list(held["baselines"]) == ["6-mers", "sequence identity"]
    monkeypatch.setattr("rnaexplore.widgets.page.export_map.MOST_ALIGNED", N * N - 1)
    assert list(exported_neighbours(related, "X_mini", [])["baselines"]) == ["6-mers"]
    spaces = sequence_spaces(related)
    rows = np.arange(N)
    for space in spaces.values():
        found = np.sort(space.between(rows, rows) + 9 * np.eye(N), axis=1)[:, :10]
        near = nearest_rows_by(space, rows, 10)
        distances = np.take_along_axis(space.between(rows, rows), near, axis=1)
        np.testing.assert_allclose(distances, found, atol=1e-6)
