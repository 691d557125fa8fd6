"""layer_sweep: each layer as evaluate scores it; none is chosen by the labels it is scored with."""

from __future__ import annotations

import numpy as np
import pandas as pd

import rnaexplore as rx
from rnaexplore.tl.evaluation import layer_sweep
from rnaexplore.tl.evaluation.score_table import ScoreTable

COLUMNS = [
    "ARI", "NMI", "homogeneity", "silhouette", "knn_purity", "knn_accuracy", "knn_accuracy_low",
    "knn_accuracy_high",
]  # fmt: skip


def sweep(adata, model, **options):
    return rx.tl.layer_sweep(adata, model, **{"progress": False, "n_boot": 20} | options)


def test_layer_sweep_agrees_with_evaluate(rnas, tiny) -> None:
    table = sweep(rnas, tiny)
    layers = [f"layer {k}" for k in range(3)]
    own = [*layers, *(f"{name} cosine" for name in layers)]
    assert list(table.index[:8]) == [*own, "best layer", "layer 2 + 6-mers sqrt"]
    assert list(table.index[-3:]) == ["random weights", "permuted weights", "shuffled labels"]
    assert table["kind"].value_counts().to_dict() == {
        "embedding": 6, "chosen": 1, "combined": 1, "baseline": 15, "null": 3,
    }  # fmt: skip
    assert list(table["layer"].iloc[:6]) == [0, 1, 2, 0, 1, 2]
    for layer in range(3):
        rx.tl.embed(rnas, tiny, layer=layer, progress=False)
        single = rx.tl.evaluate(rnas, use_rep="X_tiny", n_boot=20, progress=False)
        for end in ("", " cosine"):
            expected = single.loc["X_tiny" + end, COLUMNS].astype(float)
            found = table.loc[f"layer {layer}{end}", COLUMNS].astype(float)
            pd.testing.assert_series_equal(found, expected, check_names=False, atol=1e-3)
    rest = table.loc["3-mers":"length"]
    pd.testing.assert_frame_equal(rest, single.loc["3-mers":"length"])
    assert not any(key.startswith("X_layer") for key in rnas.obsm)


def test_controls_are_optional(rnas, tiny) -> None:
    table = sweep(rnas, tiny, controls=False)
    assert list(table[table["kind"] == "null"].index) == ["shuffled labels"]


def test_the_best_layer_by_luck_is_not_rewarded(rnas, tiny, monkeypatch) -> None:
    """Twelve layers of noise: the best of them is best by luck alone."""
    rnas.obs["clan"] = [f"c{k // 2}" for k in range(60)]
    monkeypatch.setattr(ScoreTable, "add_baselines", lambda _: None)
    found = []
    for seed in range(6):
        noise = np.random.default_rng(seed).normal(size=(12, 60, 3)).astype(np.float32)
        monkeypatch.setattr(layer_sweep, "_layers", lambda *_, noise=noise, **__: noise)
        table = sweep(rnas, tiny, groups="clan", n_neighbors=1, controls=False, seed=seed)
        layers = table[table["kind"] == "embedding"]["knn_accuracy"]
        best = table.loc["best layer"]
        found.append((best["knn_accuracy"], layers.max(), layers.mean()))
        assert sum(table.attrs["chosen"]["best layer"].values()) == 60
        assert set(table.attrs["chosen"]["best layer"]) <= set(layers.index)
        assert np.isnan(best["ARI"])
    nested, highest, mean = np.mean(found, axis=0)
    assert highest > mean + 0.08, "what is chosen after the fact looks good"
    assert nested < highest - 0.03
    assert nested < mean + 0.07


def test_a_layer_that_knows_is_chosen(rnas, tiny, monkeypatch) -> None:
    rng = np.random.default_rng(0)
    rnas.obs["family"] = [f"f{k // 5}" for k in range(60)]
    layers = rng.normal(size=(4, 60, 12)).astype(np.float32)
    layers[2] += 8 * np.eye(12, dtype=np.float32)[np.arange(60) // 5]
    monkeypatch.setattr(layer_sweep, "_layers", lambda *_, **__: layers)
    table = sweep(rnas, tiny, n_neighbors=3, controls=False)
    assert table.loc["best layer", "knn_accuracy"] > 0.9
    assert table.loc["best layer", "layer"] == 2
