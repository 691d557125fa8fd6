"""Maps of residues: hovering names both letters, heads are chosen inside the figure."""

from __future__ import annotations

from base64 import b64decode

import numpy as np
import pytest

import rnaexplore as rx
from rnaexplore.maps import AttentionMaps


def test_axes_name_residues_by_letter_and_number(contact_map, cloverleaf):
    figure = rx.px.contacts(contact_map, cloverleaf)
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        assert axis.labelalias["18"] == f"{cloverleaf.sequence[17]}18"
        assert len(axis.labelalias) == 76
    assert figure.data[0].hovertemplate.startswith("%{y} – %{x}<br>contact probability %{z")


def test_scores_are_not_called_probabilities(contact_map, other_map):
    bar = rx.px.contacts(other_map).data[0].colorbar
    assert bar.title.text == "contact score"
    both = rx.px.contacts(contact_map, other=other_map).data[0]
    assert both.colorbar.title.text == "probability (upper), score (lower)"
    np.testing.assert_array_equal(np.tril(both.z, -1), np.tril(other_map.values, -1))


def decoded(array):
    shape = tuple(map(int, array["shape"].split(",")))
    return np.frombuffer(b64decode(array["bdata"]), dtype=array["dtype"]).reshape(shape)


def test_menu_and_slider_hold_every_map_of_every_head(maps):
    figure = rx.px.head_grid(maps)
    (menu,) = figure.layout.updatemenus
    for layer, button in zip(maps.layers, menu.buttons, strict=True):
        data, words, traces = button.args
        assert list(traces) == [1]
        (slider,) = words["sliders"]
        np.testing.assert_array_equal(decoded(data["z"][0]), maps.at(layer, 0))
        for head, step in zip(maps.heads, slider["steps"], strict=True):
            values, told, traces = step["args"]
            assert list(traces) == [1]
            np.testing.assert_array_equal(decoded(values["z"][0]), maps.at(layer, head))
            assert told["annotations"][0]["text"] == f"layer {layer}, head {head}"
    np.testing.assert_array_equal(figure.data[1].z, maps.at(0, 0))


def test_ranked_heads_have_a_slider_in_their_order(maps):
    figure = rx.px.head_grid(maps, ranked=[(2, 3, 0.9), (0, 1, 0.1)])
    assert figure.layout.updatemenus == ()
    (slider,) = figure.layout.sliders
    assert [step.label for step in slider.steps] == ["2·3", "0·1"]
    assert figure.layout.annotations[0].text == "layer 2, head 3, score 0.90"
    assert list(figure.data[2].text) == [
        "layer 2, head 3, score 0.90",
        "layer 0, head 1, score 0.10",
    ]


def test_many_large_maps_are_shrunk_and_keep_their_place(monkeypatch):
    monkeypatch.setattr("rnaexplore.px._head_choice._MOST_WEIGHTS", 4 * 50 * 50)
    values = np.zeros((2, 2, 200, 200), dtype=np.float32)
    values[1, 1, 101, 7] = 0.5
    maps = AttentionMaps(values, (0, 1), (0, 1), "ACGU" * 50, "mini")
    chosen = rx.px.head_grid(maps, marked=(1, 1)).data[1]
    assert chosen.z.shape == (50, 50)
    (row,), (column,) = np.nonzero(chosen.z)
    assert chosen.z[row, column] == 0.5
    edges = [start + step * (k - 0.5) for start, step, k in (
        (chosen.y0, chosen.dy, row), (chosen.x0, chosen.dx, column)
    )]  # fmt: skip
    assert edges[0] <= 102 <= edges[0] + chosen.dy
    assert edges[1] <= 8 <= edges[1] + chosen.dx


def test_every_point_of_an_arc_names_its_pair(cloverleaf):
    figure = rx.px.arcs(cloverleaf)
    curves = [t for t in figure.data if t.mode == "lines" and t.text]
    told = {text for trace in curves for text in trace.text}
    sequence = cloverleaf.sequence
    assert told == {
        f"{sequence[i]}{i + 1} – {sequence[j]}{j + 1}" for i, j in cloverleaf.pairs.tolist()
    }
    for trace in curves:
        ends = [int(name[1:]) for name in trace.text[0].split(" – ")]
        assert sorted(ends) == pytest.approx(sorted([trace.x[0], trace.x[59]]), abs=1e-4)


def test_long_rnas_have_no_letters_but_names_on_hovering():
    figure = rx.px.arcs(rx.Structure("ACGU" * 100, np.array([[0, 399]])))
    sequence = next(t for t in figure.data if t.hovertext)
    assert sequence.mode == "lines"
    assert sequence.hovertext[399] == "U400"


def test_hovering_over_a_residue_tells_its_partner(cloverleaf):
    figure = rx.px.structure(cloverleaf)
    residues = next(t for t in figure.data if t.name == "residues")
    partners = cloverleaf.partners
    assert residues.hovertext[0] == "G1<br>pairs with C72"
    assert residues.hovertext[int(np.flatnonzero(partners < 0)[0])].endswith("<br>unpaired")


def test_hovering_over_a_substitution_tells_it_with_its_unit(substitutions):
    heat = rx.px.mutations(substitutions).data[0]
    assert heat.hovertemplate == "%{x} → %{y}<br>%{z:.2f} nats<extra></extra>"
    assert heat.y == ("A", "C", "G", "U", "–")
