"""Fitness of variants: brute force, planted pairs, what theory says, and nothing lost."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import rnaexplore as rx
from rnaexplore.errors import (
    CapabilityError,
    InputError,
    InvalidSequenceError,
    RnaExploreWarning,
    SequenceTooLongError,
    StoreError,
)
from rnaexplore.models.model import Model
from rnaexplore.tl.evaluation import caution
from rnaexplore.tl.mutational_scans import energies, fitness, scores
from rnaexplore.tl.mutational_scans import table as tables

WILD = "GGCAGCUUCGGCUGACUGCC"
FILLS = ["wt-fill", "mask-fill", "mut-fill"]
METHODS = [*FILLS, "wt-marginals", "pseudo-likelihood"]
SINGLES = ["G1A", "G1C", "C3U", "U8A", "C20G"]
MULTIPLE = ["G1A,C20U", "G1C,C20G", "C3U,U8A", "G1A,U8A", "G1A,C3U,C20G", "G2C,G11A,A15U,C19G"]


def score(variants, model, **options):
    table = rx.tl.fitness(variants, WILD, model, thermodynamics=False, progress=False, **options)
    return table["score"].to_numpy()


def mutated(text):
    letters = list(WILD)
    for one in text.split(","):
        letters[int(one[1:-1]) - 1] = one[-1]
    return "".join(letters)


def log_p(model, sequence, mask):
    """Return log-probabilities of A C G U at all positions, computed alone."""
    logits = model.logits(sequence, mask=mask).astype(np.float64)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def brute_force(text, model, method):
    variant, total = mutated(text), 0.0
    sites = [i for i in range(len(WILD)) if WILD[i] != variant[i]]
    if method == "pseudo-likelihood":
        for i in range(len(WILD)):
            for sequence, sign in ((variant, 1), (WILD, -1)):
                total += sign * log_p(model, sequence, i)[i, "ACGU".index(sequence[i])]
        return total
    for i in sites:
        row = {
            "wt-fill": lambda i=i: log_p(model, WILD, i),
            "mask-fill": lambda: log_p(model, WILD, sites),
            "mut-fill": lambda i=i: log_p(model, variant, i),
            "wt-marginals": lambda: log_p(model, WILD, None),
        }[method]()[i]
        total += row["ACGU".index(variant[i])] - row["ACGU".index(WILD[i])]
    return total


@pytest.mark.parametrize("method", METHODS)
def test_scores_are_those_of_brute_force(tiny, method) -> None:
    variants = [*SINGLES, *MULTIPLE]
    expected = [brute_force(text, tiny, method) for text in variants]
    np.testing.assert_allclose(score(variants, tiny, method=method), expected, atol=2e-5)


def test_fills_agree_on_single_mutations_and_on_those_alone(tiny) -> None:
    singles = [f"{a}{i + 1}{b}" for i, a in enumerate(WILD) for b in "ACGU" if b != a]
    one, *others = (score(singles, tiny, method=method) for method in FILLS)
    for other in others:
        np.testing.assert_allclose(other, one, atol=1e-5)
    several = [score(MULTIPLE, tiny, method=method) for method in FILLS]
    for a, b in combinations(several, 2):
        assert (np.abs(a - b) > 1e-4).all(), "a fill that ignores its filling"
    unmasked = score(singles, tiny, method="wt-marginals")
    assert np.abs(unmasked - one).max() > 1e-3


def test_single_mutations_are_those_of_mutate(tiny) -> None:
    adata = rx.from_sequences({"a": WILD})
    for method, name in (("wt-fill", "masked-marginal"), ("wt-marginals", "wild-type-marginal")):
        scores = rx.tl.mutate(adata, "a", tiny, method=name, progress=False)
        found = score(["G1A", "U8C"], tiny, method=method)
        expected = [scores.values[0, 0], scores.values[7, 1]]
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_wt_fill_is_additive(tiny) -> None:
    a, b, both = score(["G1A", "C20U", "G1A,C20U"], tiny)
    assert both == pytest.approx(a + b, abs=1e-6)


def test_planted_pairs_have_their_known_scores(pairing) -> None:
    """A hidden residue is its partner's complement with a logit of 3, if the partner is seen."""
    model = pairing([(0, 19)])  # G1 with C20
    broken, restored, elsewhere = "G1A", "G1A,C20U", "U8A,U7A"
    expected = {
        "wt-fill": [-3, -6, 0],
        "mask-fill": [-3, 0, 0],
        "mut-fill": [-3, 6, 0],
        "wt-marginals": [-4, -8, -2],  # what is seen is copied, too, with a logit of 1
        "pseudo-likelihood": [-6, 0, 0],
    }
    for method, values in expected.items():
        found = score([broken, restored, elsewhere], model, method=method)
        np.testing.assert_allclose(found, values, atol=1e-5, err_msg=method)


