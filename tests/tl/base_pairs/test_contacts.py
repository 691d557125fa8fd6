"""contacts and fold: each method by hand, what is refused, the thermodynamic baseline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import rnaexplore as rx
from rnaexplore.errors import CapabilityError, InputError, MissingDependencyError
from rnaexplore.models.adapters.esm import EsmAdapter
from rnaexplore.models.model import Model
from rnaexplore.structure import DEFAULT


def headless(model: Model) -> Model:
    """Return the same model without a trained contact head."""
    spec = replace(model.spec, name="headless", can=model.spec.can - {"contacts"})
    module = EsmAdapter.build(spec).eval()
    return Model(EsmAdapter(spec, module), device=model.device, weights_sha256="", source="random")


def test_regression_is_the_esm_protocol(hairpins, tiny) -> None:
    contacts = rx.tl.contacts(hairpins, "h1", tiny)
    sequence = hairpins.obs.loc["h1", "sequence"]
    maps = tiny.attentions(sequence).astype(float)
    features = (maps + maps.swapaxes(-1, -2)).reshape(8, 12, 12)
    rows, columns = features.sum(1, keepdims=True), features.sum(2, keepdims=True)
    features -= rows * columns / features.sum((1, 2), keepdims=True)
    head = tiny._adapter.module.esm.contact_head.regression
    weight, bias = head.weight.detach().numpy()[0], head.bias.detach().numpy()
    expected = 1 / (1 + np.exp(-(np.einsum("h,hij->ij", weight, features) + bias)))
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(contacts.probabilities, expected, atol=1e-5)
    assert (contacts.method, contacts.model) == ("regression", "tiny")


def test_a_model_without_a_trained_head_cannot(hairpins, tiny) -> None:
    with pytest.raises(CapabilityError, match="no trained contacts"):
        rx.tl.contacts(hairpins, "h1", headless(tiny))


def test_a_trained_head_is_also_called_by_its_kind(hairpins, tiny) -> None:
    supervised = rx.tl.contacts(hairpins, "h1", tiny, method="supervised")
    regression = rx.tl.contacts(hairpins, "h1", tiny, method="regression")
    np.testing.assert_array_equal(supervised.probabilities, regression.probabilities)
    assert supervised.method == "supervised"
    with pytest.raises(CapabilityError, match="no trained contacts"):
        rx.tl.contacts(hairpins, "h1", headless(tiny), method="supervised")


def test_heads_are_averaged_corrected_and_scaled(hairpins, tiny) -> None:
    contacts = rx.tl.contacts(hairpins, "h1", tiny, method="heads", heads=[(0, 1), (1, 3)])
    maps = rx.tl.attention(hairpins, "h1", tiny).symmetrize().apc()
    mean = (maps.at(0, 1) + maps.at(1, 3)) / 2
    for i in range(12):
        for j in range(12):
            if abs(i - j) < 4 or mean[i, j] < 0:
                assert contacts.values[i, j] == 0
    best = np.unravel_index(contacts.values.argmax(), (12, 12))
    assert contacts.values[best] == 1
    kept = contacts.values > 0
    np.testing.assert_allclose(contacts.values[kept], mean[kept] / mean[best], rtol=1e-4, atol=1e-5)


def test_heads_chosen_on_known_structures_are_the_best_of_score_heads(hairpins, tiny) -> None:
    known = hairpins[["h2", "h3"]].copy()
    chosen = rx.tl.contacts(hairpins, "h1", tiny, method="heads", fit_on=known, n_best=2)
    table = rx.tl.score_heads(known, tiny, n_random=1, progress=False)
    best = [(int(a), int(b)) for a, b in table[["layer", "head"]].to_numpy()[:2]]
    by_hand = rx.tl.contacts(hairpins, "h1", tiny, method="heads", heads=best)
    np.testing.assert_allclose(chosen.values, by_hand.values, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"method": "magic"},
            "regression, heads, jacobian, dependency, supervised, vienna, got 'magic'",
        ),
        ({"method": "heads"}, "either heads="),
        ({"method": "regression", "heads": [(0, 0)]}, "belong to method='heads'"),
        ({"method": "heads", "heads": []}, "at least one"),
        ({"method": "heads", "heads": [(2, 0)]}, r"no head \(2, 0\); layers are 0 to 1"),
    ],
)
def test_options_that_do_not_fit_are_refused(hairpins, tiny, options, message) -> None:
    with pytest.raises(InputError, match=message):
        rx.tl.contacts(hairpins, "h1", tiny, **options)


def test_vienna_gives_the_ensembles_probabilities(hairpins) -> None:
    rna = pytest.importorskip("RNA")
    contacts = rx.tl.contacts(hairpins, "h1", method="vienna")
    fold = rna.fold_compound("GGGGAAAACCCC")
    fold.pf()
    bpp = fold.bpp()
    for i in range(12):
        for j in range(i + 1, 12):
            assert contacts.probabilities[i, j] == pytest.approx(bpp[i + 1][j + 1], abs=1e-6)
    assert contacts.decode("mea").dot_bracket == "((((....))))"
    assert contacts.model == "ViennaRNA"


def test_vienna_missing_names_the_extra(hairpins, monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "RNA", None)
    with pytest.raises(MissingDependencyError, match=r"rnaexplore\[vienna\]"):
        rx.tl.contacts(hairpins, "h1", method="vienna")


def test_scores_of_heads_and_couplings_are_marked_as_such(hairpins, tiny) -> None:
    for options in ({"method": "heads", "heads": [(0, 1)]}, {"method": "jacobian"}):
        contacts = rx.tl.contacts(hairpins, "h1", tiny, progress=False, **options)
        assert contacts.kind == "score"
        with pytest.raises(CapabilityError, match="holds scores"):
            _ = contacts.probabilities
    assert rx.tl.contacts(hairpins, "h1", tiny).kind == "probability"


@pytest.mark.parametrize(
    "settings",
    [
        {"threshold": 0.02, "decode": "mea"},
        {"threshold": 0.02, "canonical": False, "min_loop": 5},
        {"pairs_per_residue": 0.3},
        {},
    ],
)
def test_fold_takes_what_decode_takes(hairpins, tiny, settings) -> None:
    assert rx.tl.fold(hairpins, tiny, **settings, progress=False) is None
    asked = {("method" if k == "decode" else k): v for k, v in settings.items()}
    for name in hairpins.obs_names:
        expected = rx.tl.contacts(hairpins, name, tiny).decode(**asked).dot_bracket
        assert hairpins.obs.loc[name, "structure_tiny"] == expected
    made = hairpins.uns["rnaexplore"]["structure_tiny"]
    full = {"decode": DEFAULT.decoder, "canonical": DEFAULT.canonical} | settings
    assert {name: made[name] for name in full} == full
    assert ("threshold" in made) != ("pairs_per_residue" in made)


def test_fold_cuts_scores_by_rank(hairpins, tiny) -> None:
    options = {"method": "heads", "heads": [(1, 0)]}
    rx.tl.fold(hairpins, tiny, **options, progress=False)
    for name in hairpins.obs_names:
        expected = rx.tl.contacts(hairpins, name, tiny, **options).decode().dot_bracket
        assert hairpins.obs.loc[name, "structure_tiny"] == expected
    made = hairpins.uns["rnaexplore"]["structure_tiny"]
    assert made["pairs_per_residue"] == DEFAULT.pairs_per_residue
    assert "threshold" not in made
    assert any("(" in text for text in hairpins.obs["structure_tiny"])
    with pytest.raises(InputError, match="is a probability"):
        rx.tl.fold(hairpins, tiny, **options, threshold=0.2, progress=False)


def test_fold_chooses_heads_on_known_structures(hairpins, tiny) -> None:
    known = hairpins[hairpins.obs_names != "h1"].copy()
    rnas = hairpins[["h1"]].copy()
    options = {"method": "heads", "fit_on": known, "n_best": 2}
    rx.tl.fold(rnas, tiny, **options, progress=False)
    expected = rx.tl.contacts(rnas, "h1", tiny, **options).decode().dot_bracket
    assert rnas.obs.loc["h1", f"structure_{tiny.spec.name}"] == expected


def test_fold_with_vienna_finds_hairpins_and_needs_no_model(hairpins) -> None:
    pytest.importorskip("RNA")
    folded = rx.tl.fold(hairpins, method="vienna", decode="matching", copy=True, progress=False)
    assert folded.obs.loc["h1", "structure_vienna"] == "((((....))))"
    assert "structure_vienna" not in hairpins.obs
    assert folded.uns["rnaexplore"]["structure_vienna"]["decode"] == "matching"
