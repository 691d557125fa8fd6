"""A selection is the same thing seen from Python and from the view."""

import numpy as np
import pandas as pd
import pytest
from traitlets import TraitError

from rnaexplore.errors import InputError
from rnaexplore.widgets import EmbeddingMap, explore


def as_bytes(positions):
    mask = np.isin(np.arange(60), positions)
    return np.packbits(mask, bitorder="little").tobytes() if len(positions) else b""


@pytest.mark.parametrize(
    "chosen",
    [
        ["rna4", "rna1"],
        [4, 1],
        np.array([1, 4, 1]),
        [-56, -59],
        np.isin(np.arange(60), [1, 4]),
        pd.Index(["rna1", "rna4"]),
        pd.Series(np.isin(np.arange(60), [1, 4])),
    ],
)
def test_python_selects_by_name_position_or_mask(adata, chosen):
    view = EmbeddingMap(adata)
    view.selection = chosen
    assert view.selection == ("rna1", "rna4")
    assert view.selection_indices.tolist() == [1, 4]
    assert view.get_state("_selection")["_selection"] == as_bytes([1, 4])


def test_view_selects_and_python_hears(adata):
    view = explore(adata)
    heard = []
    view.observe(lambda change: heard.append(change["new"]), "selection")
    view.set_state({"_selection": memoryview(as_bytes([2, 5, 9]))})
    assert view.selection == ("rna2", "rna5", "rna9")
    view.set_state({"_selection": memoryview(b"")})
    assert heard == [("rna2", "rna5", "rna9"), ()]
    assert view.selection_indices.size == 0


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        (["rna1", "rna99x"], "rna99x"),
        ([60], "60"),
        ("rna1", r"\['rna1'\]"),
        (np.zeros(59, dtype=bool), "59"),
        ([1.5], "float"),
        (np.zeros((2, 2), dtype=int), "one dimension"),
    ],
)
def test_impossible_selections_are_refused(adata, chosen, told):
    view = EmbeddingMap(adata)
    view.selection = [3]
    with pytest.raises(TraitError, match=told):
        view.selection = chosen
    assert view.selection == ("rna3",)


@pytest.mark.parametrize(
    "state",
    [
        {"_selection": memoryview(b"abc")},
        {"_selection": memoryview(b"\xff" * 8)},  # bits beyond the last RNA
        {"_selected": 60},
    ],
)
def test_impossible_positions_from_the_view_are_refused(adata, state):
    view = explore(adata)
    with pytest.raises(TraitError):
        view.set_state(state)
    assert view.selection == ()
    assert view.selected is None


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("replace", {3, 4, 5}),
        ("add", {1, 2, 3, 4, 5}),
        ("subtract", {1, 2}),
        ("intersect", {3}),
    ],
)
def test_set_operations(adata, mode, expected):
    view = explore(adata)
    view.selection = [1, 2, 3]
    view.select([5, 4, 3], mode=mode)
    assert set(view.selection_indices.tolist()) == expected
    assert view.get_state("_selection")["_selection"] == as_bytes(sorted(expected))
    with pytest.raises(InputError, match="'intersect'"):
        view.select([1], mode="xor")


def test_invert_undo_and_redo(adata):
    view = explore(adata)
    view.selection = [1, 2]
    view.set_state({"_selection": memoryview(as_bytes([7]))})
    view.invert()
    assert len(view.selection) == 59
    assert "rna7" not in view.selection
    view.undo()
    assert view.selection == ("rna7",)
    view.undo()
    assert view.selection == ("rna1", "rna2")
    view.redo()
    assert view.selection == ("rna7",)
    view.selection = [9]
    view.redo()
    assert view.selection == ("rna9",)
    for _ in range(5):
        view.undo()
    assert view.selection == ()


def test_a_filter_hides_rnas_and_bounds_the_inverse(adata):
    view = explore(adata)
    view.show_only(range(10))
    assert view.shown == tuple(f"rna{i}" for i in range(10))
    view.selection = [0, 1]
    view.invert()
    assert view.selection_indices.tolist() == list(range(2, 10))
    with pytest.raises(InputError, match="show_all"):
        view.show_only([])
    view.show_all()
    assert len(view.shown) == 60
    assert view._shown == b""


def test_selected_both_ways(adata):
    view = EmbeddingMap(adata)
    view.selected = 7
    assert view.selected == "rna7"
    assert view.get_state("_selected") == {"_selected": 7}
    view.set_state({"_selected": 3})
    assert view.selected == "rna3"
    view.selected = None
    assert view.get_state("_selected") == {"_selected": -1}
    with pytest.raises(TraitError, match="nobody"):
        view.selected = "nobody"


def test_save_as_boolean(adata):
    view = explore(adata)
    view.selection = [0, 59]
    view.save_selection("ends")
    assert adata.obs["ends"].dtype == bool
    assert adata.obs_names[adata.obs["ends"]].tolist() == ["rna0", "rna59"]
    assert adata.uns["rnaexplore"]["ends"]["n_selected"] == 2
    view.color = "ends"
    assert view._colour["labels"] == ["False", "True"]


def test_save_as_labels_adds_up(adata, tmp_path):
    view = explore(adata)
    view.selection = [0, 1]
    view.save_selection("group", label="a")
    view.selection = [1, 2]
    view.save_selection("group", label="b", overwrite=True)
    assert adata.obs["group"].tolist()[:3] == ["a", "b", "b"]
    assert adata.obs["group"].isna().sum() == 57
    adata.write_h5ad(tmp_path / "saved.h5ad")


def test_saved_column_redraws_colours(adata):
    view = explore(adata)
    view.selection = [0]
    view.save_selection("group", label="a")
    view.color = "group"
    view.save_selection("group", label="b", overwrite=True)
    assert view._colour["labels"] == ["b"]
    assert "group" in view._colourings


def test_columns_are_not_overwritten_unasked(adata):
    view = explore(adata)
    before = adata.obs.copy()
    with pytest.raises(InputError, match="overwrite=True"):
        view.save_selection("family")
    with pytest.raises(InputError, match="'/'"):
        view.save_selection("a/b")
    pd.testing.assert_frame_equal(adata.obs, before)


def test_duplicate_names_are_refused(adata):
    adata.obs_names = ["rna0", "rna0", *adata.obs_names[2:]]
    with pytest.raises(InputError, match="obs_names_make_unique"):
        EmbeddingMap(adata)
