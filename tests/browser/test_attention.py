"""The attention viewer in a browser, and its arithmetic beside that of Python."""

import numpy as np
import pytest

from rnaexplore.maps import AttentionMaps
from rnaexplore.structure import Structure
from rnaexplore.widgets import AttentionViewer
from rnaexplore.widgets.attention.ranking import top_pairs
from tests.browser.waiting import settled, until

pytestmark = pytest.mark.browser

SEQUENCE = "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAGAUCUGGAGGUCCUGUGUUCGAUCCACAGAAUUCGCACCA"
DOTS = "(((((((..((((........)))).(((((.......))))).....(((((.......))))))))))))...."
N = len(SEQUENCE)
REFERENCE = Structure.from_dot_bracket(SEQUENCE, DOTS)


def planted():
    rng = np.random.default_rng(0)
    values = rng.random((3, 5, N, N)).astype(np.float32) ** 6 * 0.05
    i, j = REFERENCE.pairs.T
    values[2, 3, i, j] = values[2, 3, j, i] = np.linspace(0.5, 0.9, len(i))
    values[0, 1, np.arange(N - 7), np.arange(7, N)] = 0.6
    return AttentionMaps(values, (0, 1, 2), (0, 1, 2, 3, 4), SEQUENCE, "planted")


@pytest.fixture
def viewer(page, tmp_path):
    page.goto(f"file://{AttentionViewer(planted(), REFERENCE).to_html(tmp_path / 'x.html')}")
    page.locator(".rx-attention .rx-cells[data-side]").wait_for()
    return page


def hover(page, i, j):
    """Move the mouse to the middle of a cell of the whole map."""
    cells = page.locator(".rx-attention .rx-cells")
    box = cells.bounding_box()
    left, top, side = (float(cells.get_attribute(f"data-{k}")) for k in ("left", "top", "side"))
    page.mouse.move(box["x"] + left + (j + 0.5) * side / N, box["y"] + top + (i + 0.5) * side / N)


def open_head(page, layer, head):
    page.get_by_label("Layer", exact=True).fill(str(layer))
    page.get_by_label("Head", exact=True).fill(str(head + 1))  # the first place is the mean
    page.locator(f".rx-cells[aria-label='Attention map, layer {layer}, head {head}']").wait_for()


def test_sliders_choose_the_map_and_hover_names_both_bases(viewer):
    open_head(viewer, 2, 3)
    i, j = (int(k) for k in REFERENCE.pairs[0])
    hover(viewer, i, j)
    told = viewer.locator(".rx-attention .rx-readout")
    told.filter(has_text=f"{SEQUENCE[i]}{i + 1} attends to {SEQUENCE[j]}{j + 1}").wait_for()
    assert "weight 0.50, pair in the reference" in told.inner_text()


def test_best_pairs_are_told_beside_what_chance_gives(viewer):
    open_head(viewer, 2, 3)
    told = viewer.locator(".rx-pairs header .rx-caption")
    told.filter(has_text="21 of 21 pairs in the reference (precision 1.00; 0.0").wait_for()
    viewer.get_by_label("Pairs", exact=True).fill("42")
    told.filter(has_text="21 of 42 pairs in the reference (precision 0.50; 0.0").wait_for()
    viewer.get_by_label("Threshold", exact=True).fill("0.5")
    told.filter(has_text="21 of 21 pairs").wait_for()
    open_head(viewer, 0, 1)
    told.filter(has_text="0 of 42 pairs in the reference (precision 0.00").wait_for()


def test_symmetrise_and_apc_change_map_and_words(viewer, colours):
    open_head(viewer, 2, 3)
    viewer.get_by_label("Symmetrise").check()
    viewer.get_by_label("APC").check()
    hover(viewer, 30, 5)
    told = viewer.locator(".rx-attention .rx-readout")
    told.filter(has_text=f"{SEQUENCE[30]}31 and {SEQUENCE[5]}6: corrected weight").wait_for()
    assert "corrected weight" in viewer.locator(".rx-map-scale").inner_text()


def test_ranked_heads_lie_best_first_and_a_click_opens_one(viewer, picture):
    viewer.get_by_label("Order").select_option("ranked")
    viewer.locator(".rx-heads .rx-caption", has_text="Share of reference pairs").wait_for()
    box = viewer.locator(".rx-gallery canvas").bounding_box()
    viewer.mouse.click(box["x"] + 15, box["y"] + 15)
    viewer.locator(".rx-cells[aria-label='Attention map, layer 2, head 3']").wait_for()
    viewer.mouse.move(box["x"] + 16, box["y"] + 16)
    title = viewer.locator(".rx-gallery canvas").get_attribute("title")
    assert title.startswith("Layer 2, head 3: precision 1.000, by chance 0.00")
    picture(viewer, "attention-ranked")


