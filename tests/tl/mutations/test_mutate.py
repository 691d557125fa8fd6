"""Mutation maps and compensatory double mutants, against brute force and planted pairs."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

import rnaexplore as rx
from rnaexplore.errors import CapabilityError, InputError, InvalidStructureError, MissingKeyError
from rnaexplore.models import get_spec
from rnaexplore.structure import Structure

SEQUENCE = "ACGGUUCAGGCAUUCGACGGAUUACG"


@pytest.fixture
def adata():
    return rx.from_sequences({"a": SEQUENCE})


def brute_force(model, method, window):
    scores = np.zeros((len(SEQUENCE), 4))
    for i, here in enumerate(SEQUENCE):
        for k, letter in enumerate("ACGU"):
            text, mask = SEQUENCE, None
            if method == "masked-marginal":
                mask = i
            if method == "mutant-marginal":
                text = SEQUENCE[:i] + letter + SEQUENCE[i + 1 :]
            row = model.logits(text, mask=mask, window=window)[i]
            scores[i, k] = row[k] - row["ACGU".index(here)]
    return scores


@pytest.mark.parametrize("window", [None, 10])
@pytest.mark.parametrize("method", ["masked-marginal", "wild-type-marginal", "mutant-marginal"])
def test_scores_are_those_of_brute_force(adata, tiny, method, window) -> None:
    result = rx.tl.mutate(adata, "a", tiny, method=method, window=window, progress=False)
    np.testing.assert_allclose(result.values, brute_force(tiny, method, window), atol=1e-5)
    assert (result.model, result.method, result.sequence) == ("tiny", method, SEQUENCE)
    assert result.deletions is None


def test_masked_scores_and_residue_probabilities_agree(adata, tiny) -> None:
    scores = rx.tl.mutate(adata, "a", tiny, progress=False)
    expected = rx.tl.residue_probabilities(adata, "a", tiny, progress=False)
    np.testing.assert_allclose(scores.probabilities, expected.values, atol=1e-5)
    np.testing.assert_allclose(scores.entropy, expected.entropy, atol=1e-4)


def test_models_whose_alphabet_has_a_gap_score_deletions(adata, gapped) -> None:
    gap = gapped.spec.alphabet.ids["-"]
    result = rx.tl.mutate(adata, "a", gapped, progress=False)
    for i in (0, 7):
        ((_, row),) = gapped.stream_logits([SEQUENCE], masks=[[i]])
        own = row[i, gapped.spec.alphabet.ids[SEQUENCE[i]]]
        assert result.deletions[i] == pytest.approx(row[i, gap] - own, abs=1e-5)
    mutant = rx.tl.mutate(adata, "a", gapped, method="mutant-marginal", progress=False)
    text = SEQUENCE[:7] + "-" + SEQUENCE[8:]
    ((_, row),) = gapped.stream_logits([text])
    own = row[7, gapped.spec.alphabet.ids[SEQUENCE[7]]]
    assert mutant.deletions[7] == pytest.approx(row[7, gap] - own, abs=1e-5)


def test_ambiguous_residues_stay_without_scores(tiny) -> None:
    adata = rx.from_sequences({"a": "ACGGUUCAGGCAUUCGACGGAUUACGN"})
    for method in ("masked-marginal", "mutant-marginal"):
        result = rx.tl.mutate(adata, "a", tiny, method=method, progress=False)
        assert np.isnan(result.values).any(1).tolist() == [False] * 26 + [True]


def test_unknown_method(adata, tiny) -> None:
    with pytest.raises(InputError, match="masked-marginal, wild-type-marginal, mutant-marginal"):
        rx.tl.mutate(adata, "a", tiny, method="masked")


def test_rescue_is_positive_exactly_at_planted_stems(hairpins, pairing) -> None:
    planted = Structure.from_dot_bracket(*hairpins.obs.loc["h1", ["sequence", "structure"]])
    model = pairing(planted.pairs)
    stems = {tuple(p) for p in planted.pairs.tolist()}
    for i, j in combinations(range(12), 2):
        one = Structure(planted.sequence, np.array([[i, j]]))
        table = rx.tl.rescue(hairpins, "h1", model, structure=one).query("kind == 'pair'")
        assert len(table) >= 1
        if (i, j) in stems:
            assert (table["rescue"] > 1).all()
        else:
            np.testing.assert_allclose(table["rescue"], 0, atol=1e-5)


def test_rescue_of_a_watson_crick_pair_by_another_has_its_known_size(hairpins, pairing) -> None:
    table = rx.tl.rescue(hairpins, "h1", pairing([(0, 11)]))
    row = table.query("kind == 'pair' and i == 0 and mutant == 'AU'").iloc[0]
    assert row["rescue"] == pytest.approx(4 * 3, abs=1e-4)
    assert row["double"] == pytest.approx(0, abs=1e-4)
    assert row["single_i"] == pytest.approx(-6, abs=1e-4)


def test_double_mutants_pair_and_differ_at_both_positions(hairpins, tiny) -> None:
    table = rx.tl.rescue(hairpins, "h1", tiny)
    assert set(table["kind"]) == {"pair", "null"}
    assert set(table.query("kind == 'pair'")["mutant"]) == {"AU", "CG", "UA", "UG"}
    assert (table["mutant"].str[0] != table["reference"].str[0]).all()
    assert (table["mutant"].str[1] != table["reference"].str[1]).all()
    known = {(0, 11), (1, 10), (2, 9), (3, 8)}
    assert set(zip(*table.query("kind == 'pair'")[["i", "j"]].T.to_numpy(), strict=True)) == known
    null = set(zip(*table.query("kind == 'null'")[["i", "j"]].T.to_numpy(), strict=True))
    assert null.isdisjoint(known)
    assert len(null) == 4
    assert {(0, 8), (3, 11)} <= null, "G and C that do not pair, as nearly as far apart"


def test_rescue_is_symmetric_brute_force(tiny) -> None:
    sequence = "GGGGAAAACCCC"
    adata = rx.from_sequences({"a": sequence})
    one = Structure(sequence, np.array([[1, 10]]))
    row = rx.tl.rescue(adata, "a", tiny, structure=one).query("mutant == 'AU'").iloc[0]

    def likelihood(a, b):
        text = sequence[0] + a + sequence[2:10] + b + sequence[11:]
        total = 0.0
        for at, letter in ((1, a), (10, b)):
            logits = tiny.logits(text, mask=at)[at]
            total += logits["ACGU".index(letter)] - np.log(np.exp(logits).sum())
        return total

    effects = [likelihood(*pair) - likelihood("G", "C") for pair in ("AU", "AC", "GU")]
    assert [row["double"], row["single_i"], row["single_j"]] == pytest.approx(effects, abs=1e-4)


def test_rescue_reads_a_window_around_the_pair(tiny) -> None:
    stem = "AAAAA" * 10 + "GGGGAAAACCCC" + "AAAAA" * 10
    adata = rx.from_sequences({"long": stem, "window": stem[46:66]})
    far = Structure(stem, np.array([[50, 61]]))
    near = Structure(stem[46:66], np.array([[4, 15]]))
    a = rx.tl.rescue(adata, "long", tiny, structure=far, window=20).query("kind == 'pair'")
    b = rx.tl.rescue(adata, "window", tiny, structure=near).query("kind == 'pair'")
    np.testing.assert_allclose(a["rescue"], b["rescue"], atol=1e-5)
    with pytest.raises(InputError, match=r"spans 12 residues .* window=11"):
        rx.tl.rescue(adata, "long", tiny, structure=far, window=11)


def test_rescue_tells_what_is_missing(hairpins, adata, tiny) -> None:
    with pytest.raises(MissingKeyError, match=r"rx\.tl\.fold"):
        rx.tl.rescue(adata, "a", tiny)
    with pytest.raises(InputError, match="no base pair"):
        rx.tl.rescue(hairpins, "h1", tiny, structure=Structure("G" * 12, np.empty((0, 2), int)))
    with pytest.raises(InputError, match="10 residues"):
        rx.tl.rescue(hairpins, "h1", tiny, structure=Structure("G" * 10, np.array([[0, 9]])))
    hairpins.obs["structure"] = "((...))"
    with pytest.raises(InvalidStructureError, match="12 residues"):
        rx.tl.rescue(hairpins, "h1", tiny)


@pytest.fixture(scope="module")
def gapped(random_weights):
    known = get_spec("rnafm")
    config = {**known.config, "intermediate_size": 16}
    return random_weights(replace(known, n_layers=1, n_heads=2, dim=8, config=config))


def lost_pairs(model, sequence) -> np.ndarray:
    """Return minus the expected pairs lost, one mutant after the other."""
    before = model.contacts(sequence)
    found = np.zeros((len(sequence), 4))
    for i in range(len(sequence)):
        for k, letter in enumerate("ACGU"):
            after = model.contacts(sequence[:i] + letter + sequence[i + 1 :])
            for a, b in combinations(range(len(sequence)), 2):
                found[i, k] -= max(before[a, b] - after[a, b], 0)
    return found


def test_effects_on_contacts_are_those_of_brute_force(adata, tiny) -> None:
    result = rx.tl.mutate(adata, "a", tiny, effect="contacts", progress=False)
    plain = rx.tl.mutate(adata, "a", tiny, progress=False)
    np.testing.assert_allclose(result.contacts, lost_pairs(tiny, SEQUENCE), atol=1e-6)
    np.testing.assert_array_equal(result.values, plain.values)
    assert plain.contacts is None
    assert result.contacts.min() < -1e-4  # random weights: a faint map
    table = result.to_frame()
    row = table[(table["position"] == 3) & (table["alternative"] == "U")].iloc[0]
    assert row["contacts"] == pytest.approx(result.contacts[2, 3])


def test_effects_on_contacts_are_batched(adata, tiny, monkeypatch) -> None:
    calls = []
    forward = type(tiny._adapter).contacts

    def counted(self, ids, mask):
        calls.append(len(ids))
        return forward(self, ids, mask)

    monkeypatch.setattr(type(tiny._adapter), "contacts", counted)
    rx.tl.mutate(adata, "a", tiny, effect="contacts", progress=False)
    assert sum(calls) == 1 + 3 * len(SEQUENCE)
    assert len(calls) <= 3


def test_effects_on_contacts_of_a_long_rna_are_of_its_windows(adata, tiny) -> None:
    result = rx.tl.mutate(adata, "a", tiny, effect="contacts", window=26, progress=False)
    np.testing.assert_allclose(result.contacts, lost_pairs(tiny, SEQUENCE), atol=1e-6)
    short = rx.tl.mutate(adata, "a", tiny, effect="contacts", window=12, progress=False)
    first = lost_pairs(tiny, SEQUENCE[:12])
    np.testing.assert_allclose(short.contacts[0], first[0], atol=1e-6)  # in one window alone


def test_ambiguous_residues_have_no_effect_and_agree_with_nothing(tiny) -> None:
    adata = rx.from_sequences({"n": "GGGGAANACCCCGGGGAAAACCCCGGGG"})
    result = rx.tl.mutate(adata, "n", tiny, effect="contacts", progress=False)
    assert np.isnan(result.contacts[6]).all()
    assert np.isnan(result.disagreement[6]).all()
    assert len(result.to_frame()) == 27 * 3


def test_effects_that_cannot_be_had_are_refused(adata, gapped, tiny) -> None:
    with pytest.raises(InputError, match="likelihood, contacts, got 'both'"):
        rx.tl.mutate(adata, "a", tiny, effect="both")
    bare = replace(gapped.spec, can=gapped.spec.can - {"contacts"})
    model = type(gapped)(
        type(gapped._adapter)(bare, gapped._adapter.module),
        device=gapped.device, weights_sha256="", source="random",
    )  # fmt: skip
    with pytest.raises(CapabilityError, match="no trained contacts"):
        rx.tl.mutate(adata, "a", model, effect="contacts", progress=False)


def test_disagreement_is_the_difference_of_the_ranks() -> None:
    values = np.array([[0, -1, -2, -3], [-4, 0, -5, -6]], dtype=np.float32)
    contacts = np.array([[0, -6, -5, -4], [-3, 0, -2, -1]], dtype=np.float32)  # the reverse
    result = rx.MutationMap(values, "AC", "m", "masked-marginal", contacts=contacts)
    np.testing.assert_allclose(
        result.disagreement, [[np.nan, 1, 0.6, 0.2], [-0.2, np.nan, -0.6, -1]], atol=1e-6
    )
    same = rx.MutationMap(values, "AC", "m", "masked-marginal", contacts=values)
    assert np.nanmax(np.abs(same.disagreement)) == 0
    with pytest.raises(CapabilityError, match=r"effect='contacts'\) computes them"):
        _ = rx.MutationMap(values, "AC", "m", "masked-marginal").disagreement
    with pytest.raises(InputError, match="at most 0"):
        rx.MutationMap(values, "AC", "m", "masked-marginal", contacts=-values)