def test_a_model_that_knows_nothing_finds_no_length_fitter(pairing) -> None:
    model = pairing([])
    variants = ["G1-", "5_9del", "10_11insACGU", "G1A", "0_1insG,C20-"]
    np.testing.assert_allclose(score(variants, model), 0, atol=1e-9)


def test_indels_are_scored_as_whole_sequences_whatever_the_method(tiny) -> None:
    variants = {"C3-": "GGAGCUUCGGCUGACUGCC", "4_5insUU": "GGCAUUGCUUCGGCUGACUGCC"}
    adata = rx.from_sequences({"wild": WILD, **variants})
    rx.tl.pseudo_likelihood(adata, tiny, progress=False)
    mean = adata.obs["pseudo_log_likelihood_tiny"] / adata.obs["length"]
    expected = [len(WILD) * (mean[name] - mean["wild"]) for name in variants]
    for method in METHODS:
        found = score(list(variants), tiny, method=method)
        np.testing.assert_allclose(found, expected, atol=1e-4)
    table = rx.tl.fitness(["C3-", "G1A"], WILD, tiny, progress=False)
    assert table["method"].tolist() == ["pseudo-likelihood", "wt-fill"]
    assert table["kind"].tolist() == ["indel", "substitution"]
    assert "compare scores within a kind" in table.attrs["notes"][0]


def test_sequences_mutations_or_both_are_the_same_variants(tiny) -> None:
    by_text = rx.tl.fitness(MULTIPLE, WILD, tiny, progress=False)
    sequences = pd.DataFrame({"mutated_sequence": [mutated(m) for m in MULTIPLE]})
    by_sequence = rx.tl.fitness(sequences, WILD, tiny, progress=False)
    both = rx.tl.fitness(sequences.assign(mutant=MULTIPLE), WILD, tiny, progress=False)
    for other in (by_sequence, both):
        pd.testing.assert_frame_equal(by_text, other)


def test_letters_of_dna_and_lower_case_are_the_same(tiny) -> None:
    dna = [m.replace("U", "t") for m in MULTIPLE]
    expected = score(MULTIPLE, tiny)
    np.testing.assert_array_equal(score(dna, tiny), expected)
    table = rx.tl.fitness(dna, WILD.replace("U", "T").lower(), tiny, progress=False)
    np.testing.assert_array_equal(table["score"], expected)
    with_t = sum("U" in m for m in MULTIPLE)
    assert table.attrs["counts"]["with T"] == with_t
    assert f"{with_t} variants were written with T, read as U" in table.attrs["notes"]


BAD = {
    "A1C": "other reference",
    "G21A": "position outside",
    "G0A": "position outside",
    "G1A,G1C": "position twice",
    "G1N": "ambiguous letter",
    "G1G": "no change",
    "Gly1": "unreadable",
    "1_20del": "empty",
}


def test_bad_rows_are_counted_and_cost_no_other_row(tiny) -> None:
    good = [*SINGLES, *MULTIPLE, "WT"]
    mixed = [m for pair in zip(good, BAD, strict=False) for m in pair] + good[len(BAD) :]
    with pytest.warns(RnaExploreWarning, match=r"8 of 20 variants have no score: 2 × position out"):
        table = rx.tl.fitness(mixed, WILD, tiny, progress=False)
    expected = rx.tl.fitness(good, WILD, tiny, progress=False)
    kept = table[table["problem"] == ""].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, expected)
    bad = table[table["problem"] != ""]
    assert bad["mutant"].tolist() == list(BAD)
    assert [p.partition(":")[0] for p in bad["problem"]] == list(BAD.values())
    assert bad[["score", "combined"]].isna().all(axis=None)
    assert table.attrs["problems"]["position outside"] == 2
    assert table.attrs["counts"]["scored"] == len(good)


