"""attention: the model's own numbers under the right labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

import rnaexplore as rx
from rnaexplore.errors import InputError, SequenceTooLongError, UnknownNameError
from rnaexplore.models import get_spec
from rnaexplore.models.model import Model
from rnaexplore.models.registry import adapter_class


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


def test_a_window_is_read_alone(hairpins, tiny) -> None:
    maps = rx.tl.attention(hairpins, "h2", tiny, window=(3, 10), layers=[1])
    stretch = hairpins.obs.loc["h2", "sequence"][3:10]
    np.testing.assert_array_equal(maps.values, tiny.attentions(stretch, layers=[1]))
    assert (maps.sequence, maps.start) == (stretch, 3)
    assert maps.symmetrize().apc().start == 3
    for window in ((-1, 5), (5, 5), (0, 13)):
        with pytest.raises(InputError, match=r"0 <= start < stop <= 12, got \("):
            rx.tl.attention(hairpins, "h2", tiny, window=window)


def test_an_rna_too_long_for_the_model_is_read_in_a_window(tiny) -> None:
    long = rx.from_sequences({"long": "ACGU" * 300})
    with pytest.raises(SequenceTooLongError, match="window"):
        rx.tl.attention(long, "long", tiny)
    maps = rx.tl.attention(long, "long", tiny, window=(1100, 1150), layers=[0], heads=[0])
    assert maps.values.shape == (1, 1, 50, 50)


def test_a_codon_model_attends_in_codons(hairpins) -> None:
    spec = get_spec("mrnafm")
    small = replace(
        spec, n_layers=2, n_heads=2, dim=16, config={**spec.config, "intermediate_size": 32}
    )
    adapter = adapter_class(small)
    module = adapter.build(small).eval().requires_grad_(requires_grad=False)
    device = torch.device("cpu")
    model = Model(adapter(small, module), device=device, weights_sha256="", source="random")
    maps = rx.tl.attention(hairpins, "h3", model)
    assert maps.values.shape == (2, 2, 4, 4)
    assert maps.residues == ("GGC", "AGA", "AAU", "GCC")
    part = rx.tl.attention(hairpins, "h3", model, window=(1, 3))
    assert part.residues == ("AGA", "AAU")
