"""The contact studio in a browser without Python."""

from dataclasses import replace

import numpy as np
import pytest

import rnaexplore as rx
from rnaexplore.maps import ContactMap
from rnaexplore.structure import Structure, score
from rnaexplore.widgets import ContactStudio
from rnaexplore.widgets.contacts.studio_files import text_of
from tests.browser.waiting import settled, until

pytestmark = pytest.mark.browser

SEQUENCE = "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAGAUCUGGAGGUCCUGUGUUCGAUCCACAGAAUUCGCACCA"
DOTS = "(((((((..((((........)))).(((((.......))))).....(((((.......))))))))))))...."
N = len(SEQUENCE)
REFERENCE = Structure.from_dot_bracket(SEQUENCE, DOTS)


def contact_map(model, pairs, strengths):
    values = np.random.default_rng(0).random((N, N)).astype(np.float32) ** 10 * 0.1
    values = np.triu(values, 4)
    for (i, j), p in zip(pairs, strengths, strict=True):
        values[i, j] = p
    return ContactMap(values + values.T, SEQUENCE, "regression", model)


@pytest.fixture
def maps():
    """Most known pairs, from certain to unlikely; and another map with one helix of its own."""
    known = REFERENCE.pairs.tolist()
    wrong = [(20 + k, 46 - k) for k in range(5)]
    return [
        contact_map("first", known, np.linspace(0.97, 0.3, len(known))),
        contact_map("second", known[:7] + wrong, [0.9] * 12),
    ]


def open_studio(page, studio, tmp_path):
    page.goto(f"file://{studio.to_html(tmp_path / 'studio.html')}")
    page.locator(".rx-studio[data-pairs]").wait_for()
    page.locator(".rx-studio .rx-cells[data-side]").wait_for()
    return page


@pytest.fixture
def studio(page, maps, tmp_path):
    return open_studio(page, ContactStudio(maps, REFERENCE, name="trna"), tmp_path)


def hover(page, i, j):
    cells = page.locator(".rx-studio .rx-cells")
    box = cells.bounding_box()
    left, top, side = (float(cells.get_attribute(f"data-{k}")) for k in ("left", "top", "side"))
    place = (box["x"] + left + (j + 0.5) * side / N, box["y"] + top + (i + 0.5) * side / N)
    page.mouse.move(*place)
    return place


@pytest.mark.parametrize("decoder", ["mea", "greedy", "matching"])
def test_scores_follow_threshold_and_decoder(studio, maps, decoder):
    studio.get_by_label("Decoder").select_option(decoder)
    for threshold in (0.3, 0.6, 0.9):
        studio.get_by_label("Threshold", exact=True).fill(str(threshold))
        studio.locator(f".rx-studio[data-settings='{decoder} {threshold:.2f}']").wait_for()
        predicted = maps[0].decode(decoder, threshold=threshold)
        assert studio.locator(".rx-studio").get_attribute("data-pairs") == str(len(predicted.pairs))
        found = score(predicted, REFERENCE)
        cells = studio.locator(".rx-scores tbody tr").first.locator("td").all_inner_texts()
        expected = [f"{found[name]:.2f}" for name in ("precision", "recall", "f1", "mcc")]
        assert cells == ["strict", *expected]
        written = "".join(studio.locator(".rx-cell i:nth-of-type(1)").all_inner_texts())
        assert written == predicted.dot_bracket


def test_a_helix_under_the_mouse_lights_up_everywhere_and_a_click_keeps_it(studio, picture):
    i, j = (int(k) for k in REFERENCE.pairs[2])
    place = hover(studio, i, j)
    told = studio.locator(".rx-studio .rx-readout")
    told.filter(
        has_text=f"{SEQUENCE[i]}{i + 1} – {SEQUENCE[j]}{j + 1}: first regression"
    ).wait_for()
    assert "pair in first regression and reference" in told.inner_text()
    lit = studio.locator(".rx-cell.rx-at").count()
    assert lit == 14  # seven pairs of the acceptor stem
    studio.mouse.click(*place)
    studio.mouse.move(2, 2)
    told.filter(has_text="Helix G1–U7 with A66–C72").wait_for()
    assert studio.locator(".rx-cell.rx-at").count() == 14
    picture(studio, "studio-helix")
    hover(studio, 5, 20)
    studio.mouse.down()
    studio.mouse.up()
    studio.mouse.move(2, 2)
    studio.wait_for_function("() => !document.querySelector('.rx-cell.rx-at')")