def test_a_sequence_that_disagrees_with_its_mutations_is_a_problem(tiny) -> None:
    rows = pd.DataFrame({"mutant": ["G1A", "G1A"], "sequence": [mutated("G1A"), mutated("G1C")]})
    with pytest.warns(RnaExploreWarning, match="other sequence"):
        table = rx.tl.fitness(rows, WILD, tiny, progress=False)
    assert table["score"].notna().tolist() == [True, False]


def test_a_row_with_nothing_in_it_is_no_wild_type(tiny) -> None:
    rows = pd.DataFrame({"mutant": ["G1A", None, "", "wt"], "sequence": ["", WILD, None, ""]})
    with pytest.warns(RnaExploreWarning, match="neither a mutation nor a sequence"):
        table = rx.tl.fitness(rows, WILD, tiny, thermodynamics=False, progress=False)
    assert table["kind"].tolist() == ["substitution", "wild type", "invalid", "wild type"]


def test_n_in_the_wild_type_is_counted_and_has_no_score(tiny) -> None:
    wild = "N" + WILD[1:]
    with pytest.warns(RnaExploreWarning, match="nothing to compare with"):
        table = rx.tl.fitness(
            ["N1A", "C3U", "C3-"], wild, tiny, method="pseudo-likelihood", progress=False
        )
    assert table["score"].notna().tolist() == [False, True, True]
    assert table.attrs["problems"] == {"wild type ambiguous": 1}
    assert table.attrs["counts"]["wild type ambiguous"] == 1
    assert "the wild type has 1 letters other than A C G U" in table.attrs["notes"]


def test_nothing_to_score_is_an_error_that_finds_a_shift(tiny) -> None:
    from_zero = [f"{WILD[i]}{i}A" for i in range(len(WILD)) if WILD[i] != "A"]
    bad = [m for m in from_zero if WILD[int(m[1:-1]) - 1] != m[0] or m[1] == "0"]
    with pytest.raises(InputError, match=r"With \+1 added to all positions \d+ of \d+ references"):
        rx.tl.fitness(bad, WILD, tiny)
    with pytest.raises(InputError, match="Positions are 1-based, of a wild type that starts GGCA"):
        rx.tl.fitness(["?"], WILD, tiny)


class InterruptError(Exception):
    """Stands for a power cut."""


@pytest.fixture
def watched(monkeypatch):
    """Count the contexts that are read; cut the power after so many calls."""
    seen = SimpleNamespace(contexts=0, calls=0, last=10**9)
    original = Model.stream_logits

    def stream(self, sequences, *, masks=None):
        seen.calls += 1
        if seen.calls > seen.last:
            raise InterruptError
        seen.contexts += len(sequences)
        return original(self, sequences, masks=masks)

    monkeypatch.setattr(Model, "stream_logits", stream)
    return seen


@pytest.mark.parametrize(
    ("method", "passes"),
    [("wt-marginals", 1), ("wt-fill", 3), ("mask-fill", 5), ("mut-fill", 9)],
)
def test_equal_contexts_are_read_once(tiny, watched, method, passes) -> None:
    """Two singles at 1, one at 3; four doubles at 1 and 3, one at 1 and 8; one row repeated."""
    doubles = ["G1A,C3U", "G1C,C3U", "G1A,C3A", "G1C,C3A", "G1A,U8A"]
    score(["G1A", "G1C", "C3U", *doubles, "G1A"], tiny, method=method)
    # mask-fill: {1}, {3}, {1, 3}, {1, 8}; mut-fill: 2 singles, 2 x 2 for {1, 3}, 2 for {1, 8}
    expected = {"mask-fill": 4, "mut-fill": 8}.get(method, passes)
    assert watched.contexts == expected


