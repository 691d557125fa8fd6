"""What a masked-language head expects: masked copies, the one-pass approximation, windows."""

from __future__ import annotations

import numpy as np
import pytest

import rnaexplore as rx
from rnaexplore.errors import CapabilityError, InputError, SequenceTooLongError
from rnaexplore.models.inference import windows
from rnaexplore.structure import Structure


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def test_masked_probabilities_are_those_of_one_masked_copy_a_position(rnas, tiny) -> None:
    name = rnas.obs_names[3]
    sequence = rnas.obs.loc[name, "sequence"]
    result = rx.tl.residue_probabilities(rnas, name, tiny, progress=False)
    expected = [softmax(tiny.logits(sequence, mask=i)[i]) for i in range(len(sequence))]
    np.testing.assert_allclose(result.values, expected, atol=1e-5)
    one_pass = rx.tl.residue_probabilities(rnas, name, tiny, method="one-pass")
    np.testing.assert_allclose(one_pass.values, softmax(tiny.logits(sequence)), atol=1e-5)
    assert (result.method, one_pass.method) == ("masked", "one-pass")


def test_windows_are_averaged_as_logits_are(tiny) -> None:
    sequence = "ACGGUUCAGGCAUUCGACGGAUUACG"
    adata = rx.from_sequences({"a": sequence})
    result = rx.tl.residue_probabilities(adata, "a", tiny, window=10, progress=False)
    expected = [softmax(tiny.logits(sequence, mask=i, window=10)[i]) for i in range(len(sequence))]
    np.testing.assert_allclose(result.values, expected, atol=1e-5)
    assert len(windows.spans(len(sequence), 10, 5)) > 2


def test_partners_are_known_and_loops_are_not(hairpins, pairing) -> None:
    fold = Structure.from_dot_bracket(*hairpins.obs.loc["h1", ["sequence", "structure"]])
    model = pairing(fold.pairs)
    result = rx.tl.residue_probabilities(hairpins, "h1", model, progress=False)
    paired = fold.partners >= 0
    np.testing.assert_allclose(result.entropy[~paired], 2, atol=1e-5)
    np.testing.assert_allclose(result.own[paired], np.exp(3) / (np.exp(3) + 3), atol=1e-5)
    one_pass = rx.tl.residue_probabilities(hairpins, "h1", model, method="one-pass")
    assert one_pass.pseudo_log_likelihood > result.pseudo_log_likelihood


def test_fill_mask_hides_all_positions_at_once(hairpins, pairing) -> None:
    model = pairing([(0, 11), (1, 10), (2, 9), (3, 8)])
    alone = rx.tl.fill_mask(hairpins, "h1", model, positions=[0])
    assert alone.to_frame().loc[1, "G"] == pytest.approx(np.exp(3) / (np.exp(3) + 3))
    both = rx.tl.fill_mask(hairpins, "h1", model, positions=[-1, 0, 0])
    assert both.positions.tolist() == [0, 11]
    np.testing.assert_allclose(both.values, 0.25, atol=1e-6)
    assert both.method == "together"
    for positions in ([12], [-13], []):
        with pytest.raises(InputError, match=r"positions must be in \[-12, 11\]"):
            rx.tl.fill_mask(hairpins, "h1", model, positions=positions)


def test_pseudo_likelihood_of_many_is_that_of_each(hairpins, tiny) -> None:
    twice = rx.from_sequences({"a": "GGGGAAAACCCC", "b": "GGGGAAAACCCC", "c": "GCGCUUUUGCGC"})
    rx.tl.pseudo_likelihood(twice, tiny, progress=False)
    rx.tl.pseudo_likelihood(twice, tiny, method="one-pass", progress=False)
    for method, end in (("masked", ""), ("one-pass", "_one_pass")):
        for name in twice.obs_names:
            one = rx.tl.residue_probabilities(twice, name, tiny, method=method, progress=False)
            row = twice.obs.loc[name]
            assert row[f"pseudo_log_likelihood_tiny{end}"] == one.pseudo_log_likelihood
            assert row[f"pseudo_perplexity_tiny{end}"] == one.pseudo_perplexity
            assert row[f"entropy_tiny{end}"] == pytest.approx(one.entropy.mean())
            assert row["composition_perplexity"] == one.composition_perplexity
    assert (
        twice.obs.loc["a", "pseudo_perplexity_tiny"]
        == (twice.obs.loc["b", "pseudo_perplexity_tiny"])
    )
    assert twice.uns["rnaexplore"]["pseudo_log_likelihood_tiny_one_pass"]["method"] == "one-pass"


def test_errors_name_the_remedy(hairpins, tiny) -> None:
    with pytest.raises(InputError, match="masked, one-pass"):
        rx.tl.residue_probabilities(hairpins, "h1", tiny, method="wild")
    with pytest.raises(InputError, match="masked, one-pass"):
        rx.tl.pseudo_likelihood(hairpins, tiny, method="wild")
    long = rx.from_sequences({"a": "ACGU" * 300})
    with pytest.raises(SequenceTooLongError, match="window="):
        rx.tl.residue_probabilities(long, "a", tiny, progress=False)


def test_codon_models_are_refused(hairpins, codons) -> None:
    with pytest.raises(CapabilityError, match="reads codons"):
        rx.tl.residue_probabilities(hairpins, "h1", codons, progress=False)
    with pytest.raises(CapabilityError, match="reads codons"):
        rx.tl.fill_mask(hairpins, "h1", codons, positions=[0])
