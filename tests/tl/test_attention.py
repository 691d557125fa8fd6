"""attention: the model's own numbers under the right labels."""

from __future__ import annotations

import numpy as np
import pytest

import rnaexplore as rx
from rnaexplore.errors import InputError, UnknownNameError


def test_maps_are_the_models(hairpins, tiny) -> None:
    maps = rx.tl.attention(hairpins, "h2", tiny)
    sequence = hairpins.obs.loc["h2", "sequence"]
    np.testing.assert_array_equal(maps.values, tiny.attentions(sequence))
    assert maps.layers == (0, 1)
    assert maps.heads == (0, 1, 2, 3)
    assert (maps.sequence, maps.model) == (sequence, "tiny")


def test_chosen_layers_and_heads_keep_the_models_numbers(hairpins, tiny) -> None:
    everything = rx.tl.attention(hairpins, "h1", tiny)
    some = rx.tl.attention(hairpins, "h1", tiny, layers=[-1], heads=(3, 1))
    assert (some.layers, some.heads) == ((1,), (3, 1))
    np.testing.assert_array_equal(some.at(1, 3), everything.at(1, 3))


def test_the_sequence_is_spelled_as_the_model_reads_it(hairpins, tiny) -> None:
    hairpins.obs.loc["h1", "sequence"] = "ggggttttcccc"
    maps = rx.tl.attention(hairpins, "h1", tiny)
    assert maps.sequence == "GGGGUUUUCCCC"


def test_unknown_names_get_suggestions(hairpins, rnas, tiny) -> None:
    with pytest.raises(UnknownNameError, match=r"no RNA is named 'h4'.*'h"):
        rx.tl.attention(hairpins, "h4", tiny)
    with pytest.raises(UnknownNameError, match="There are 60, the first: rich-0"):
        rx.tl.attention(rnas, "zzzzzzzz", tiny)
    hairpins.obs_names = ["h1", "h1", "h3"]
    with pytest.raises(InputError, match=r"2 RNAs are named 'h1'.*obs_names_make_unique"):
        rx.tl.attention(hairpins, "h1", tiny)
    with pytest.raises(InputError, match="layer must be in"):
        rx.tl.attention(hairpins, "h3", tiny, layers=[2])
