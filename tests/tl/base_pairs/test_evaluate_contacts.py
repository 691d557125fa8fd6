"""Ranking of base pairs by contact maps, by family, beside its baselines."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.structure import Structure

SCORES = ["precision@L", "precision@pairs", "AUPRC"]


@pytest.fixture(scope="module")
def trnas():
    adata = rx.datasets.rfam_sample()
    few = [adata[adata.obs["family"] == name][:3] for name in ("tRNA", "U1")]
    return adata[[*few[0].obs_names, *few[1].obs_names]].copy()


def test_scores_are_those_of_a_slow_count(trnas) -> None:
    table = rx.tl.evaluate_contacts(trnas, by="family", progress=False)
    rows = []
    for name in trnas.obs_names:
        sequence, dots = trnas.obs.loc[name, ["sequence", "structure"]]
        n = len(sequence)
        known = {tuple(p) for p in Structure.from_dot_bracket(sequence, dots).pairs.tolist()}
        values = rx.tl.contacts(trnas, name).values
        far = [(i, j) for i in range(n) for j in range(i + 4, n)]
        far.sort(key=lambda p: -values[p])
        hits = [p in known for p in far]
        scores = [values[p] for p in far]
        rows.append(
            (np.mean(hits[:n]), np.mean(hits[: sum(hits)]), average_precision_score(hits, scores))
        )
    slow = pd.DataFrame(rows, columns=SCORES, index=trnas.obs_names)
    for family in ("tRNA", "U1"):
        own = slow[(trnas.obs["family"] == family).to_numpy()].mean()
        np.testing.assert_allclose(table.loc[("regression", family), SCORES], own, rtol=1e-5)
    np.testing.assert_allclose(
        table.loc[("regression", "all RNAs"), SCORES], slow.mean(), rtol=1e-5
    )


def test_baselines_stand_beside(trnas) -> None:
    table = rx.tl.evaluate_contacts(trnas, by="family", progress=False)
    assert table.index.get_level_values("map").unique().tolist() == [
        "regression", "shuffled sequences", "chance",
    ]  # fmt: skip
    assert (table["n"].groupby("map").max() == 6).all()
    means = table.xs("mean of families", level="group")["AUPRC"]
    assert means["regression"] > 3 * means["shuffled sequences"]
    assert means["chance"] < means["shuffled sequences"] + 0.05


def test_seed_decides_which_rnas(trnas) -> None:
    first, again = (
        rx.tl.evaluate_contacts(trnas, n_rnas=3, seed=5, progress=False) for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, again)
    assert (first.xs("all RNAs", level="group")["n"] == 3).all()


def test_kinds_and_intervals_stand_beside_the_means(trnas) -> None:
    table = rx.tl.evaluate_contacts(trnas, n_boot=50, progress=False)
    row = table.loc[("regression", "all RNAs")]
    for name in ("precision@pairs", "AUPRC"):
        assert row[f"{name}_low"] <= row[name] <= row[f"{name}_high"]
    assert row["n_families"] == 2
    groups = set(table.loc["regression"].index)
    assert {"shape: branched", "length: 50 to 99", "mean of families"} <= groups
    assert "relatives in training: yes" in groups  # the metadata of the weights name tRNAs
    trnas.obs["kin"] = [True, False, False, False, False, False]
    mine = rx.tl.evaluate_contacts(trnas, seen="kin", n_boot=20, progress=False)
    assert mine.loc[("regression", "relatives in training: yes"), "n"] == 1


def test_scores_are_ranked_too(trnas) -> None:
    table = rx.tl.evaluate_contacts(
        trnas, method="heads", heads=[(5, 0)], n_boot=20, progress=False
    )
    assert table.loc[("heads", "all RNAs"), "AUPRC"] > table.loc[("chance", "all RNAs"), "AUPRC"]


def test_what_is_not_allowed_is_said(trnas) -> None:
    with pytest.raises(MissingKeyError, match="by="):
        rx.tl.evaluate_contacts(trnas, by="clan", progress=False)
    with pytest.raises(InputError, match="method must be one of"):
        rx.tl.evaluate_contacts(trnas, method="attention", progress=False)
