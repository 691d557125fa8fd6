"""The explorer as a page without a network: searches, set operations, neighbours, statistics."""

import re

import anndata
import numpy as np
import pandas as pd
import pytest

from rnaexplore.errors import InputError
from rnaexplore.widgets import explore
from rnaexplore.widgets.explorer.patterns import steps_of

pytestmark = pytest.mark.browser

N = 240


@pytest.fixture(scope="module")
def rnas():
    """Forty families of two types on two maps, with an embedding; every sixth RNA has UUCG."""
    rng = np.random.default_rng(1)
    family = np.arange(N) % 40
    body = ["".join(rng.choice(list("ACG"), 30)) for _ in range(N)]
    obs = pd.DataFrame(
        {
            "sequence": [
                s[:10] + ("UUCG" if k % 6 == 0 else "ACGA") + s for k, s in enumerate(body)
            ],
            "structure": [
                "((((" + "." * (4 + k % 3) + "))))" + "." * (32 - k % 3) for k in range(N)
            ],
            "family": [f"RF{k:05d}" for k in family],
            "type": np.where(family < 30, "tRNA", "rRNA"),
        },
        index=[f"rna{k}" for k in range(N)],
    )
    vectors = rng.normal(size=(N, 6)) + 4 * rng.normal(size=(40, 6))[family]
    plane = vectors[:, :2].astype(np.float32)
    return anndata.AnnData(obs=obs, obsm={"X_umap": plane, "X_tsne": -plane, "X_mini": vectors})


@pytest.fixture(scope="module")
def path(rnas, tmp_path_factory):
    view = explore(rnas, beside="X_tsne")
    view.selected = "rna7"
    return view.to_html(tmp_path_factory.mktemp("page") / "explorer.html")


@pytest.fixture
def shown(page, path):
    page.goto(f"file://{path}")
    page.locator(".rx-rna-name", has_text="rna7").wait_for()
    return page


def expect_count(page, n):
    text = f"{n} RNAs selected" if n else "Nothing selected"
    page.locator(".rx-count", has_text=re.compile(f"^{text}")).wait_for()


def look_for(page, kind, query):
    page.get_by_label("Kind of search").select_option(kind)
    page.locator(".rx-search input").fill(query)


def lasso(page, stage, share=1.0):
    """Drag a box around the left part of a map."""
    box = stage.bounding_box()
    left, top, bottom = box["x"] + 2, box["y"] + 2, box["y"] + box["height"] - 2
    right = box["x"] + 2 + (box["width"] - 4) * share
    page.mouse.move(left, top)
    page.mouse.down()
    for point in [(right, top), (right, bottom), (left, bottom)]:
        page.mouse.move(*point, steps=3)
    page.mouse.up()


def selected(page):
    text = page.locator(".rx-count").inner_text()
    return int(text.split()[0]) if text[0].isdigit() else 0


def test_set_operations_undo_and_invert(shown):
    entry = lambda name: shown.locator(".rx-entry", has_text=name)  # noqa: E731
    mode = lambda title: shown.locator(f".rx-modes [aria-label^='{title}']")  # noqa: E731
    entry("tRNA").click()
    expect_count(shown, 180)
    mode("Take away").click()
    entry("RF00003").click()
    expect_count(shown, 174)
    mode("Keep what is in both").click()
    shown.get_by_label("Find a category").fill("RF00004")
    entry("RF00004").click()
    expect_count(shown, 6)
    shown.get_by_label("Undo").click()
    expect_count(shown, 174)
    shown.get_by_label("Redo").click()
    expect_count(shown, 6)
    shown.get_by_label("Invert the selection").click()
    expect_count(shown, 234)
    shown.get_by_role("button", name="Clear").click()
    expect_count(shown, 0)
    assert shown.get_by_role("button", name="Clear").is_disabled()


def test_both_maps_select_the_same_rnas(shown, picture, colours):
    stages = shown.locator(".rx-stage")
    assert stages.count() == 2
    shown.get_by_label("Labels").uncheck()
    lasso(shown, stages.nth(0), 0.5)
    left = selected(shown)
    shown.locator(".rx-stages[data-painted]").wait_for()
    assert colours(shown, ".rx-stage") > 100
    shown.get_by_label("Labels").check()
    assert 0 < left < N
    lasso(shown, stages.nth(1), 0.5)  # the second is the first turned around
    right = selected(shown)
    assert abs(left + right - N) <= 4
    picture(shown, "two-maps")
    assert shown.locator(".rx-stages canvas.rx-points").count() == 1
    shown.get_by_label("Beside").select_option("")
    stages.nth(1).wait_for(state="detached")
    lasso(shown, stages.nth(0))
    expect_count(shown, N)


