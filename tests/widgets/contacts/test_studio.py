"""The contact studio as a Python object: traits both ways, structures, scores, files."""

import csv
import re
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from traitlets import TraitError

import rnaexplore as rx
from rnaexplore.errors import InputError, UnknownNameError
from rnaexplore.maps import ContactMap
from rnaexplore.structure import DEFAULT, Structure, score
from rnaexplore.widgets import ContactStudio
from rnaexplore.widgets.core import figures

SEQUENCE = "GGGGCACAAAAGUGCCCCAGGAAACCUA"
N = len(SEQUENCE)
has_vienna = pytest.mark.skipif(find_spec("RNA") is None, reason="ViennaRNA is not installed")


def contact_map(pairs, model, method="regression", kind="probability"):
    values = np.zeros((N, N), dtype=np.float32)
    for i, j, p in pairs:
        values[i, j] = values[j, i] = p
    return ContactMap(values, SEQUENCE, method, model, kind=kind)


@pytest.fixture
def reference():
    return Structure.from_dot_bracket(SEQUENCE, "((((.((....)).))))((....))..")


@pytest.fixture
def good(reference):
    """All known pairs, weaker and weaker; a pair that is not canonical; one with a short loop."""
    pairs = [(i, j, 0.95 - 0.08 * k) for k, (i, j) in enumerate(reference.pairs.tolist())]
    return contact_map([*pairs, (4, 14, 0.9), (19, 22, 0.4)], "good")


@pytest.fixture
def bad():
    return contact_map([(0, 17, 0.9), (1, 16, 0.9), (6, 25, 0.8)], "bad")


@pytest.fixture
def studio(good, reference):
    return ContactStudio(good, reference, name="hairpins")


def test_it_opens_against_the_reference(studio, reference):
    assert (studio.shown, studio.against) == ("good regression", "reference")
    assert studio._result["lower"]["dots"] == reference.dot_bracket
    assert studio.structure.dot_bracket == studio._result["upper"]["dots"]


@pytest.mark.parametrize("state", [{"threshold": 0.7}, {"canonical": False}, {"decoder": "mea"}])
def test_structures_and_scores_follow_the_settings(studio, good, reference, state):
    studio.set_state(state)
    expected = good.decode(
        studio.decoder, threshold=studio.threshold, canonical=studio.canonical, min_loop=3
    )
    assert studio._result["upper"]["dots"] == expected.dot_bracket
    strict, shifted = studio._result["scores"]
    found = score(expected, reference)
    for name in ("precision", "recall", "f1", "mcc"):
        assert strict[name] == pytest.approx(found[name])
    assert shifted["f1"] == pytest.approx(found["f1_shifted"])
    assert shifted["mcc"] is None
    assert studio.scores == studio._result["scores"]


def test_settings_change_what_they_say(studio):
    studio.set_state({"threshold": 0.05, "canonical": False})
    pairs = {tuple(p) for p in studio.structure.pairs.tolist()}
    assert (4, 14) in pairs  # C pairs with U
    studio.canonical = True
    assert (4, 14) not in {tuple(p) for p in studio.structure.pairs.tolist()}
    studio.min_loop = 12
    loops = np.diff(studio.structure.pairs, axis=1) - 1
    assert loops.min() >= 12


def test_probabilities_travel_with_the_pairs(studio, good):
    for i, j, p in studio._result["upper"]["pairs"]:
        assert p == pytest.approx(good.probabilities[i, j], abs=1e-6)
    places = np.frombuffer(studio._result["upper"]["places"], dtype="<f4").reshape(N, 2)
    assert np.linalg.norm(places[:, None] - places, axis=2)[np.triu_indices(N, 1)].min() > 0.8


def test_two_maps_stand_side_by_side_with_their_disagreement(good, bad, reference):
    studio = ContactStudio([good, bad], reference)
    studio.set_state({"against": "bad regression"})
    labels = [row["of"] for row in studio._result["scores"]]
    assert labels[::2] == [
        "good regression with the reference",
        "bad regression with the reference",
        "good regression with bad regression",
    ]
    between = studio._result["scores"][4]
    expected = score(studio.structure, studio.other)
    assert between["f1"] == pytest.approx(expected["f1"])
    assert studio._lower["label"] == "bad regression"
    assert len(studio._lower["levels"]) == N * N


def test_two_maps_without_a_reference_are_compared_at_once(good, bad):
    studio = ContactStudio([good, bad])
    assert studio.against == "bad regression"
    assert ContactStudio(good).against == "nothing"
    assert ContactStudio(good)._result["lower"] is None


def test_equal_names_are_numbered(good):
    assert ContactStudio([good, good]).maps[:2] == ["good regression", "good regression 2"]


@has_vienna
def test_vienna_is_offered_where_it_is_installed(studio):
    assert "ViennaRNA" in studio.maps
    studio.against = "ViennaRNA"
    expected = rx.tl.contacts(
        rx.from_sequences({"a": SEQUENCE}), "a", "vienna", method="vienna"
    ).decode()
    assert studio.other.dot_bracket == expected.dot_bracket
    assert studio._lower["what"] == "probability"