def test_arrow_keys_step_through_the_heads(viewer):
    for key, layer, head in (("ArrowRight", 2, 0), ("ArrowRight", 2, 1), ("ArrowUp", 1, 1)):
        viewer.locator(".rx-gallery").press(key)
        shown = f"Attention map, layer {layer}, head {head}"
        viewer.locator(f".rx-cells[aria-label='{shown}']").wait_for()


def test_zoom_shows_letters_moves_and_returns(viewer):
    cells = viewer.locator(".rx-attention .rx-cells")
    whole = cells.screenshot()
    viewer.get_by_role("button", name="Zoom in").click()
    until(viewer, lambda: cells.screenshot() != whole)
    settled(viewer)
    zoomed = cells.screenshot()
    viewer.locator(".rx-matrix").focus()
    viewer.keyboard.press("ArrowDown")
    until(viewer, lambda: cells.screenshot() != zoomed)
    viewer.keyboard.press("0")
    viewer.locator(".rx-matrix[data-zoomed='false']").wait_for()
    until(viewer, lambda: cells.screenshot() == whole)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_themes(viewer, scheme, colours, picture):
    viewer.emulate_media(color_scheme=scheme)
    open_head(viewer, 2, 3)
    dark = scheme == "dark"
    until(viewer, lambda: (brightness(viewer, ".rx-attention .rx-cells") < 90) is dark)
    until(viewer, lambda: (brightness(viewer, ".rx-gallery canvas") < 90) is dark)
    assert colours(viewer, ".rx-attention .rx-cells") > 30
    assert colours(viewer, ".rx-gallery canvas") > 30
    assert colours(viewer, ".rx-arcs-canvas") > 10
    panel = viewer.evaluate("getComputedStyle(document.querySelector('.rx-root')).backgroundColor")
    assert (max(map(int, panel[4:-1].split(","))) < 60) is dark
    picture(viewer, f"attention-{scheme}")


def brightness(page, selector):
    """Mean of the painted pixels, 0 to 255."""
    return page.locator(selector).evaluate(
        """(c) => {
            const { data } = c.getContext("2d").getImageData(0, 0, c.width, c.height);
            let sum = 0, n = 0;
            for (let k = 0; k < data.length; k += 4) if (data[k + 3]) (sum += data[k]), n++;
            return sum / n;
        }"""
    )


def test_narrow_pages_do_not_overflow(viewer, picture):
    viewer.set_viewport_size({"width": 480, "height": 1400})
    until(viewer, lambda: viewer.evaluate("document.documentElement.scrollWidth") <= 480)
    picture(viewer, "attention-narrow")


def test_treatment_and_best_pairs_equal_those_of_python(page, module):
    maps = planted()
    values = maps.at(2, 3)
    module("core/pairs")
    symmetric, corrected_, found = page.evaluate(
        """([values, n]) => {
            const s = symmetrised(Float32Array.from(values), n), c = corrected(s, n);
            return [[...s], [...c], topPairs(c, n, 40, 0.02)];
        }""",
        [values.ravel().tolist(), N],
    )
    both = maps.symmetrize()
    np.testing.assert_allclose(np.reshape(symmetric, (N, N)), both.at(2, 3), atol=1e-7)
    np.testing.assert_allclose(np.reshape(corrected_, (N, N)), both.apc().at(2, 3), atol=1e-6)
    expected = top_pairs(both.apc().at(2, 3), 40, 0.02)
    assert [pair[:2] for pair in found] == expected.tolist()


def test_the_share_expected_by_chance_is_that_of_random_pairs_at_the_same_distances(page, module):
    rng = np.random.default_rng(0)
    pairs = [(5, 20), (7, 30), (8, 9 + 15), (0, 71)]
    module("core/pairs")
    told = page.evaluate(
        "([pairs, reference, n]) => expectedShare(pairs, reference, n)",
        [pairs, REFERENCE.pairs.tolist(), N],
    )
    known = {tuple(p) for p in REFERENCE.pairs.tolist()}
    drawn = 20_000
    hits = 0
    for i, j in pairs:
        starts = rng.integers(0, N - (j - i), drawn)
        hits += sum((int(a), int(a) + j - i) in known for a in starts)
    assert told == pytest.approx(hits / (drawn * len(pairs)), rel=0.1)