@pytest.mark.parametrize(
    ("kind", "query", "n"),
    [("motif", "uucg", 40), ("motif", "TTYG", 40), ("structure", "({4}.{5}){4}", 80)],
)
def test_patterns_are_found_and_selected(shown, rnas, kind, query, n):
    assert len(explore(rnas).find(**{kind: query})) == n
    look_for(shown, kind, query)
    take_found(shown, n)


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("family = RF00003", "family == 'RF00003'"),
        ("type = tRNA and GC > 0.5", "type == 'tRNA' and GC > 0.5"),
        ("gc<=0.5 & name ~ RNA1", "GC <= 0.5 and index.str.startswith('rna1')"),
    ],
)
def test_conditions_are_those_of_pandas(shown, rnas, query, asked):
    gc = [sum(base in "GC" for base in text) / len(text) for text in rnas.obs["sequence"]]
    n = len(rnas.obs.assign(GC=np.float32(gc)).query(asked, engine="python"))
    assert 0 < n < N
    look_for(shown, "filter", query)
    take_found(shown, n)


def take_found(shown, n):
    shown.locator(".rx-found", has_text=re.compile(f"^{n} match")).wait_for()
    shown.locator(".rx-search").get_by_role("button", name="Select").click()
    expect_count(shown, n)


def test_a_hit_is_marked_in_the_sequence(shown):
    look_for(shown, "motif", "UUCG")
    shown.locator(".rx-found", has_text="40 matches").wait_for()
    shown.locator(".rx-row", has_text="rna12").first.click()
    shown.locator(".rx-rna-name", has_text="rna12").wait_for()
    marked = shown.locator(".rx-found-here")
    marked.first.wait_for()
    assert "".join(marked.locator("b").all_inner_texts()) == "UUCG"


@pytest.mark.parametrize(
    ("kind", "query", "told"),
    [
        ("motif", "UXG", "'X' at position 2"),
        ("structure", "((x", "'x' at position 3"),
        ("filter", "size > 3", "no column 'size'"),
        ("filter", "GC > much", "holds numbers"),
        ("filter", "what", "is not a condition"),
    ],
)
def test_searches_written_wrongly_say_how(shown, kind, query, told):
    look_for(shown, kind, query)
    shown.locator(".rx-notice.rx-trouble", has_text=told).wait_for()
    assert shown.locator(".rx-row[data-i]").count() > 3


def test_show_only_and_show_all(shown):
    shown.locator(".rx-entry", has_text="rRNA").click()
    expect_count(shown, 60)
    shown.get_by_role("button", name="Show only").click()
    shown.locator(".rx-count", has_text="60 shown").wait_for()
    lasso(shown, shown.locator(".rx-stage").first)
    expect_count(shown, 60)
    assert shown.locator(".rx-row[data-i='0']").count() == 0
    shown.get_by_role("button", name="Show all", exact=True).click()
    shown.locator(".rx-row[data-i='0']").wait_for()


def test_neighbours_are_those_of_python(shown, rnas):
    table = explore(rnas).neighbors("rna7")
    rows = shown.locator(".rx-neighbour")
    rows.first.wait_for()
    assert rows.locator("span:first-of-type").all_inner_texts() == list(table.index)
    far = [float(text) for text in rows.locator("b").all_inner_texts()]
    assert far == pytest.approx(table["distance"].tolist(), rel=5e-3)
    same = (table["family"] == rnas.obs.loc["rna7", "family"]).sum()
    told = shown.locator(".rx-near > .rx-caption")
    assert told.inner_text().startswith(f"{same} of 10 are RF00007, as are 2 % of all others")
    rows.nth(1).click()
    shown.locator(".rx-rna-name", has_text=table.index[1]).wait_for()


def test_statistics_equal_those_of_python(shown, rnas, picture):
    shown.get_by_role("tab", name="Selection").click()
    shown.locator(".rx-none", has_text="Nothing is selected").wait_for()
    lasso(shown, shown.locator(".rx-stage").first, 0.5)
    view = explore(rnas)
    shown.locator(".rx-stat-row").first.wait_for()
    plane = rnas.obsm["X_umap"][:, 0]
    chosen = np.argsort(plane, kind="stable")[: selected(shown)]
    view.selection = chosen
    found = view.statistics().categories.set_index(["column", "category"])
    for row in shown.locator(".rx-stat-row").all():
        name = row.locator("span").inner_text()
        expected = found.xs(name, level="category").iloc[0]
        inside, total = int(expected["selected"]), int(expected["selected"] + expected["others"])
        assert row.locator("b").inner_text() == f"{inside} / {total}"
        fold = row.locator("em").inner_text()
        if expected["others"] == 0:
            assert fold == "only here"
        else:
            assert float(fold.split()[1]) == pytest.approx(expected["fold"], abs=0.51)
    assert shown.locator(".rx-histogram").count() == 2  # length and GC
    picture(shown, "statistics")


def test_many_families_are_listed_by_type_and_found(shown):
    headings = shown.locator(".rx-group span")
    assert headings.all_inner_texts() == ["tRNA", "rRNA"]
    shown.get_by_label("Named categories").select_option("10")
    shown.locator(".rx-other", has_text="other (30)").wait_for()
    shown.get_by_label("Find a category").fill("rf00031")
    shown.locator(".rx-entry:not(.rx-group)", has_text="RF00031").click()
    expect_count(shown, 6)