@pytest.mark.parametrize("method", METHODS)
def test_parts_make_no_difference(tiny, monkeypatch, method) -> None:
    variants = [*SINGLES, *MULTIPLE, "C3-", "G1-"]
    whole = score(variants, tiny, method=method)
    for name in ("SHARED", "OWN", "MOST"):
        monkeypatch.setattr(scores, name, 2)
    np.testing.assert_allclose(score(variants, tiny, method=method), whole, atol=1e-6)


@pytest.mark.parametrize("method", ["wt-fill", "mut-fill", "pseudo-likelihood"])
def test_an_interrupted_call_goes_on(tiny, watched, monkeypatch, tmp_path, method) -> None:
    for name, size in (("SHARED", 2), ("OWN", 4), ("MOST", 2)):
        monkeypatch.setattr(scores, name, size)
    variants = [*SINGLES, *MULTIPLE]
    expected = score(variants, tiny, method=method)
    all_contexts = watched.contexts
    watched.calls, watched.last, watched.contexts = 0, 3, 0
    with pytest.raises(InterruptError):
        score(variants, tiny, method=method, store=tmp_path / "kept")
    before = watched.contexts
    watched.last, watched.contexts = 10**9, 0
    found = score(variants, tiny, method=method, store=tmp_path / "kept")
    assert before > 0
    assert watched.contexts == all_contexts - before, "what was done is not done again"
    np.testing.assert_array_equal(found, expected)
    watched.contexts = 0
    np.testing.assert_array_equal(
        score(variants, tiny, method=method, store=tmp_path / "kept"), expected
    )
    assert watched.contexts == 0


