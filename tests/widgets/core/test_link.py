"""Linked views: one selection by name, both ways, and nothing left behind."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from anndata import AnnData

import rnaexplore as rx
from rnaexplore.errors import InputError
from rnaexplore.widgets import EmbeddingMap


def planted(n: int = 30) -> AnnData:
    rng = np.random.default_rng(0)
    obs = pd.DataFrame(
        {"family": pd.Categorical(np.arange(n) % 3), "length": rng.integers(60, 90, n)},
        index=[f"rna{k}" for k in range(n)],
    )
    return AnnData(obs=obs, obsm={"X_umap": rng.normal(size=(n, 2)).astype(np.float32)})


@pytest.fixture
def adata() -> AnnData:
    return planted()


def widget(adata, **options):
    return go.FigureWidget(rx.px.umap(adata, **options))


def drawn_around(figure, positions):
    """Tell a figure what the browser would: a lasso around the points of some RNAs."""
    points = [
        (trace_index, k, float(trace.x[k]), float(trace.y[k]))
        for trace_index, trace in enumerate(figure.data)
        for k, position in enumerate(trace.customdata)
        if position in set(positions)
    ]
    traces, inds, xs, ys = zip(*points, strict=True) if points else ((), (), (), ())
    told = {"xs": xs, "ys": ys, "point_indexes": inds, "trace_indexes": traces}
    told = {key: list(value) for key, value in told.items()}
    figure._js2py_pointsCallback = {"event_type": "plotly_selected", "points": told}


def lit(figure):
    chosen = [
        np.asarray(trace.customdata)[list(trace.selectedpoints)]
        for trace in figure.data
        if trace.selectedpoints is not None
    ]
    return sorted(np.concatenate(chosen).tolist()) if chosen else None


def observers(view):
    """Return how many functions observe each trait."""
    held = view._trait_notifiers.items()
    counts = {name: sum(map(len, found.values())) for name, found in held}
    return {name: n for name, n in counts.items() if n}


def test_a_lasso_in_the_figure_is_the_selection_of_the_view(adata) -> None:
    view, figure = EmbeddingMap(adata), widget(adata, color="family")
    rx.link(view, figure)
    drawn_around(figure, [3, 4, 8])
    assert view.selection == ("rna3", "rna4", "rna8")
    assert lit(figure) == [3, 4, 8]
    view.undo()
    assert view.selection == ()
    assert lit(figure) is None


def test_a_selection_in_the_view_is_lit_in_the_figure_and_in_other_views(adata) -> None:
    one, other, figure = EmbeddingMap(adata), EmbeddingMap(adata), widget(adata, color="family")
    rx.link(one, other, figure)
    one.selection = ["rna7", "rna1"]
    assert other.selection == ("rna1", "rna7")
    assert lit(figure) == [1, 7]
    other.selection = []
    assert one.selection == ()
    assert lit(figure) is None


def test_a_selection_that_is_there_is_shared_at_once(adata) -> None:
    view, figure = EmbeddingMap(adata), widget(adata)
    view.selection = ["rna5"]
    rx.link(figure, view)
    assert lit(figure) == [5]


def test_rnas_are_the_same_by_name_and_not_by_position(adata) -> None:
    part = adata[::-2].copy()
    view, figure = EmbeddingMap(adata), widget(part, color="length")
    rx.link(view, figure)
    drawn_around(figure, [0])
    assert view.selection == (part.obs_names[0],) == ("rna29",)
    view.selection = ["rna28", "rna27"]
    assert [part.obs_names[k] for k in lit(figure)] == ["rna27"]


def test_a_click_beside_all_points_empties_the_selection(adata) -> None:
    view, figure = EmbeddingMap(adata), widget(adata, color="family")
    rx.link(view, figure)
    drawn_around(figure, [3, 4])
    empty = {"xs": [], "ys": [], "point_indexes": [], "trace_indexes": []}
    figure._js2py_pointsCallback = {"event_type": "plotly_deselect", "points": empty}
    assert view.selection == ()


def test_unlinking_leaves_nothing_behind(adata) -> None:
    view, figure = EmbeddingMap(adata), widget(adata, color="family")
    callbacks = [len(trace._select_callbacks) for trace in figure.data]
    before = observers(view)
    held = rx.link(view, figure)
    assert held.views == (view, figure)
    held.unlink()
    assert held.views == ()
    assert [len(trace._select_callbacks) for trace in figure.data] == callbacks
    assert [len(trace._deselect_callbacks) for trace in figure.data] == callbacks
    assert observers(view) == before
    view.selection = ["rna1"]
    assert lit(figure) is None
    seen = weakref.ref(held)
    del held
    gc.collect()
    assert seen() is None


def test_a_closed_view_leaves_the_link_and_the_others_stay(adata) -> None:
    one, other, figure = EmbeddingMap(adata), EmbeddingMap(adata), widget(adata)
    held = rx.link(one, other, figure)
    other.close()
    assert held.views == (one, figure)
    one.selection = ["rna2"]
    assert other.selection == ()
    assert lit(figure) == [2]
    figure.close()
    assert held.views == (one,)


def test_figures_too_large_for_names_take_those_of_the_view(adata) -> None:
    figure = widget(adata)
    figure.data[0].text = None
    view = EmbeddingMap(adata)
    rx.link(figure, view)
    drawn_around(figure, [6])
    assert view.selection == ("rna6",)


def test_what_cannot_be_linked_is_refused(adata) -> None:
    view = EmbeddingMap(adata)
    before = observers(view)
    with pytest.raises(InputError, match=r"two or more different views"):
        rx.link(view)
    with pytest.raises(InputError, match=r"two or more different views"):
        rx.link(view, view)
    with pytest.raises(InputError, match=r"got Figure; make a plotly figure a widget first"):
        rx.link(view, rx.px.umap(adata))
    with pytest.raises(InputError, match=r"cannot be told by name"):
        rx.link(view, go.FigureWidget(go.Figure(go.Scatter(x=[1], y=[2]))))
    assert observers(view) == before


def test_an_outline_in_the_figure_gives_way_to_other_views(adata, monkeypatch) -> None:
    """A browser answers to the removal of an outline by an empty selection, which is not meant."""
    view, figure = EmbeddingMap(adata), widget(adata, color="family")
    sent = []
    monkeypatch.setattr(figure, "_send_relayout_msg", sent.append)
    rx.link(view, figure)
    view.selection = ["rna1"]
    assert sent == [], "nothing was drawn around"
    drawn_around(figure, [3, 4, 8])
    view.selection = ["rna1", "rna2"]
    assert sent == [{"selections": []}]
    drawn_around(figure, [])
    assert lit(figure) == [1, 2]
    assert view.selection == ("rna1", "rna2")
    drawn_around(figure, [])
    assert view.selection == (), "the next one is meant"
