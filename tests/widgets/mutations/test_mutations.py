"""The viewer of mutations: what it sends, what a click asks for, what it writes."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from PIL import Image
from traitlets import TraitError

import rnaexplore as rx
from rnaexplore.errors import CapabilityError, InputError
from rnaexplore.maps import MutationMap
from rnaexplore.structure import Structure
from rnaexplore.widgets import MutationViewer

SEQUENCE = "GGGGAAAACCCC"
FOLD = Structure.from_dot_bracket(SEQUENCE, "((((....))))")


@pytest.fixture
def scores():
    values = np.random.default_rng(0).normal(size=(12, 4))
    values -= values[range(12), ["ACGU".index(c) for c in SEQUENCE]][:, None]
    return MutationMap(values, SEQUENCE, "toy", "masked-marginal")


class Pairs:
    """A model whose contacts are the complementary letters of one fold."""

    spec = type("Spec", (), {"name": "pairs"})

    def __init__(self):
        self.asked = []

    def contacts(self, sequence):
        self.asked.append(sequence)
        values = np.zeros((12, 12), dtype=np.float32)
        for i, j in FOLD.pairs:
            if sequence[i] + sequence[j] in {"GC", "CG", "AU", "UA"}:
                values[i, j] = values[j, i] = 0.9
        return values


def test_scores_and_tracks_travel_as_they_are(scores) -> None:
    sent = MutationViewer(scores, structure=FOLD)._scores
    values = np.frombuffer(sent["values"], dtype="<f4").reshape(4, 12)
    np.testing.assert_array_equal(values, scores.values.T)
    np.testing.assert_array_equal(np.frombuffer(sent["entropy"], dtype="<f4"), scores.entropy)
    assert (sent["sequence"], sent["structure"]) == (SEQUENCE, "((((....))))")
    assert sent["letters"] == ["A", "C", "G", "U"]


def test_a_click_shows_the_contacts_before_and_after(scores) -> None:
    model = Pairs()
    view = MutationViewer(scores, structure=FOLD, model=model)
    assert view.selection is None
    view.set_state({"mutation": "G1A"})  # as the browser does
    assert view.selection == (0, "G", "A")
    before, after = (
        np.frombuffer(view._effect[key], dtype="<f4").reshape(12, 12) for key in ("before", "after")
    )
    assert (before[0, 11], after[0, 11]) == pytest.approx((0.9, 0))
    np.testing.assert_array_equal(before[1:, 1:], after[1:, 1:])
    view.mutation = "A5U"
    assert model.asked == [SEQUENCE, "A" + SEQUENCE[1:], "GGGGUAAACCCC"]
    view.mutation = ""
    assert view._effect == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5GA", "written as G5A"),
        ("A1G", "the RNA has G at 1"),
        ("G1G", "changes nothing"),
        ("C99A", "the RNA has nothing at 99"),
    ],
)
def test_mutations_that_do_not_fit_are_refused(scores, text, message) -> None:
    view = MutationViewer(scores)
    with pytest.raises(TraitError, match=message):
        view.set_state({"mutation": text})
    assert view.mutation == ""


def test_what_cannot_be_shown_is_said(scores) -> None:
    class Headless(Pairs):
        def contacts(self, sequence):
            raise CapabilityError("'pairs' has no trained contacts")

    view = MutationViewer(scores, model=Headless())
    view.mutation = "G1A"
    assert view._effect["message"] == "'pairs' has no trained contacts."
    gaps = MutationMap(scores.values, SEQUENCE, "toy", scores.method, deletions=np.zeros(12))
    view = MutationViewer(gaps, model=Pairs())
    view.mutation = "G1-"
    assert "deletion" in view._effect["message"]
    view = MutationViewer(scores)
    view.mutation = "G1A"
    assert view._effect == {}


def test_the_page_holds_the_effects_asked_for(scores, tmp_path) -> None:
    view = MutationViewer(scores, structure=FOLD, model=Pairs())
    view.mutation = "G1A"
    page = view.to_html(tmp_path / "m.html", effects=["A5U"]).read_text(encoding="utf-8")
    state = json.loads(re.search(r'id="state">(.*?)</script>', page, re.DOTALL)[1])["state"]
    assert set(state["_effects"]) == {"A5U", "G1A"}
    assert state["_live"] is False
    assert "http://" not in page.replace("http://www.w3.org", "")
    with pytest.raises(TraitError, match="the RNA has A at 5"):
        view.to_html(tmp_path / "m.html", effects=["G5A"])


def test_files(scores, tmp_path) -> None:
    view = MutationViewer(scores, structure=FOLD)
    table = pd.read_csv(view.to_csv(tmp_path / "m.csv"))
    assert len(table) == 36
    row = table.query("position == 1 and alternative == 'A'").iloc[0]
    assert row["score"] == pytest.approx(scores.values[0, 0], rel=1e-4)
    back = rx.io.read_variants(view.to_vcf(tmp_path / "m.vcf", name="hairpin"))
    assert len(back) == 36
    assert set(back["name"]) == {"hairpin"}
    assert view.savefig(tmp_path / "m.svg").read_text(encoding="utf-8").count("<path") > 5
    assert plt.get_fignums() == []


def test_the_structure_has_to_fit(scores) -> None:
    with pytest.raises(InputError, match="9 residues, the RNA 12"):
        MutationViewer(scores, structure=Structure.from_dot_bracket("GGGAAACCC", "(((...)))"))
    assert "12 residues" in repr(MutationViewer(scores))


def test_a_known_weakness_is_shown_and_kept_in_files(scores, tmp_path) -> None:
    weak = "toy is weak at loops."
    view = MutationViewer(replace(scores, caution=weak), structure=FOLD)
    plain = MutationViewer(scores, structure=FOLD)
    assert (view._scores["caution"], plain._scores["caution"]) == (weak, "")
    page = view.to_html(tmp_path / "m.html").read_text(encoding="utf-8")
    state = json.loads(re.search(r'id="state">(.*?)</script>', page, re.DOTALL)[1])["state"]
    assert state["_scores"]["caution"] == weak
    assert weak in repr(view)
    for which, told in ((view, True), (plain, False)):
        svg = which.savefig(tmp_path / "m.svg").read_text(encoding="utf-8")
        assert (f"<dc:description>{weak}</dc:description>" in svg) is told
        assert svg.count(weak) == told, "in the provenance, not in the plot"
        with Image.open(which.savefig(tmp_path / "m.png")) as png:
            assert png.info.get("Description") == (weak if told else None)
        pdf = which.savefig(tmp_path / "m.pdf").read_bytes()
        assert (f"/Subject ({weak})".encode() in pdf) is told
        vcf = which.to_vcf(tmp_path / "m.vcf").read_text(encoding="utf-8")
        assert (f"##caution={weak}\n" in vcf) is told
        assert len(rx.io.read_variants(tmp_path / "m.vcf")) == 36


def test_lost_pairs_and_disagreement_travel_if_they_were_asked_for(scores) -> None:
    assert "contacts" not in MutationViewer(scores)._scores
    lost = -np.abs(np.random.default_rng(1).normal(size=(12, 4)))
    lost[scores.values == 0] = 0
    both = replace(scores, contacts=lost)
    sent = MutationViewer(both)._scores
    for key, values in {"contacts": both.contacts, "disagreement": both.disagreement}.items():
        found = np.frombuffer(sent[key], dtype="<f4").reshape(4, 12)
        np.testing.assert_array_equal(found, values.T)
    assert sent["contacts_end"] == pytest.approx(-lost.min())


def test_the_table_has_lost_pairs_and_disagreement(scores, tmp_path) -> None:
    lost = -np.abs(scores.values)
    viewer = MutationViewer(replace(scores, contacts=lost))
    table = pd.read_csv(viewer.to_csv(tmp_path / "m.csv"))
    assert list(table.columns)[-2:] == ["contacts", "disagreement"]
    np.testing.assert_allclose(table["contacts"], -table["score"].abs(), rtol=1e-4)