def test_damaged_parts_are_computed_again(tiny, tmp_path) -> None:
    expected = score(MULTIPLE, tiny, method="mut-fill", store=tmp_path)
    for k, part in enumerate(tmp_path.iterdir()):
        text = part.read_text()
        part.write_text(text[: len(text) // 2] if k % 2 else text.replace("1", "2"))
    found = score(MULTIPLE, tiny, method="mut-fill", store=tmp_path)
    np.testing.assert_array_equal(found, expected)


def test_a_store_is_shared_by_methods_models_and_wild_types(tiny, tmp_path) -> None:
    other = tiny.randomised(seed=3)
    for model in (tiny, other):
        for method in METHODS:
            found = score(MULTIPLE, model, method=method, store=tmp_path)
            np.testing.assert_array_equal(found, score(MULTIPLE, model, method=method))
    longer = rx.tl.fitness(MULTIPLE, WILD + "A", tiny, store=tmp_path, progress=False)
    assert not np.allclose(longer["score"], score(MULTIPLE, tiny))


def test_a_store_that_cannot_be_written_says_what_to_do(tiny, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="rerun to resume"):
        score(SINGLES, tiny, store=tmp_path / "file")


def test_energies_are_those_of_viennarna(tiny) -> None:
    vienna = pytest.importorskip("RNA")
    variants = [*SINGLES, *MULTIPLE, "WT"]
    table = rx.tl.fitness(variants, WILD, tiny, progress=False)

    def probabilities(sequence):
        fold = vienna.fold_compound(sequence)
        fold.pf()
        return np.array(fold.bpp())[1:, 1:]

    energy, pairs = vienna.fold(WILD)[1], probabilities(WILD)
    for row in table.itertuples():
        assert row.delta_mfe == pytest.approx(vienna.fold(row.sequence)[1] - energy, abs=0.01)
        other = probabilities(row.sequence)
        n = len(WILD)
        change = sum(abs(pairs[i, j] - other[i, j]) for i in range(n) for j in range(i + 1, n))
        assert row.delta_pairs == pytest.approx(change, abs=1e-3)
    last = table.iloc[-1]
    assert (last["delta_mfe"], last["delta_pairs"], last["edit_distance"]) == (0, 0, 0)


def test_pairs_are_compared_by_alignment() -> None:
    before = np.zeros((4, 4))
    before[0, 3], before[1, 2] = 0.9, 0.4
    after = np.zeros((5, 5))
    after[1, 4], after[0, 2] = 0.5, 0.25  # residue 0 is new
    left, right = energies.aligned("ACGU", "GACGU")
    found = energies.pair_change(before, after, left, right)
    assert found == pytest.approx(0.4 + 0.4 + 0.25)
    assert energies.pair_change(before, before, *[np.arange(4)] * 2) == 0


def test_a_neutral_insertion_changes_no_pairs(tiny) -> None:
    pytest.importorskip("RNA")
    wild = "GGGGGAAAACCCCC" + "A" * 8
    table = rx.tl.fitness(["14_15insA", "G3-"], wild, tiny, progress=False)
    neutral, broken = table["delta_pairs"]
    assert neutral < 0.05
    assert broken > 0.5
    assert table["edit_distance"].tolist() == [1, 1]


@pytest.mark.parametrize("reason", ["missing", "not asked"])
def test_without_viennarna_columns_are_missing_with_a_note(tiny, monkeypatch, reason) -> None:
    if reason == "missing":
        for module in (energies, tables, fitness):
            monkeypatch.setattr(module, "vienna_version", lambda: "")
    table = rx.tl.fitness(MULTIPLE, WILD, tiny, thermodynamics=reason == "missing", progress=False)
    assert not {"delta_mfe", "delta_pairs"} & set(table.columns)
    hint = "pip install 'rnaexplore[vienna]'" if reason == "missing" else "not asked for"
    assert hint in table.attrs["notes"][0]
    assert table["combined"].notna().all()


def test_the_combination_is_the_mean_of_ranks() -> None:
    columns = {
        "score": np.array([-3.0, 0.0, 9.9, -1.0]),
        "delta_mfe": np.array([2.0, 0.0, 9.9, 0.0]),
        "edit_distance": np.array([2, 0, 9, 1]),
    }
    valid = np.array([True, True, False, True])
    found = tables.combined(columns, valid)
    # ranks from 0: score 0 2 1; stability 0 1.5 1.5; nearness 0 2 1
    expected = [0, (2 + 1.5 + 2) / 3 / 2, np.nan, (1 + 1.5 + 1) / 3 / 2]
    np.testing.assert_allclose(found, expected)


def test_index_and_other_columns_stay(tiny) -> None:
    rows = pd.DataFrame({"mutant": SINGLES, "DMS_score": range(5)}, index=list("vwxyz"))
    table = rx.tl.fitness(rows, WILD, tiny, progress=False)
    assert table.index.tolist() == list("vwxyz")
    assert table["DMS_score"].tolist() == list(range(5))
    with pytest.raises(InputError, match=r"has a column 'score'.*rename"):
        rx.tl.fitness(table.drop(columns=["kind", "n_mutations"]), WILD, tiny)


def test_a_file_is_read_as_well(tiny, tmp_path) -> None:
    pd.DataFrame({"mutant": MULTIPLE}).to_csv(tmp_path / "v.tsv", sep="\t", index=False)
    table = rx.tl.fitness(tmp_path / "v.tsv", WILD, tiny, thermodynamics=False, progress=False)
    np.testing.assert_array_equal(table["score"], score(MULTIPLE, tiny))


def test_the_weakness_of_a_model_is_in_the_result(tiny) -> None:
    weak = tiny.randomised(seed=0)
    weak.adapter.spec = replace(weak.spec, cautions={"logits": "toy is weak at variants."})
    caution._warn.cache_clear()
    with pytest.warns(RnaExploreWarning, match="toy is weak at variants"):
        table = rx.tl.fitness(["G1A"], WILD, weak, progress=False)
    assert table.attrs["caution"] == "toy is weak at variants."
    assert rx.tl.fitness(["G1A"], WILD, tiny, progress=False).attrs["caution"] == ""
    caution._warn.cache_clear()


CODING = "AUGGCUAAACGUUAA"


def test_codon_models_score_codons(codons) -> None:
    """G4A and U6A are one change of a codon; fills agree as long as one codon changes."""
    triplets = codons.spec.alphabet.residues
    logits = codons.logits(CODING, mask=1)[1].astype(np.float64)
    expected = logits[triplets.index("ACA")] - logits[triplets.index("GCU")]
    for method in FILLS:
        options = {"method": method, "thermodynamics": False, "progress": False}
        table = rx.tl.fitness(["G4A,U6A"], CODING, codons, **options)
        assert table["score"].iloc[0] == pytest.approx(expected, abs=1e-5)
        assert table["n_mutations"].iloc[0] == 2
    two = [
        rx.tl.fitness(["G4A,C10A"], CODING, codons, method=m, progress=False)["score"].iloc[0]
        for m in ("wt-fill", "mut-fill")
    ]
    assert two[0] != pytest.approx(two[1], abs=1e-7)


def test_codon_models_need_a_frame(codons) -> None:
    with pytest.warns(RnaExploreWarning, match="out of frame"):
        table = rx.tl.fitness(["G4-", "4_6del"], CODING, codons, progress=False)
    assert table["score"].notna().tolist() == [False, True]
    with pytest.raises(InvalidSequenceError, match="steps of 3"):
        rx.tl.fitness(["G4A"], CODING[:-1], codons)


@pytest.mark.parametrize("method", ["wt-fill", "wt-marginals"])
def test_windows_are_those_of_mutate(tiny, method) -> None:
    name = {"wt-fill": "masked-marginal", "wt-marginals": "wild-type-marginal"}[method]
    adata = rx.from_sequences({"a": WILD})
    expected = rx.tl.mutate(adata, "a", tiny, method=name, window=8, progress=False).values
    found = score(["G1A", "U8C", "G1A,U8C"], tiny, method=method, window=8)
    one, other = expected[0, 0], expected[7, 1]
    np.testing.assert_allclose(found, [one, other, one + other], atol=1e-5)


@pytest.mark.parametrize("method", ["mask-fill", "mut-fill", "pseudo-likelihood"])
def test_windows_that_would_lose_mutations_are_refused(tiny, method) -> None:
    with pytest.raises(InputError, match="windows would cut mutations off"):
        rx.tl.fitness(SINGLES, WILD, tiny, method=method, window=8)


def test_wild_types_that_cannot_be_read_are_errors(tiny) -> None:
    with pytest.raises(SequenceTooLongError, match="at most 1022; score it with method='wt-fill'"):
        rx.tl.fitness(["A1C"], "A" * 1023, tiny)
    with pytest.raises(InvalidSequenceError, match="letter 'X' at 3"):
        rx.tl.fitness(["A1C"], "ACX", tiny)
    with pytest.raises(InvalidSequenceError, match="got nothing"):
        rx.tl.fitness(["A1C"], " ", tiny)
    with pytest.warns(RnaExploreWarning, match="too long: 1023 nucleotides"):
        table = rx.tl.fitness(
            ["A1C", "1_2insA"], "A" * 1022, tiny, method="wt-marginals", progress=False,
            thermodynamics=False,
        )  # fmt: skip
    assert table["score"].notna().tolist() == [True, False]


def test_settings_that_are_not_allowed_name_those_that_are(tiny) -> None:
    with pytest.raises(InputError, match="method must be one of wt-fill, mask-fill, mut-fill"):
        rx.tl.fitness(SINGLES, WILD, tiny, method="masked-marginals")
    with pytest.raises(InputError, match="a column 'mutant' or 'sequence'"):
        rx.tl.fitness(pd.DataFrame({"x": [1]}), WILD, tiny)
    with pytest.raises(InputError, match="got 0 rows"):
        rx.tl.fitness([], WILD, tiny)
    overlapping = tiny.randomised(seed=0)
    alphabet = replace(tiny.spec.alphabet, unit="k-mer", k=1)
    overlapping.adapter.spec = replace(tiny.spec, alphabet=alphabet)
    with pytest.raises(CapabilityError, match="overlapping k-mers"):
        rx.tl.fitness(SINGLES, WILD, overlapping)
    mute = tiny.randomised(seed=0)
    mute.adapter.spec = replace(tiny.spec, can=frozenset({"embed"}))
    with pytest.raises(CapabilityError, match="no trained logits"):
        rx.tl.fitness(SINGLES, WILD, mute)
