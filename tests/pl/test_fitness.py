"""Figures of fitness: points with their groups, metrics with intervals, sign and chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    score = rng.normal(size=60)
    frame = pd.DataFrame(
        {
            "kind": ["substitution"] * 56 + ["indel"] * 2 + ["wild type", "invalid"],
            "n_mutations": pd.array([1, 2, 3, 4, 5, 6] * 10, dtype="Int64"),
            "score": score,
            "DMS_score": -score,
        }
    )
    frame.loc[0, "DMS_score"] = np.nan
    frame.attrs = {"model": "mini", "method": "wt-fill"}
    return frame


def test_every_measured_variant_is_a_point_of_its_group(table) -> None:
    ax = rx.pl.fitness(table)
    counts = {c.get_label(): len(c.get_offsets()) for c in ax.collections}
    assert sum(counts.values()) == 57
    assert list(counts) == ["1", "2", "3", "4", "5+", "indel"]
    assert counts["indel"] == 2
    assert ax.get_title() == "57 variants, Spearman -1.00"
    assert ax.get_xlabel() == "mini, wt-fill (nats)"
    drawn = {tuple(p) for c in ax.collections for p in np.round(c.get_offsets(), 9)}
    expected = table.loc[1:57, ["score", "DMS_score"]].round(9)
    assert drawn == set(expected.itertuples(index=False, name=None))


def test_other_columns_can_be_drawn(table) -> None:
    ax = rx.pl.fitness(table.assign(delta_mfe=1.0), score="delta_mfe")
    assert ax.get_xlabel() == "delta mfe"
    assert ax.get_title() == "57 variants", "no correlation with a constant"


def test_nothing_to_draw(table) -> None:
    with pytest.raises(MissingKeyError, match=r"no column 'DMS'.*Did you mean 'DMS_score'"):
        rx.pl.fitness(table, measured="DMS")
    with pytest.raises(InputError, match="no variant has both"):
        rx.pl.fitness(table.assign(score=np.nan))


def test_metrics_have_their_intervals_at_their_groups(table) -> None:
    frame = rx.tl.evaluate_fitness(table.assign(delta_mfe=lambda t: t["score"]), n_boot=20)
    ax = rx.pl.fitness_metrics(frame)
    assert [t.get_text().split("\n")[0] for t in ax.get_xticklabels()] == [
        "all", "1", "2", "3", "4", "5+",
    ]  # fmt: skip
    named = {c.get_label(): c for c in ax.containers}
    assert set(named) == {"score", "-delta mfe"}
    points = named["score"].lines[0]
    np.testing.assert_allclose(points.get_ydata(), -1)
    np.testing.assert_allclose(named["-delta mfe"].lines[0].get_ydata(), 1)
    left, right = points.get_xdata(), named["-delta mfe"].lines[0].get_xdata()
    assert (left < right).all(), "scores stand side by side"
    assert ax.get_ylabel() == "Spearman"


@pytest.mark.parametrize(("metric", "chance"), [("spearman", 0), ("auc", 0.5), ("ndcg", None)])
def test_chance_is_a_line_where_there_is_one(table, metric, chance) -> None:
    ax = rx.pl.fitness_metrics(rx.tl.evaluate_fitness(table, n_boot=5), metric=metric)
    level = [line.get_ydata()[0] for line in ax.lines if len(set(line.get_ydata())) == 1
             and list(line.get_xdata()) == [0, 1]]  # fmt: skip
    assert level == ([] if chance is None else [chance])


def test_metrics_that_are_not_there(table) -> None:
    frame = rx.tl.evaluate_fitness(table, n_boot=5)
    with pytest.raises(MissingKeyError, match="no column 'rho'"):
        rx.pl.fitness_metrics(frame, metric="rho")
    with pytest.raises(InputError, match="too few variants"):
        rx.pl.fitness_metrics(frame.assign(spearman=np.nan))