def test_without_vienna_the_rest_works(monkeypatch, good):
    monkeypatch.setattr("rnaexplore.widgets.contacts.sources.find_spec", lambda name: None)
    assert ContactStudio(good).maps == ["good regression"]


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"threshold": -0.1}, "threshold must be in"),
        ({"min_loop": 31}, "min_loop must be in"),
        ({"pairs_per_residue": 0.0}, "pairs_per_residue must be above 0, to 2, got 0.0"),
        ({"pairs_per_residue": 2.1}, "pairs_per_residue must be above 0"),
        ({"shown": "nobody"}, "shown must be one of"),
        ({"against": "nobody"}, "'reference', 'good regression'"),
        ({"decoder": "guess"}, "decoder"),
        ({"helix": [[0, 99]]}, "helix must hold pairs of positions 0 to 27"),
        ({"helix": [[3, 3]]}, "helix must hold"),
    ],
)
def test_values_out_of_range_are_refused(studio, state, told):
    before = {name: getattr(studio, name) for name in state}
    with pytest.raises(TraitError, match=told):
        studio.set_state(state)
    assert {name: getattr(studio, name) for name in state} == before


def test_a_brushed_helix_travels_both_ways(studio):
    seen = []
    studio.observe(lambda change: seen.append(change["new"]), "helix")
    studio.set_state({"helix": [[17, 0], [1, 16]]})
    assert seen == [[[0, 17], [1, 16]]]
    studio.helix = []
    assert studio.get_state("helix") == {"helix": []}


def test_one_message_carries_a_change(studio):
    """The slider sends a number and gets structures, scores and places in one answer."""
    seen = []
    studio.observe(lambda change: seen.append(change["name"]), studio.keys)
    studio.set_state({"threshold": 0.9})
    assert sorted(seen) == ["_result", "threshold"]


def test_inputs_that_do_not_fit_are_refused(good, reference):
    with pytest.raises(InputError, match="28 residues, the reference 9"):
        ContactStudio(good, Structure.from_dot_bracket("GGGAAACCC", "(((...)))"))
    other = ContactMap(good.probabilities, "A" * N, "regression", "x")
    with pytest.raises(InputError, match="same RNA"):
        ContactStudio([good, other])
    with pytest.raises(InputError, match="at least one"):
        ContactStudio([])


def test_structures_are_written_and_read_back(studio, tmp_path):
    for ending in ("dbn", "ct"):
        read = rx.read_structures(studio.export(tmp_path / f"x.{ending}"))
        assert read.obs["structure"].iloc[0] == studio.structure.dot_bracket
        assert list(read.obs_names) == ["hairpins"]


def test_pairs_are_written_with_probability_and_verdict(studio, good, reference, tmp_path):
    with studio.export(tmp_path / "x.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [[int(r["i"]) - 1, int(r["j"]) - 1] for r in rows] == studio.structure.pairs.tolist()
    known = reference.pairs.tolist()
    for row in rows:
        i, j = int(row["i"]) - 1, int(row["j"]) - 1
        assert float(row["probability"]) == pytest.approx(good.probabilities[i, j], abs=1e-6)
        assert row["in_reference"] == str(int([i, j] in known))
        assert (row["base_i"], row["base_j"]) == (SEQUENCE[i], SEQUENCE[j])


@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
def test_figures_are_written(studio, ending, tmp_path):
    head = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}[ending]
    assert studio.export(tmp_path / f"x.{ending}").read_bytes().startswith(head)


def test_other_endings_are_refused(studio, tmp_path):
    with pytest.raises(InputError, match=r"must end in one of .dbn, .ct, .csv, .svg"):
        studio.export(tmp_path / "x.docx")


@pytest.mark.parametrize(
    "state",
    [{}, {"against": "nothing"}, {"against": "bad regression"}, {"helix": [[0, 17], [1, 16]]},
     {"threshold": 0.8}],
)  # fmt: skip
def test_every_state_has_a_figure(good, bad, reference, state, tmp_path):
    texts = []
    for chosen in ({}, state):
        studio = ContactStudio([good, bad], reference)
        studio.set_state(chosen)
        text = studio.savefig(tmp_path / "x.svg").read_text(encoding="utf-8")
        texts.append(re.sub("<dc:date>.*</dc:date>", "", text))
    assert texts[1].count("<path") > 20
    assert (texts[0] == texts[1]) is (not state)


def test_the_browser_gets_the_figure_it_asks_for(studio, monkeypatch):
    sent = []
    monkeypatch.setattr(studio, "send", lambda content, buffers: sent.append((content, buffers)))
    studio._handle_custom_msg({"figure": "svg"}, [])
    ((content, (data,)),) = sent
    assert content == {"file": "hairpins.svg"}
    assert data.startswith(b"<?xml")
    studio._handle_custom_msg({"figure": "exe"}, [])
    assert len(sent) == 1