QUERIES = [
    ("motif", "GNRA"), ("motif", "t t y"), ("motif", "GGN{3,7}CC"), ("motif", "BDHVKMSWR"),
    ("motif", "A{2}"), ("motif", "A{,2}"), ("motif", ""), ("motif", "A{3,1}"), ("motif", "x"),
    ("structure", "((((....))))"), ("structure", "({4,}.{3,8}){4,}"), ("structure", "[[?]]"),
    ("motif", "N{1,}" * 51), ("motif", "A" * 1001), ("structure", "{{..}}"),
    ("structure", "<{2}.>{2}"), ("structure", "A"), ("structure", " "),
]  # fmt: skip


def test_patterns_are_the_same_in_pages_as_in_python(page, module):
    module("explorer/patterns")
    made = page.evaluate(
        """(queries) => queries.map(([kind, query]) => {
            try { return stepsOf(kind, query); } catch { return null; }
        })""",
        QUERIES,
    )
    expected = []
    for kind, query in QUERIES:
        try:
            expected.append([list(step) for step in steps_of(kind, query)])
        except InputError:
            expected.append(None)
    assert made == expected
    assert expected.count(None) == 8


def test_pages_find_what_python_finds(page, module):
    """Random patterns in random texts; then one over which an expression would run for years."""
    rng = np.random.default_rng(0)
    draw = lambda letters, n: "".join(rng.choice(list(letters), n))  # noqa: E731
    repeats = ["", "{2}", "{0,}", "{1,3}", "{1,}"]
    cases = []
    for _ in range(300):
        parts = zip(rng.choice(list("ACGN"), 3), rng.choice(repeats, 3), strict=True)
        query, text = "".join(a + b for a, b in parts), draw("ACGn", rng.integers(1, 15))
        sought = re.compile("".join(
            f"[{letters}]{{{least},{'' if most is None else most}}}"
            for letters, least, most in steps_of("motif", query)
        ), re.IGNORECASE)  # fmt: skip
        hits = [sought.match(text, k) for k in range(len(text))]
        spans = [[*hit.span()] for hit in hits if hit and hit[0]]
        cases.append([query, text, sought.search(text) is not None, spans])
    module("explorer/patterns")
    wrong = page.evaluate(
        """(cases) => cases.filter(([query, text, held, spans]) => {
            const steps = stepsOf("motif", query);
            const found = occurrences("motif", steps, text);
            const same = JSON.stringify(found) === JSON.stringify(spans);
            return !same || holdsPattern("motif", steps, text) !== held;
        })""",
        cases,
    )
    assert wrong == []
    slow = ["motif", "N{1,}" * 49 + "C", "A" * 5000]
    find = "([kind, query, text]) => occurrences(kind, stepsOf(kind, query), text)"
    assert page.evaluate(find, slow) == []


OPENED = "rx_page_page.openPage(rx_explorer_explorer.renderExplorer);"


def test_a_kernel_that_does_not_answer_is_told_in_the_view(page, path, tmp_path):
    """The same page with a model that nobody answers, as after the death of a kernel."""
    mute = """
const { decoded, createModel } = rx_page_page;
const { state, exported } = await decoded(JSON.parse(document.getElementById("state").textContent));
const maps = { _live: true, _analyses: true, _map: exported.maps.X_umap, _map_beside: {} };
const view = { el: document.getElementById("view") };
rx_explorer_explorer.renderExplorer({ model: createModel({ ...state, ...maps }), ...view });
"""
    text = path.read_text(encoding="utf-8").replace(OPENED, mute)
    assert mute in text
    (tmp_path / "mute.html").write_text(text, encoding="utf-8")
    page.clock.install()
    page.goto(f"file://{tmp_path / 'mute.html'}")
    page.locator(".rx-stage").wait_for()
    page.clock.run_for(500)
    lasso(page, page.locator(".rx-stage"))
    assert selected(page) == N  # the view itself goes on
    assert page.locator(".rx-notice").is_hidden()
    page.clock.run_for(16_000)
    page.locator(".rx-notice", has_text="Is the kernel busy, or gone?").wait_for()
    page.locator(".rx-row[data-i='3']").click()
    page.clock.run_for(21_000)
    page.locator(".rx-hint", has_text="run the cell again").wait_for()


def test_without_coordinates_the_view_says_what_to_call(page, rnas, tmp_path):
    bare = anndata.AnnData(obs=rnas.obs)
    page.goto(f"file://{explore(bare).to_html(tmp_path / 'bare.html')}")
    page.locator(".rx-map .rx-message", has_text="rx.tl.umap(adata)").wait_for()
    page.locator(".rx-row[data-i='2']").click()
    page.locator(".rx-near", has_text="rx.tl.embed(adata, 'mini')").wait_for()
    page.locator(".rx-attention .rx-message", has_text="rx.load_model").wait_for()
