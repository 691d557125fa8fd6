"""Attention, contacts, arcs, structures and metrics: what is drawn is what is in the data."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import EllipseCollection, LineCollection

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError
from rnaexplore.structure import Structure, score


def as_set(pairs):
    return {tuple(int(k) for k in pair) for pair in pairs}


def test_attention_shows_the_head_asked_for(maps):
    ax = rx.pl.attention(maps, layer=2, head=3)
    np.testing.assert_array_equal(ax.images[0].get_array(), maps.at(2, 3))
    mean = rx.pl.attention(maps, layer=1, head=None)
    np.testing.assert_allclose(mean.images[0].get_array(), maps.values[1].mean(0), rtol=1e-6)
    assert "layer 2, head 3" in ax.get_title()
    with pytest.raises(InputError, match="layer 7 is not among"):
        rx.pl.attention(maps, layer=7, head=0)


def test_residues_are_numbered_from_one(maps):
    ax = rx.pl.attention(maps, layer=0, head=0)
    for axis in (ax.xaxis, ax.yaxis):
        labels = [t.get_text() for t in axis.get_majorticklabels()]
        assert labels[:2] == ["1", "10"]
        np.testing.assert_array_equal(axis.get_majorticklocs() + 1, [int(t) for t in labels])


def test_short_rnas_have_their_letters_on_the_axes():
    sequence = "GGGAAACCCU"
    values = np.full((1, 1, 10, 10), 0.1, dtype=np.float32)
    ax = rx.pl.attention(rx.AttentionMaps(values, (0,), (0,), sequence, "mini"), layer=0, head=0)
    assert "".join(t.get_text() for t in ax.get_xticklabels(minor=True)) == sequence


def test_head_grid_holds_every_map_in_its_place(maps):
    ax = rx.pl.head_grid(maps)
    canvas = np.asarray(ax.images[0].get_array())
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0", "1", "2", "3"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["0", "1", "2"]
    x, y = ax.get_xticks()[3], ax.get_yticks()[2]
    thumbnail = canvas[round(y) - 38 : round(y) + 38, round(x) - 38 : round(x) + 38]
    expected = maps.at(2, 3)
    assert np.corrcoef(thumbnail.ravel(), expected.ravel())[0, 1] > 0.99


def test_contacts_marks_each_pair_by_what_became_of_it(contact_map, cloverleaf, partly):
    ax = rx.pl.contacts(contact_map, reference=cloverleaf, predicted=partly)
    marked = {"upper": {}, "lower": {}}
    for line in ax.lines:
        if line.get_linestyle() == "None" and len(line.get_xdata()):
            x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
            side = "upper" if (x > y).all() else "lower"
            assert side == "upper" or (x < y).all()
            key = (line.get_marker(), line.get_markerfacecolor() == "none")
            marked[side][key] = as_set(np.sort(np.stack([x, y], 1), axis=1))
    known, found = as_set(cloverleaf.pairs), as_set(partly.pairs)

    def near(pair, others):
        return any(abs(pair[0] - i) + abs(pair[1] - j) == 1 for i, j in others)

    shifted = {p for p in found - known if near(p, known)}
    assert shifted
    assert marked["upper"] == {
        ("s", False): found & known,
        ("D", False): shifted,
        ("x", False): found - known - shifted,
    }
    half = {p for p in known - found if near(p, found)}
    assert marked["lower"] == {
        ("s", False): found & known,
        ("D", False): half,
        ("s", True): known - found - half,
    }
    scores = score(partly, cloverleaf)
    assert f"{scores['f1']:.2f} strict, {scores['f1_shifted']:.2f} within" in ax.get_title()


def test_contacts_tell_which_triangle_is_what(contact_map, cloverleaf):
    ax = rx.pl.contacts(contact_map, reference=cloverleaf)
    titles = [
        a.get_title().get_text()
        for a in ax.artists + ax.get_children()
        if hasattr(a, "legend_handles")
    ]
    assert {"upper: predicted", "lower: reference"} <= set(titles)
    shown = np.asarray(ax.images[0].get_array())
    np.testing.assert_array_equal(shown, np.triu(contact_map.probabilities))
    alone = np.asarray(rx.pl.contacts(contact_map).images[0].get_array())
    np.testing.assert_array_equal(alone, contact_map.probabilities)


def test_lengths_have_to_agree(contact_map, cloverleaf):
    short = Structure.from_dot_bracket("GGGAAACCC", "(((...)))")
    for call in (
        lambda: rx.pl.contacts(contact_map, reference=short),
        lambda: rx.pl.contacts(contact_map, predicted=short),
        lambda: rx.pl.arcs(cloverleaf, reference=short),
        lambda: rx.pl.structure(short, color=[1.0, 2.0]),
        lambda: rx.pl.structure(short, color=np.full(9, np.nan)),
    ):
        with pytest.raises(InputError):
            call()


def arc_ends(collection):
    return as_set(
        sorted((round(p.vertices[0, 0]), round(p.vertices[-1, 0]))) for p in collection.get_paths()
    )


def test_arcs_join_the_pairs_above_and_below(cloverleaf, partly):
    above, below = rx.pl.arcs(partly, reference=cloverleaf).collections
    assert arc_ends(above) == as_set(partly.pairs)
    assert arc_ends(below) == as_set(cloverleaf.pairs)
    assert all((p.vertices[:, 1] > 0).all() for p in above.get_paths())
    assert all((p.vertices[:, 1] < 0).all() for p in below.get_paths())


def test_pseudoknots_have_another_colour(cloverleaf):
    (arcs,) = rx.pl.arcs(cloverleaf).collections
    colours = [tuple(c) for c in arcs.get_colors()]
    knotted = {c for c, order in zip(colours, cloverleaf.orders, strict=True) if order}
    nested = {c for c, order in zip(colours, cloverleaf.orders, strict=True) if not order}
    assert len(knotted) == len(nested) == 1
    assert knotted != nested


def test_structure_draws_residues_pairs_ends_and_numbers(cloverleaf):
    ax = rx.pl.structure(cloverleaf)
    (circles,) = [c for c in ax.collections if isinstance(c, EllipseCollection)]
    assert len(circles.get_offsets()) == len(cloverleaf)
    lines = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert sorted(len(c.get_paths()) for c in lines) == [2, 20]
    texts = [t.get_text() for t in ax.texts]
    assert {"5′", "3′", "10", "20", "70"} <= set(texts)
    letters = [t for t in ax.texts if t.get_text() in "ACGU"]
    assert "".join(t.get_text() for t in letters) == cloverleaf.sequence
    np.testing.assert_allclose(
        [t.get_position() for t in letters], circles.get_offsets(), atol=1e-6
    )


def test_structure_draws_the_layout_that_is_asked_for(cloverleaf):
    pytest.importorskip("RNA")
    drawn = rx.pl.structure(cloverleaf, layout="vienna").lines[0].get_xydata()
    expected = rx.structure.vienna_layout(cloverleaf.pairs, len(cloverleaf))
    np.testing.assert_allclose(drawn, expected)
    with pytest.raises(InputError, match="layout must be one of radial, vienna, got 'naview'"):
        rx.pl.structure(cloverleaf, layout="naview")


def test_structure_takes_a_value_a_residue(cloverleaf):
    values = np.linspace(2, 5, len(cloverleaf))
    ax = rx.pl.structure(cloverleaf, color=values, label="attention")
    (circles,) = [c for c in ax.collections if isinstance(c, EllipseCollection)]
    np.testing.assert_allclose(circles.get_array(), values)
    assert ax.child_axes[0].get_ylabel() == "attention"


@pytest.mark.parametrize("draw", [rx.pl.arcs, rx.pl.structure], ids=["arcs", "structure"])
@pytest.mark.parametrize("sequence", ["A", "ACGUACGU"])
def test_an_rna_without_pairs_is_drawn(draw, sequence):
    ax = draw(Structure(sequence, np.zeros((0, 2), dtype=np.int64)))
    ax.figure.canvas.draw()
    assert ax.texts


def test_metrics_sets_baselines_apart(scores):
    ax = rx.pl.metrics(scores)
    assert [t.get_text() for t in ax.get_yticklabels()] == [
        "mini", "rnafm", "3-mers", "4-mers", "length", "shuffled labels",
    ]  # fmt: skip
    dots = [line for line in ax.lines if line.get_linestyle() == "None" and len(line.get_xdata())]
    drawn = {}
    for line in dots:
        hollow = line.get_markerfacecolor() == "white"
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True):
            row = round(y)
            drawn.setdefault(row, []).append(x)
            assert abs(y - row) < 0.3, "between two rows"
            assert hollow == (scores["kind"].iloc[row] != "embedding")
    for row, values in drawn.items():
        np.testing.assert_allclose(values, scores.iloc[row, 1:].to_numpy(dtype=float))
    low, high = ax.get_xlim()
    assert low <= scores.iloc[:, 1:].to_numpy().min()
    assert high >= scores.iloc[:, 1:].to_numpy().max()


def test_metrics_need_a_table_of_evaluate(scores):
    with pytest.raises(MissingKeyError, match=r"rx\.tl\.evaluate"):
        rx.pl.metrics(scores.drop(columns="kind"))
    with pytest.raises(MissingKeyError, match="Did you mean 'ARI'"):
        rx.pl.metrics(scores, columns=["ARIs"])
    with pytest.raises(InputError, match="at least one"):
        rx.pl.metrics(scores.iloc[:0])
