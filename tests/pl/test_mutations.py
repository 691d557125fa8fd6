"""The figure of a mutation map shows its numbers, and tracks that fit them."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection

import rnaexplore as rx
from rnaexplore.errors import InputError
from rnaexplore.maps import MutationMap
from rnaexplore.structure import Structure

SEQUENCE = "GGGGAAAACCCC"
FOLD = Structure.from_dot_bracket(SEQUENCE, "((((....))))")


@pytest.fixture
def scores():
    return made(SEQUENCE)


def made(sequence, method="masked-marginal", deletions=None):
    values = np.random.default_rng(0).normal(size=(len(sequence), 4))
    for row, letter in zip(values, sequence, strict=True):
        row[:] = np.nan if letter == "N" else row - row["ACGU".index(letter)]
    return MutationMap(values, sequence, "toy", method, deletions=deletions)


def tracks(ax):
    """The inset axes: bar of colours, entropy, structure."""
    return {
        "entropy": [a for a in ax.child_axes if "entropy" in a.get_ylabel()],
        "structure": [
            a for a in ax.child_axes if any(isinstance(c, LineCollection) for c in a.collections)
            and not a.get_ylabel()
        ],
    }  # fmt: skip


def test_cells_are_the_scores_and_zero_is_in_the_middle(scores) -> None:
    ax = rx.pl.mutations(scores)
    image = ax.images[0]
    np.testing.assert_array_equal(image.get_array(), scores.values.T)
    low, high = image.get_clim()
    assert low == -high
    assert high == pytest.approx(np.percentile(np.abs(scores.values), 99), rel=1e-5)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["A", "C", "G", "U"]
    assert "".join(t.get_text() for t in ax.get_xticklabels(minor=True)) == SEQUENCE
    dots = ax.lines[0]
    expected = ["ACGU".index(letter) for letter in SEQUENCE]
    assert list(dots.get_ydata()) == expected


def test_deletions_are_a_row(scores) -> None:
    ax = rx.pl.mutations(made(SEQUENCE, deletions=np.arange(12.0)))
    np.testing.assert_array_equal(ax.images[0].get_array()[4], np.arange(12))
    assert ax.get_yticklabels()[4].get_text() == "–"


def test_tracks(scores) -> None:
    found = tracks(rx.pl.mutations(scores, structure=FOLD))
    (entropy,), (structure,) = found["entropy"], found["structure"]
    heights = [bar.get_height() for bar in entropy.patches]
    np.testing.assert_allclose(heights, scores.entropy, rtol=1e-5)
    ends = {
        (round(p.vertices[:, 0].min()), round(p.vertices[:, 0].max()))
        for p in structure.collections[0].get_paths()
    }
    assert ends == {tuple(pair) for pair in FOLD.pairs.tolist()}
    assert entropy.get_xlim() == structure.get_xlim() == (-0.5, 11.5)


def test_entropy_can_be_given_and_is_not_made_up(scores) -> None:
    mutant = made(SEQUENCE, method="mutant-marginal")
    assert tracks(rx.pl.mutations(mutant))["entropy"] == []
    (track,) = tracks(rx.pl.mutations(mutant, entropy=np.full(12, 1.5)))["entropy"]
    assert {bar.get_height() for bar in track.patches} == {1.5}


def test_ambiguous_residues_are_blank() -> None:
    ax = rx.pl.mutations(made("GGNAC"))
    assert np.ma.getmaskarray(np.ma.masked_invalid(ax.images[0].get_array()))[:, 2].all()
    assert list(ax.lines[0].get_xdata()) == [0, 1, 3, 4]


def test_long_rnas_have_numbers_and_no_letters() -> None:
    with rx.pl.style("nature", width="single"):
        ax = rx.pl.mutations(made("ACGU" * 100))
    assert [t.get_text() for t in ax.get_xticklabels(minor=True)] == []
    assert ax.get_xticklabels()[0].get_text() == "1"


def test_axes_at_hand_are_used_and_nothing_is_shown(scores) -> None:
    _, ax = plt.subplots()
    assert rx.pl.mutations(scores, structure=FOLD, ax=ax) is ax
    assert len(plt.get_fignums()) == 1


def test_lengths_have_to_agree(scores) -> None:
    with pytest.raises(InputError, match="structure has 9 residues, the RNA 12"):
        rx.pl.mutations(scores, structure=Structure.from_dot_bracket("GGGAAACCC", "(((...)))"))
    with pytest.raises(InputError, match="12 numbers"):
        rx.pl.mutations(scores, entropy=[1.0])