def test_of_offers_what_the_model_can_do():
    adata = rx.datasets.rfam_sample()
    name = adata.obs_names[(adata.obs["family"] == "tRNA").to_numpy()][0]
    studio = ContactStudio.of(adata, name, "mini")
    offered = ["mini regression", "mini heads", "mini jacobian", "mini dependency"]
    assert studio.maps[:4] == offered
    assert studio.against == "reference"
    known = rx.tl.contacts(adata, name, "mini")
    np.testing.assert_array_equal(studio.shown_map.probabilities, known.probabilities)
    studio.shown = "mini heads"
    assert studio._upper["what"] == "score"
    with pytest.raises(UnknownNameError):
        ContactStudio.of(adata, "nobody", "mini")


def test_heads_are_not_chosen_on_the_family_of_the_rna():
    from rnaexplore.widgets.contacts.sources import known_structures

    adata = rx.datasets.rfam_sample()
    name = adata.obs_names[(adata.obs["family"] == "tRNA").to_numpy()][0]
    known = known_structures(adata, name)
    assert 2 <= known.n_obs <= 20
    assert "tRNA" not in set(known.obs["family"])
    assert known_structures(adata[adata.obs["family"] == "tRNA"], name) is None


def test_a_map_that_cannot_be_made_leaves_a_message(monkeypatch, good, reference):
    monkeypatch.setattr("rnaexplore.widgets.contacts.sources.find_spec", lambda name: True)
    from rnaexplore.errors import MissingDependencyError

    def absent(*args):
        raise MissingDependencyError("method='vienna' needs ViennaRNA: pip install it")

    monkeypatch.setattr("rnaexplore.widgets.contacts.sources._predict", absent)
    studio = ContactStudio(good, reference)
    studio.set_state({"shown": "ViennaRNA"})
    assert "pip install" in studio._upper["message"]
    studio.set_state({"shown": "good regression"})
    assert studio._result["upper"]["dots"] == studio.structure.dot_bracket


@pytest.fixture
def ranked(reference):
    """Scores of heads: all known pairs, and a pair of A and A on top."""
    pairs = [(i, j, 0.9 - 0.01 * k) for k, (i, j) in enumerate(reference.pairs.tolist())]
    return contact_map([*pairs, (7, 27, 1.0)], "mini", method="heads", kind="score")


def test_scores_are_cut_by_rank_and_called_scores(ranked, reference, tmp_path):
    studio = ContactStudio(ranked, reference)
    assert studio._dials == ["pairs_per_residue"]
    assert studio._upper["what"] == "score"
    assert f"pairs_per_residue {DEFAULT.pairs_per_residue:g}" in repr(studio)
    studio.set_state({"pairs_per_residue": 0.2})
    assert studio.structure == ranked.decode(pairs_per_residue=0.2)
    assert len(studio.structure.pairs) == 5
    studio.set_state({"threshold": 0.95})  # of probabilities, which there are none of
    assert len(studio.structure.pairs) == 5
    header = studio.export(tmp_path / "x.csv").read_text().splitlines()[0]
    assert header == "i,j,base_i,base_j,score,in_reference"
    studio.set_state({"decoder": "mea"})
    assert "needs probabilities" in studio._result["message"]
    studio.set_state({"decoder": "nussinov"})
    assert studio._result["upper"]["dots"] == studio.structure.dot_bracket


def test_maps_of_both_kinds_keep_their_own_thresholds(ranked, good, reference):
    studio = ContactStudio([good, ranked], reference)
    assert studio._dials == ["threshold"]
    studio.set_state({"against": "mini heads"})
    assert studio._dials == ["threshold", "pairs_per_residue"]
    studio.set_state({"threshold": 0.8, "pairs_per_residue": 0.1})
    assert studio.structure == good.decode(threshold=0.8)
    assert studio.other == ranked.decode(pairs_per_residue=0.1)


def test_the_page_of_scores_moves_by_rank(ranked):
    from rnaexplore.widgets.contacts.studio_page import answers

    studio = ContactStudio(ranked)
    told = answers(studio._answer_for, studio._settings, studio._candidates, "pairs_per_residue")
    for value in (0.05, 0.5, 2.0):
        result = told["results"][told["where"][f"greedy {value:.2f} true"]]
        expected = ranked.decode(pairs_per_residue=value)
        assert result["upper"]["dots"] == expected.dot_bracket
    refused = told["results"][told["where"]["mea 0.50 true"]]
    assert "needs probabilities" in refused["message"]


def test_repr_tells_the_settings(studio):
    told = repr(studio)
    assert "28 residues" in told
    assert "good regression against reference" in told


def test_a_known_weakness_goes_with_the_maps_that_it_concerns(good, bad, tmp_path):
    weak = "toy is weak at loops."
    studio = ContactStudio([good, replace(bad, method="jacobian", caution=weak)])
    assert (studio._upper["caution"], studio._lower["caution"]) == ("", weak)
    told = studio.savefig(tmp_path / "a.svg").read_text(encoding="utf-8")
    assert told.count(f"<dc:description>{weak}</dc:description>") == told.count(weak) == 1
    studio.against = "nothing"
    assert studio._lower == {}
    assert weak not in studio.savefig(tmp_path / "b.svg").read_text(encoding="utf-8")
    studio.shown = "bad jacobian"
    assert studio._upper["caution"] == weak
    assert weak.encode() in figures.studio_bytes(studio, "svg")
