"""Figures of tables: layers, heads, probes and similarities show the numbers of their tables."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError


@pytest.fixture
def sweep():
    """As from `rnaexplore.tl.layer_sweep`, layers in no order."""
    names = ["layer 2", "layer 0", "layer 1", "3-mers", "shuffled labels"]
    kinds = ["embedding"] * 3 + ["baseline", "null"]
    values = [0.6, 0.2, 0.9, 0.5, 0.1]
    index = pd.Index(names, name="representation")
    return pd.DataFrame({"kind": kinds, "ARI": values}, index=index)


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_layers_are_in_order_and_baselines_are_levels(sweep):
    ax = rx.pl.layers(sweep, "ARI")
    line, best = (line for line in ax.lines if line.get_marker() == "o")
    np.testing.assert_array_equal(line.get_xydata(), [[0, 0.2], [1, 0.9], [2, 0.6]])
    np.testing.assert_array_equal(best.get_xydata(), [[1, 0.9]])
    levels = [line.get_ydata()[0] for line in ax.lines if line.get_marker() == "None"]
    assert levels == [0.5, 0.1]
    assert legend_of(ax) == ["layers", "3-mers", "shuffled labels"]


def test_groups_have_lines_and_levels_of_their_colour():
    rows = [
        {"group": group, "representation": name, "kind": kind, "NMI": value}
        for group, shift in (("AG", 0.0), ("GU", 0.1))
        for name, kind, value in (
            ("X_mini_layer0", "embedding", 0.2 + shift),
            ("X_mini_layer3", "embedding", 0.3 + shift),
            ("one-hot", "baseline", 0.1 + shift),
        )
    ]
    ax = rx.pl.layers(pd.DataFrame(rows), "NMI")
    lines = [line for line in ax.lines if len(line.get_xdata()) == 2 and line.get_marker() == "o"]
    assert [list(line.get_xdata()) for line in lines] == [[0, 3], [0, 3]]
    levels = [line for line in ax.lines if line.get_marker() == "None"]
    assert [line.get_color() for line in levels] == [line.get_color() for line in lines]
    assert legend_of(ax) == ["AG", "GU", "one-hot"]


def test_layers_need_a_known_score_and_layers(sweep):
    with pytest.raises(MissingKeyError, match="no score 'NMI'"):
        rx.pl.layers(sweep, "NMI")
    with pytest.raises(MissingKeyError, match="layer_sweep"):
        rx.pl.layers(sweep.drop(columns="kind"), "ARI")
    with pytest.raises(InputError, match="named as layers"):
        rx.pl.layers(sweep.iloc[3:], "ARI")


@pytest.fixture
def heads():
    rng = np.random.default_rng(0)
    auprc = np.linspace(0.01, 0.8, 30)
    shuffled = rng.random(30) * 0.02
    return pd.DataFrame(
        {
            "layer": np.arange(30) // 5, "head": np.arange(30) % 5, "auprc": auprc,
            "auprc_shuffled": shuffled, "delta_auprc": auprc - shuffled,
            "delta_low": auprc - shuffled - 0.01, "delta_high": auprc - shuffled + 0.02,
            "auprc_random": 0.011, "auprc_best_null": 0.03, "background": 0.007,
            "fdr": np.where(auprc > 0.6, 0.01, 0.4),
        }
    )  # fmt: skip


def test_heads_are_bars_best_first_beside_their_nulls(heads):
    ax = rx.pl.head_scores(heads, top=10)
    best = heads.iloc[::-1][:10]
    heights = {round(bar.get_x() + bar.get_width() / 2): bar.get_height() for bar in ax.patches}
    np.testing.assert_allclose([heights[k] for k in range(10)], best["auprc"])
    assert [t.get_text() for t in ax.get_xticklabels()][:2] == ["5·4", "5·3"]
    assert ax.get_xlabel() == "layer·head, best 10 of 30"
    shuffled = next(line for line in ax.lines if line.get_marker() == "_")
    np.testing.assert_allclose(shuffled.get_ydata(), best["auprc_shuffled"])
    ends = {line.get_xdata()[0]: line.get_ydata() for line in ax.lines[:10]}
    ends = [ends[k] for k in range(10)]
    np.testing.assert_allclose(ends, np.stack([best["auprc"] - 0.01, best["auprc"] + 0.02], 1))
    assert [line.get_ydata()[0] for line in ax.lines[11:]] == pytest.approx([0.03, 0.007])
    assert legend_of(ax) == [
        "head, FDR ≤ 5 %", "head, FDR > 5 %", "95 % interval",
        "shuffled sequences", "best null head", "random pairs",
    ]  # fmt: skip


def test_heads_that_may_be_chance_are_pale(heads):
    def colors(ax):
        return [b.get_facecolor() for b in sorted(ax.patches, key=lambda bar: bar.get_x())]

    found = colors(rx.pl.head_scores(heads, top=10))
    n = int((heads["fdr"] <= 0.05).sum())
    assert 0 < n < 10
    assert len(set(found[:n])) == len(set(found[n:])) == 1
    assert found[0] != found[-1]
    assert len(set(colors(rx.pl.head_scores(heads, fdr=0.5)))) == 1
    assert legend_of(rx.pl.head_scores(heads, fdr=0.5))[0] == "head, FDR ≤ 50 %"


def test_heads_need_their_columns_and_a_head(heads):
    with pytest.raises(MissingKeyError, match="auprc_best_null"):
        rx.pl.head_scores(heads.drop(columns="auprc_best_null"))
    with pytest.raises(InputError, match="at least one head"):
        rx.pl.head_scores(heads.iloc[:0])
    with pytest.raises(InputError, match=r"fdr must be in \[0, 1\], got 5"):
        rx.pl.head_scores(heads, fdr=5)


def result(shift=0.0, names=("X_mini", "3-mers", "shuffled target")):
    kinds = ["embedding", "baseline", "null"][: len(names)]
    value = np.array([0.8, 0.5, 0.1])[: len(names)] - shift
    columns = {"accuracy": value, "accuracy_low": value - 0.05, "accuracy_high": value + 0.1}
    index = pd.Index(names, name="representation")
    scores = pd.DataFrame({"kind": kinds} | columns, index=index)
    return SimpleNamespace(scores=scores)


def test_a_probe_has_a_dot_and_its_interval_a_row():
    ax = rx.pl.probe(result(), "accuracy")
    filled, hollow = [line for line in ax.lines if line.get_marker() == "o"]
    assert filled.get_xydata().tolist() == [[0.8, 0]]
    assert hollow.get_xydata().tolist() == [[0.5, 1], [0.1, 2]]
    assert filled.get_markerfacecolor() != hollow.get_markerfacecolor() == "white"
    lines = [line for line in ax.lines if line.get_marker() == "None" and line.get_zorder() == 2]
    ends = [line.get_xdata() for line in lines]
    np.testing.assert_allclose(ends, [[0.75, 0.9], [0.45, 0.6], [0.05, 0.2]])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["mini", "3-mers", "shuffled target"]
    assert ax.get_legend() is None


def test_several_probes_stand_beside_each_other():
    ax = rx.pl.probe({"careless": result(), "honest": result(0.1)}, "accuracy")
    assert legend_of(ax) == ["careless", "honest"]
    rows = [y for line in ax.lines if line.get_marker() in "os" for y in line.get_ydata()]
    assert len(set(rows)) == 6


def test_probes_that_cannot_be_compared_are_refused():
    with pytest.raises(MissingKeyError, match="no score 'macro_f2'"):
        rx.pl.probe(result(), "macro_f2")
    with pytest.raises(InputError, match="same representations"):
        rx.pl.probe({"a": result(), "b": result(names=("X_mini", "4-mers"))}, "accuracy")
    with pytest.raises(InputError, match="at least one probe"):
        rx.pl.probe({})


def test_similarities_are_colours_from_0_to_1_and_numbers():
    table = pd.DataFrame([[1.0, 0.25], [0.25, 1.0]], index=["X_mini", "4-mers"], columns=[0, 1])
    ax = rx.pl.similarity(table.rename_axis(index="model"))
    np.testing.assert_array_equal(ax.collections[0].get_array(), table)
    assert ax.collections[0].get_clim() == (0, 1)
    assert {t.get_position(): t.get_text() for t in ax.texts} == {
        (0.5, 0.5): "1.00", (1.5, 0.5): ".25", (0.5, 1.5): ".25", (1.5, 1.5): "1.00",
    }  # fmt: skip
    assert [t.get_text() for t in ax.get_yticklabels()] == ["mini", "4-mers"]
    assert ax.get_ylabel() == "model"
    assert len(rx.pl.similarity(pd.DataFrame(np.eye(60))).texts) == 0


@pytest.mark.parametrize("values", [[[1.5]], [[-0.5]], [[np.nan]], []])
def test_what_is_no_similarity_is_refused(values):
    with pytest.raises(InputError, match="0, 1"):
        rx.pl.similarity(pd.DataFrame(values))
    assert plt.get_fignums() == []
