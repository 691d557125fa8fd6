"""Exported pages in a browser without a network."""

from types import SimpleNamespace

import numpy as np
import pytest

from rnaexplore.maps import AttentionMaps, ContactMap
from rnaexplore.structure import Structure, score
from rnaexplore.widgets import AttentionViewer, EmbeddingMap, explore
from rnaexplore.widgets.core.maps import decoding
from tests.browser.waiting import until

pytestmark = pytest.mark.browser

N_LAYERS, N_HEADS = 2, 3


class PlantedModel:
    """Every map has one strong weight, in the row of its layer and the column of its head."""

    spec = SimpleNamespace(
        name="planted", n_layers=N_LAYERS, n_heads=N_HEADS, trained_on="nothing",
        can=frozenset({"attention", "contacts"}),
    )  # fmt: skip
    source = "planted"

    def attentions(self, sequence, *, layers=None, heads=None):
        chosen = range(N_LAYERS) if layers is None else layers
        return np.stack([[planted(len(sequence), k, h) for h in range(N_HEADS)] for k in chosen])

    def contacts(self, sequence):
        values = np.zeros((len(sequence), len(sequence)), dtype=np.float32)
        values[0, 71] = values[71, 0] = 0.9
        values[5, 30] = values[30, 5] = 0.6
        return values


def planted(n, layer, head):
    values = np.full((n, n), 0.002, dtype=np.float32)
    values[layer, head] = 0.75
    return values


@pytest.fixture
def explorer(adata, page, tmp_path):
    """The page of an explorer with the maps of two RNAs; it opens with the first of them."""
    path = explore(adata, PlantedModel()).to_html(
        tmp_path / "explorer.html", maps=["rna000", "rna003"]
    )
    show(page, path)
    page.locator(".rx-rna-name", has_text="rna000").wait_for()
    return page


def show(page, path):
    page.goto(f"file://{path}")
    page.wait_for_selector(".rx-root")


def stage_box(page):
    box = page.locator(".rx-stage").bounding_box()
    return box["x"], box["y"], box["width"], box["height"]


def drag(page, points):
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=3)
    page.mouse.up()


def on_screen(page, adata, position):
    """Where a point is drawn when the map shows all points."""
    places = adata.obsm["X_umap"]
    low, high = places.min(0), places.max(0)
    left, top, width, height = stage_box(page)
    zoom = min(width / (high - low)[0], height / (high - low)[1]) * 0.88
    x, y = (places[position] - (low + high) / 2) * zoom
    return float(left + width / 2 + x), float(top + height / 2 - y)


def counted(page):
    return page.locator(".rx-count").inner_text()


def lasso_all(page):
    left, top, width, height = stage_box(page)
    right, bottom = left + width - 4, top + height - 4
    drag(page, [(left + 4, top + 4), (right, top + 4), (right, bottom), (left + 4, bottom)])


def test_lasso_adds_and_takes_away(explorer, adata, picture):
    lasso_all(explorer)
    assert counted(explorer) == "300 RNAs selected"
    x, y = on_screen(explorer, adata, 0)
    explorer.keyboard.down("Alt")
    drag(explorer, [(x - 5, y - 5), (x + 5, y - 5), (x + 5, y + 5), (x - 5, y + 5)])
    explorer.keyboard.up("Alt")
    left = int(counted(explorer).split()[0])
    assert 290 <= left < 300
    picture(explorer, "lasso")
    explorer.keyboard.press("Escape")
    assert counted(explorer) == "Nothing selected"


def test_legend_selects_a_family_and_counts(explorer):
    explorer.get_by_role("button", name="U1").click()
    assert counted(explorer) == "100 RNAs selected"
    assert "100 / 100" in explorer.locator(".rx-entry").first.inner_text()
    explorer.locator(".rx-entry", has_text="tRNA").click(modifiers=["Shift"])
    assert counted(explorer) == "200 RNAs selected"


def test_click_on_a_point_opens_its_maps(explorer, adata, colours, picture):
    explorer.mouse.click(*on_screen(explorer, adata, 3))
    explorer.locator(".rx-rna-name", has_text="rna003").wait_for()
    explorer.locator(".rx-attention .rx-cells").wait_for()
    assert explorer.locator(".rx-cell").count() == 76
    assert colours(explorer, ".rx-attention .rx-cells") > 5
    picture(explorer, "open")


