"""The page of the mutation viewer, in a browser without a network."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

import rnaexplore as rx
from rnaexplore.maps import MutationMap
from rnaexplore.widgets import MutationViewer
from tests.browser.waiting import until

pytestmark = pytest.mark.browser
TRNA = "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAGAUCUGGAGGUCCUGUGUUCGAUCCACAGAAUUCGCACCA"
FOLD = "(((((((..((((........)))).(((((.......))))).....(((((.......))))))))))))...."


@pytest.fixture(scope="module")
def viewer():
    adata = rx.from_sequences({"trna": TRNA})
    model = rx.load_model("mini")
    scores = rx.tl.mutate(adata, "trna", model, progress=False)
    return MutationViewer(scores, structure=rx.Structure.from_dot_bracket(TRNA, FOLD), model=model)


@pytest.fixture
def opened(page, viewer, tmp_path):
    page.goto(viewer.to_html(tmp_path / "m.html", effects=["G3C"]).as_uri())
    page.locator(".rx-mutation-cells").wait_for()
    return page


def at(page, position, row):
    """Where a mutation is on the page: 1-based position, row from the top."""
    box = page.locator(".rx-mutation-cells").bounding_box()
    cell = box["width"] / len(TRNA)
    return box["x"] + (position - 0.5) * cell, box["y"] + box["height"] - 16 - (3.5 - row) * 16


def test_hover_tells_the_score_and_the_partner(opened, viewer):
    opened.mouse.move(*at(opened, 3, 1))
    text = opened.locator(".rx-readout").inner_text()
    score = float(viewer._map.values[2, 1])
    assert text.startswith(f"G3 → C: {'−' if score < 0 else '+'}{abs(score):.2f} nats")
    assert "pairs with C70" in text
    assert f"entropy {viewer._map.entropy[2]:.2f} bits" in text


def test_click_shows_the_effect_on_the_contacts(opened, viewer, colours, picture):
    opened.mouse.click(*at(opened, 3, 1))
    opened.locator("h3", has_text="Effect of G3C on contacts").wait_for()
    model = viewer._predict._model
    before = model.contacts(TRNA)
    after = model.contacts(TRNA[:2] + "C" + TRNA[3:])
    change = np.triu(np.abs(after - before))
    i, j = np.unravel_index(change.argmax(), change.shape)
    row = opened.locator(".rx-effect tbody tr").first.inner_text().split("\t")
    assert row[0] == f"{TRNA[i]}{i + 1} – {TRNA[j]}{j + 1}"
    assert [float(x) for x in row[1:]] == pytest.approx([before[i, j], after[i, j]], abs=0.006)
    assert colours(opened, ".rx-effect .rx-cells") > 10
    cells = Image.open(BytesIO(opened.locator(".rx-effect .rx-cells").first.screenshot()))
    assert np.asarray(cells.convert("L")).mean() > 200, "most contacts are improbable: a light map"
    assert colours(opened, ".rx-mutation-cells") > 30
    picture(opened, "mutations")


def test_what_was_not_exported_says_how_to_get_it(opened):
    opened.mouse.click(*at(opened, 5, 1))
    message = opened.locator(".rx-message", has_text="not in this page")
    message.wait_for()
    assert 'effects=["A5C"' in message.inner_text()


def test_the_residue_that_is_there_cannot_be_chosen_and_arrows_step_over_it(opened):
    opened.mouse.click(*at(opened, 3, 2))
    assert "Effect on contacts" in opened.locator(".rx-card h3").last.inner_text()
    opened.mouse.click(*at(opened, 3, 1))
    opened.locator(".rx-mutation-cells").focus()
    opened.keyboard.press("ArrowDown")
    opened.locator("h3", has_text="Effect of G3U").wait_for()
    opened.keyboard.press("ArrowLeft")
    opened.locator("h3", has_text="Effect of C2U").wait_for()


def test_long_rnas_scroll_and_narrow_pages_fit(page, tmp_path, picture):
    sequence = TRNA * 5
    values = np.random.default_rng(0).normal(size=(len(sequence), 4))
    values -= values[range(len(values)), ["ACGU".index(c) for c in sequence]][:, None]
    scores = MutationMap(values, sequence, "toy", "mutant-marginal")
    page.set_viewport_size({"width": 520, "height": 700})
    page.goto(MutationViewer(scores).to_html(tmp_path / "long.html").as_uri())
    page.locator(".rx-mutation-cells").wait_for()
    until(page, lambda: page.evaluate("document.documentElement.scrollWidth") <= 520)
    wide = "(() => { const s = document.querySelector('.rx-mutation-scroller'); "
    assert page.evaluate(wide + "return s.scrollWidth > 3 * s.clientWidth; })()")
    picture(page, "mutations-narrow")


def test_dark_ground(page, viewer, tmp_path, picture):
    path = viewer.to_html(tmp_path / "m.html", effects=["G3C"])
    text = path.read_text(encoding="utf-8").replace(
        "<style>", "<style>:root { --jp-layout-color1: #111; --jp-content-font-color0: #eee; }", 1
    )
    path.write_text(text, encoding="utf-8")
    page.goto(path.as_uri())
    page.locator(".rx-mutation-cells").wait_for()
    page.mouse.click(*at(page, 3, 1))
    page.locator(".rx-effect .rx-cells").wait_for()
    picture(page, "mutations-dark")


def test_a_known_weakness_is_told_below_the_title(opened, viewer, page, tmp_path):
    note = opened.locator(".rx-caution")
    assert note.inner_text() == viewer._map.caution != ""
    title, cells = (opened.locator(s).first.bounding_box() for s in ("h3", ".rx-mutation-cells"))
    box = note.bounding_box()
    assert title["y"] < box["y"] < box["y"] + box["height"] <= cells["y"]
    page.goto(
        MutationViewer(replace(viewer._map, caution="")).to_html(tmp_path / "n.html").as_uri()
    )
    page.locator(".rx-mutation-cells").wait_for()
    assert not page.locator(".rx-caution").is_visible()


def test_lost_base_pairs_are_a_second_block_and_disagreement_is_ringed(
    page, viewer, tmp_path, colours, picture
):
    scores = rx.tl.mutate(
        rx.from_sequences({"trna": TRNA}), "trna", viewer._predict._model, effect="contacts",
        progress=False,
    )  # fmt: skip
    both = MutationViewer(scores, structure=viewer._structure, model=viewer._predict._model)
    page.goto(both.to_html(tmp_path / "both.html").as_uri())
    page.locator(".rx-mutation-cells").wait_for()
    odd = np.argwhere(np.abs(scores.disagreement) >= 0.5)
    assert len(odd)
    i, row = map(int, odd[0])
    for above in (0, 4 * 16 + 8):  # the block of lost pairs, and that of likelihoods over it
        x, y = at(page, i + 1, row)
        page.mouse.move(x, y - above)
        text = page.locator(".rx-readout").inner_text()
        assert text.startswith(f"{TRNA[i]}{i + 1} → {'ACGU'[row]}: ")
        assert f"{-scores.contacts[i, row]:.2f} base pairs lost (the two disagree)" in text
    assert "base pairs lost" in page.locator(".rx-mutation-scale").inner_text()
    assert colours(page, ".rx-mutation-cells") > 30
    picture(page, "mutations-contacts")