@pytest.mark.parametrize("view", ["arcs", "drawing", "letters"])
def test_a_helix_is_picked_in_any_view(studio, view):
    if view == "letters":
        studio.locator(".rx-cell").nth(2).click()
    else:
        pick = {"arcs": ARC, "drawing": RESIDUE}[view]
        x, y = studio.evaluate(pick)
        studio.mouse.click(x, y)
    studio.mouse.move(2, 2)
    studio.locator(".rx-studio .rx-readout", has_text="Helix G1–U7 with A66–C72").wait_for()


#: The top of the outermost arc; and the first residue of the drawing.
ARC = """() => {
    const canvas = document.querySelector(".rx-arcs-canvas"), box = canvas.getBoundingClientRect();
    const ink = canvas.getContext("2d"), ratio = canvas.width / box.width;
    const x = 14 + (0 + 71 + 1) / 2 * (box.width - 28) / 76;
    for (let y = 0; y < box.height; y += 0.5)
        if (ink.getImageData(x * ratio, y * ratio, 1, 1).data[3] > 99)
            return [box.x + x, box.y + y];
}"""
RESIDUE = """() => {
    const canvas = document.querySelector(".rx-drawing canvas");
    canvas.scrollIntoView();
    const box = canvas.getBoundingClientRect();
    const [x, y] = canvas.dataset.first.split(" ").map(Number);
    return [box.x + x, box.y + y];
}"""


def test_two_maps_beside_each_other(page, maps, tmp_path, picture):
    open_studio(page, ContactStudio(maps), tmp_path)
    second = {tuple(p) for p in maps[1].decode().pairs.tolist()}
    both = {tuple(p) for p in maps[0].decode().pairs.tolist()} & second
    assert len(second - both) > 0
    told = page.locator("section[aria-label=Arcs] header .rx-caption").inner_text()
    assert told.startswith(f"{len(both)} pairs in both")
    assert told.endswith(f"{len(second - both)} only in second regression")
    assert page.locator(".rx-drawing canvas:visible").count() == 2
    assert page.locator(".rx-scores tbody tr").count() == 2
    picture(page, "studio-two")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_themes(studio, scheme, colours, picture):
    studio.emulate_media(color_scheme=scheme)
    settled(studio)
    for part in (".rx-cells", ".rx-drawing canvas", ".rx-arcs-canvas"):
        until(studio, lambda part=part: colours(studio, f".rx-studio {part}") > 10)
    picture(studio, f"studio-{scheme}")


def test_narrow_pages_do_not_overflow(studio, picture):
    studio.set_viewport_size({"width": 480, "height": 1800})
    until(studio, lambda: studio.evaluate("document.documentElement.scrollWidth") <= 480)
    picture(studio, "studio-narrow")


def test_files_are_saved_from_a_page(studio, tmp_path):
    for kind in ("dbn", "ct", "csv"):
        with studio.expect_download() as waiting:
            studio.get_by_role("button", name=kind, exact=True).click()
        assert waiting.value.suggested_filename == f"trna.{kind}"
        waiting.value.save_as(tmp_path / f"trna.{kind}")
    read = rx.read_structures(tmp_path / "trna.ct")
    assert (
        read.obs["structure"].iloc[0]
        == rx.read_structures(tmp_path / "trna.dbn").obs["structure"].iloc[0]
    )
    assert studio.get_by_role("button", name="pdf", exact=True).count() == 0


def test_texts_equal_those_of_python(page, maps, module):
    knotted = Structure(SEQUENCE, np.array([(0, 20), (1, 19), (10, 30), (11, 29)]))
    module("contacts/studio_files")
    for structure in (knotted, maps[0].decode(threshold=0.4)):
        pairs = [
            [i, j, round(float(maps[0].probabilities[i, j]), 6)]
            for i, j in structure.pairs.tolist()
        ]
        for kind in ("dbn", "ct", "csv"):
            made = page.evaluate(
                "([kind, rna, side]) => studioTexts[kind](rna, side, 'probability')",
                [
                    kind,
                    {"name": "x", "sequence": SEQUENCE, "reference": DOTS},
                    {"dots": structure.dot_bracket, "pairs": pairs},
                ],
            )
            assert made == text_of(kind, "x", structure, maps[0], REFERENCE)


def test_a_known_weakness_is_told_while_its_map_is_shown(page, maps, tmp_path, picture):
    weak = "second is weak at loops."
    studio = ContactStudio([maps[0], replace(maps[1], method="jacobian", caution=weak)], REFERENCE)
    open_studio(page, studio, tmp_path)
    assert not page.locator(".rx-caution").is_visible()
    studio.shown = "second jacobian"
    open_studio(page, studio, tmp_path)
    assert page.locator(".rx-caution").inner_text() == weak
    picture(page, "studio-caution")