def test_every_head_of_an_exported_rna_can_be_read(explorer):
    for layer in range(N_LAYERS):
        for head in range(N_HEADS):
            explorer.get_by_label("Layer", exact=True).select_option(str(layer))
            explorer.get_by_label("Head", exact=True).select_option(str(head))
            label = f"Attention map, layer {layer}, head {head}"
            explorer.locator(f".rx-attention .rx-cells[aria-label='{label}']").wait_for()
            assert weight(explorer, layer, head) == pytest.approx(0.75)
            assert weight(explorer, 40, 50) == pytest.approx(0.002, abs=2e-4)


def weight(page, row, column):
    """Hover a residue pair of the attention map, and return the weight that the view tells."""
    cells = page.locator(".rx-attention .rx-cells")
    cells.scroll_into_view_if_needed()
    box = cells.bounding_box()
    left, top, side = (float(cells.get_attribute(f"data-{k}")) for k in ("left", "top", "side"))
    x = box["x"] + left + (column + 0.5) * side / 76
    y = box["y"] + top + (row + 0.5) * side / 76
    page.mouse.move(x, y)
    text = page.locator(".rx-detail .rx-readout")
    text.filter(has_text=f"{row + 1} attends").wait_for()
    assert page.locator(".rx-cell.rx-at").count() == (1 if row == column else 2)
    return float(text.inner_text().split()[-1])


def test_agreement_follows_the_threshold(explorer):
    strict = explorer.locator(".rx-scores tbody tr").first
    strict.wait_for()
    told = explorer.locator(".rx-scores", has_text="2 pairs called")
    told.wait_for()
    assert strict.inner_text().split() == ["strict", "0.50", "0.05", "0.09"]
    explorer.get_by_label("Threshold").fill("0.8")
    explorer.locator(".rx-scores", has_text="1 pair called").wait_for()
    assert strict.inner_text().split() == ["strict", "1.00", "0.05", "0.09"]


@pytest.mark.parametrize("decoder", ["greedy", "nussinov"])
def test_pairs_of_the_view_are_those_of_python(page, module, decoder):
    """The view decodes in the browser what Python decodes by default, cut by value or by rank."""
    rng = np.random.default_rng(0)
    module("core/structure")
    assert set(decoding()) == {"decoder", "canonical", "min_loop"}
    for kind, cut, asked in (
        ("probability", {"threshold": 0.2}, {"threshold": 0.2}),
        ("score", {"pairs_per_residue": 0.6}, {"most": 24}),
    ):
        for _ in range(20):
            sequence = "".join(rng.choice(list("ACGUacgt"), 40))
            values = np.triu(rng.random((40, 40), dtype=np.float32) ** 4, 1)
            held = ContactMap(values + values.T, sequence, "x", "planted", kind=kind)
            called = page.evaluate(
                "([values, letters, rule, cut]) => decodePairs(values, letters, rule, cut)",
                [
                    held.values.ravel().tolist(),
                    list(sequence),
                    decoding() | {"decoder": decoder},
                    asked,
                ],
            )
            assert called == held.decode(decoder, **cut).pairs.tolist()
            assert called


def test_an_rna_without_exported_maps_says_how_to_get_them(explorer):
    explorer.locator(".rx-row", has_text="rna001").click()
    message = explorer.locator(".rx-attention .rx-message", has_text="not in this page")
    message.wait_for()
    assert "maps=['rna001'" in message.inner_text()
    assert explorer.locator(".rx-cell").count() == 76


def test_search_finds_and_selects(explorer):
    explorer.get_by_label("Search names and columns").fill("rna01")
    explorer.locator(".rx-found", has_text="10 matches").wait_for()
    assert explorer.locator(".rx-rows .rx-row").first.inner_text().startswith("rna010")
    explorer.get_by_role("button", name="Select", exact=True).click()
    assert counted(explorer) == "10 RNAs selected"
    explorer.get_by_label("Search names and columns").fill("5s")
    explorer.locator(".rx-found", has_text="100 matches").wait_for()
    explorer.get_by_label("Search names and columns").fill("nothing like it")
    explorer.locator(".rx-none", has_text="No RNA matches").wait_for()


def test_table_sorts_both_ways(explorer, adata):
    lengths = explorer.locator(".rx-rows .rx-row .rx-number")
    header = explorer.get_by_role("button", name="length")
    header.click()
    assert lengths.first.inner_text() == str(adata.obs["length"].min())
    header.click()
    assert lengths.first.inner_text() == str(adata.obs["length"].max())


