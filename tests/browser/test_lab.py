"""The explorer in JupyterLab: it draws, a lasso reaches Python, a click opens the maps."""

from urllib.parse import urlsplit

import pytest

from benchmarks.lab import RUN, notebook

pytestmark = pytest.mark.browser

WAIT = 60_000

SETUP = """
import anndata, torch
import rnaexplore as rx
from ipywidgets import Label, VBox
from rnaexplore.models import get_spec
from rnaexplore.models.adapters.esm import EsmAdapter
from rnaexplore.models.model import Model

torch.set_num_threads(1)
torch.manual_seed(0)
spec = get_spec("mini")
adapter = EsmAdapter(spec, EsmAdapter.build(spec).eval())
model = Model(adapter, device=torch.device("cpu"), weights_sha256="0" * 64, source="random")
adata = anndata.read_h5ad("sample.h5ad")
"""
SHOW = """
ex = rx.explore(adata, model)
ex.selection = adata.obs["family"] == "U1"
said = Label("nothing yet").add_class("said-by-python")
opened = Label("nothing yet").add_class("opened-by-python")

def say(change):
    said.value = f"{len(change['new'])} from {change['new'][0]}"

def tell(change):
    opened.value = f"opened {change['new']}"

saved = Label("nothing yet").add_class("written-by-python")

def list_columns(change):
    saved.value = ", ".join(adata.obs.columns)

ex.observe(list_columns, "_notice")
ex.observe(say, "selection")
ex.observe(tell, "selected")
VBox([ex, said, opened, saved])
"""


@pytest.fixture(scope="module")
def opened(browser, lab, adata):
    """The notebook with its cells run; every request beyond the loopback is refused and listed."""
    base, folder = lab
    adata.write_h5ad(folder / "sample.h5ad")
    (folder / "demo.ipynb").write_text(notebook(SETUP, SHOW))
    context = browser.new_context(viewport={"width": 1440, "height": 1500})
    outside = []

    def guard(route):
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.goto(f"{base}/doc/tree/demo.ipynb?reset")
    page.wait_for_function("() => window.jupyterapp && window.jupyterapp.restored")
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    page.evaluate(RUN)
    page.wait_for_selector(".rx-explorer")
    yield page, outside
    context.close()


def corners(page):
    box = page.locator(".rx-stage").bounding_box()
    left, top = box["x"] + 6, box["y"] + 6
    right, bottom = box["x"] + box["width"] - 6, box["y"] + box["height"] - 6
    return left, top, right, bottom


def drag(page, points):
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=3)
    page.mouse.up()


def test_it_draws_and_shows_what_python_selected(opened, colours):
    page, outside = opened
    assert page.locator(".rx-count").inner_text() == "100 RNAs selected"
    assert page.locator(".rx-stage").get_attribute("data-renderer") == "webgl2"
    assert colours(page, ".rx-stage") > 50
    assert outside == []


def test_a_lasso_reaches_python(opened):
    page, _ = opened
    left, top, right, bottom = corners(page)
    drag(page, [(left, top), (right, top), (right, bottom), (left, bottom)])
    said = page.locator(".said-by-python")
    said.filter(has_text="300 from rna000").wait_for()
    middle = (left + right) / 2
    drag(page, [(left, top + 160), (middle, top + 160), (middle, bottom), (left, bottom)])
    said.filter(has_text="100 from rna000").wait_for()
    assert page.locator(".rx-count").inner_text() == "100 RNAs selected"


def test_a_click_opens_sequence_attention_and_contacts(opened, colours, picture):
    page, outside = opened
    page.locator(".rx-rows .rx-row").nth(2).click()
    page.locator(".opened-by-python").filter(has_text="opened rna002").wait_for()
    page.locator(".rx-rna-name").filter(has_text="rna002").wait_for()
    assert page.locator(".rx-cell").count() == 76
    page.locator(".rx-attention .rx-cells").wait_for()
    assert colours(page, ".rx-attention .rx-cells") > 20
    assert colours(page, ".rx-gallery canvas") > 20
    page.locator(".rx-contacts .rx-scores td").first.wait_for()
    page.get_by_label("Head", exact=True).select_option("3")
    page.locator(".rx-attention .rx-cells[aria-label='Attention map, layer 5, head 3']").wait_for()
    assert outside == []
    picture(page, "lab")


def test_what_the_view_asks_for_is_done_in_python(opened, picture):
    page, outside = opened
    page.get_by_label("Kind of search").select_option("motif")
    page.locator(".rx-search input").fill("GGAUUUAGC")
    page.locator(".rx-found", has_text="300 matches").wait_for()
    page.get_by_role("button", name="Select", exact=True).click()
    page.locator(".said-by-python").filter(has_text="300 from rna000").wait_for()
    page.locator(".rx-entry", has_text="tRNA").click(modifiers=["Alt"])
    page.locator(".said-by-python").filter(has_text="200 from rna001").wait_for()
    page.get_by_label("Undo").click()
    page.locator(".said-by-python").filter(has_text="300 from rna000").wait_for()
    page.get_by_label("Redo").click()
    page.locator(".said-by-python").filter(has_text="200 from rna001").wait_for()
    page.get_by_label("Name of the column").fill("two_families")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".rx-notice", has_text="200 RNAs marked in obs['two_families']").wait_for()
    page.locator(".written-by-python").filter(has_text="two_families").wait_for()
    page.get_by_role("button", name="Re-cluster").click()
    page.locator(".rx-notice", has_text="rx.tl.embed").wait_for()
    page.get_by_role("tab", name="Selection").click()
    page.locator(".rx-kmers", has_text="None is more frequent").wait_for()
    assert outside == []
    picture(page, "lab-asked")