def test_colour_and_map_can_be_switched(explorer, colours):
    before = explorer.locator(".rx-stage").screenshot()
    explorer.get_by_label("Colour", exact=True).select_option("length")
    explorer.locator(".rx-legend .rx-scale").wait_for()
    explorer.get_by_label("Map", exact=True).select_option("X_pca")
    lasso_all(explorer)
    assert counted(explorer) == "300 RNAs selected"
    assert explorer.locator(".rx-stage").screenshot() != before
    assert colours(explorer, ".rx-stage") > 30


def test_keys_move_the_map_and_the_table(explorer):
    explorer.locator(".rx-stage").focus()
    before = explorer.locator(".rx-stage").screenshot()
    explorer.keyboard.press("+")
    until(explorer, lambda: explorer.locator(".rx-stage").screenshot() != before)
    explorer.locator(".rx-scroller").focus()
    explorer.keyboard.press("ArrowDown")
    explorer.locator(".rx-rna-name", has_text="rna001").wait_for()
    explorer.keyboard.press("ArrowUp")
    explorer.locator(".rx-rna-name", has_text="rna000").wait_for()


def test_one_webgl_context(explorer):
    contexts = (
        "[...document.querySelectorAll('canvas')].filter((c) => c.getContext('webgl2')).length"
    )
    # A canvas that has a 2-D context returns null here, so only WebGL canvases are counted.
    assert explorer.evaluate(contexts) == 1


def test_narrow_pages_stack(explorer, picture):
    explorer.set_viewport_size({"width": 520, "height": 1400})
    until(explorer, lambda: explorer.evaluate("document.documentElement.scrollWidth") <= 520)
    picture(explorer, "narrow")


def test_100_000_points(page, adata, tmp_path, picture):
    import anndata

    rng = np.random.default_rng(0)
    rows = rng.integers(0, adata.n_obs, 100_000)
    obs = adata.obs.iloc[rows][["family"]]
    obs.index = [f"r{i}" for i in range(len(rows))]
    place = adata.obsm["X_umap"][rows] + rng.normal(scale=0.7, size=(len(rows), 2))
    large = anndata.AnnData(obs=obs, obsm={"X_umap": place.astype(np.float32)})
    show(page, EmbeddingMap(large).to_html(tmp_path / "large.html"))
    lasso_all(page)
    assert counted(page) == "100,000 RNAs selected"
    picture(page, "large")


def test_attention_viewer_page(page, tmp_path, colours, picture):
    rng = np.random.default_rng(0)
    values = rng.dirichlet(np.full(30, 0.2), size=(2, 3, 30)).astype(np.float32)
    maps = AttentionMaps(values, (4, 5), (0, 1, 2), "ACGUA" * 6, "tiny")
    show(page, AttentionViewer(maps).to_html(tmp_path / "attention.html"))
    page.get_by_label("Head", exact=True).fill("2")
    page.locator(".rx-cells[aria-label='Attention map, layer 5, head 1']").wait_for()
    assert colours(page, ".rx-cells") > 20
    picture(page, "attention")


def test_agreement_in_the_view_equals_that_in_python(page, module):
    rng = np.random.default_rng(0)
    cases = [[random_structure(rng, 30), random_structure(rng, 30)] for _ in range(200)]
    module("core/structure")
    computed = page.evaluate(
        """(cases) => cases.map(([a, b]) => [0, 1].map((slack) =>
            agreement(pairsOf(a), pairsOf(b), a.length, slack)))""",
        cases,
    )
    for (predicted, reference), (strict, shifted) in zip(cases, computed, strict=True):
        both = [Structure.from_dot_bracket("N" * 30, text) for text in (predicted, reference)]
        expected = score(*both)
        for name in ("precision", "recall", "f1"):
            assert strict[name] == pytest.approx(expected[name])
            assert shifted[name] == pytest.approx(expected[f"{name}_shifted"])


def random_structure(rng, n):
    """A dot-bracket with a few stems, some of them crossing others."""
    letters = ["."] * n
    for opening, closing in ("()", "[]"):
        free = [k for k in range(n) if letters[k] == "."]
        half = int(rng.integers(0, 5))
        chosen = sorted(rng.choice(free, 2 * half, replace=False).tolist())
        for i, j in zip(chosen[:half], reversed(chosen[half:]), strict=True):
            letters[i], letters[j] = opening, closing
    return "".join(letters)
