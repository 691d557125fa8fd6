"""One plotly figure and one explorer in JupyterLab: a lasso in one is the selection of both."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from benchmarks.lab import RUN, notebook

pytestmark = pytest.mark.browser

WAIT = 90_000

SETUP = """
import anndata
import numpy as np
import plotly.graph_objects as go
import rnaexplore as rx
from ipywidgets import Button, Label, VBox

adata = anndata.read_h5ad("sample.h5ad")
"""
SHOW = """
def observers(view):
    return sum(len(fn) for kinds in view._trait_notifiers.values() for fn in kinds.values())

def callbacks(figure):
    return sum(len(t._select_callbacks) + len(t._deselect_callbacks) for t in figure.data)

ex = rx.explore(adata)
figure = go.FigureWidget(rx.px.umap(adata, color="family"))
figure.update_layout(dragmode="lasso", height=420, width=700)
before = observers(ex), observers(figure), callbacks(figure)
link = rx.link(ex, figure)
told = Label("nothing yet").add_class("told-by-python")

def tell(*_):
    lit = [0 if t.selectedpoints is None else len(t.selectedpoints) for t in figure.data]
    told.value = f"explorer {len(ex.selection)} figure {sum(lit)} linked {len(link.views)}"

ex.observe(tell, "selection")
for trace in figure.data:
    trace.on_change(tell, "selectedpoints")
tell()

left = Label("linked").add_class("left-behind")

def unlink(_):
    link.unlink()
    ex.unobserve(tell, "selection")
    now = observers(ex), observers(figure), callbacks(figure)
    left.value = f"left {[a - b for a, b in zip(now, before)]}"
    ex.observe(tell, "selection")
    tell()

def close(_):
    global link
    link = rx.link(ex, figure)
    figure.close()
    ex.unobserve(tell, "selection")
    left.value = f"closed, {len(link.views)} linked, {callbacks(figure) - before[2]} callbacks left"

buttons = [Button(description=name) for name in ("Unlink", "Close")]
for button, act in zip(buttons, (unlink, close)):
    button.on_click(act)
VBox([told, left, *buttons, figure, ex])
"""


@pytest.fixture(scope="module")
def opened(browser, lab, adata):
    """The notebook with its cells run; every request beyond the loopback is refused and listed."""
    base, folder = lab
    adata.write_h5ad(folder / "sample.h5ad")
    (folder / "link.ipynb").write_text(notebook(SETUP, SHOW))
    context = browser.new_context(viewport={"width": 1300, "height": 1700})
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
    page.goto(f"{base}/doc/tree/link.ipynb?reset")
    page.wait_for_function("() => window.jupyterapp && window.jupyterapp.restored")
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    page.evaluate(RUN)
    page.wait_for_selector(".rx-stages[data-painted]")
    page.wait_for_selector(".js-plotly-plot .nsewdrag")
    yield page, outside
    context.close()


def drag(page, selector, across=1.0):
    """Drag around the left part of a map."""
    box = page.locator(selector).first.bounding_box()
    left, top = box["x"] + 6, box["y"] + 6
    right, bottom = left + (box["width"] - 12) * across, top + box["height"] - 12
    page.mouse.move(left, top)
    page.mouse.down()
    for point in [(right, top), (right, bottom), (left, bottom), (left, top)]:
        page.mouse.move(*point, steps=8)
    page.mouse.up()


def lit(page):
    """Return how many points of the figure are selected in the browser."""
    return page.evaluate(
        "document.querySelector('.js-plotly-plot')._fullData"
        ".reduce((n, t) => n + (t.selectedpoints ? t.selectedpoints.length : 0), 0)"
    )


def expect(page, text):
    page.locator(".told-by-python").filter(has_text=re.compile(text)).wait_for()


def test_a_lasso_in_the_figure_selects_in_the_explorer(opened, picture):
    page, outside = opened
    expect(page, "explorer 0 figure 0 linked 2")
    drag(page, ".js-plotly-plot .nsewdrag")
    expect(page, "explorer 300 figure 300 linked 2")
    page.locator(".rx-count", has_text="300 RNAs selected").wait_for()
    assert lit(page) == 300
    picture(page, "linked")
    assert outside == []


def test_a_lasso_in_the_explorer_selects_in_the_figure(opened, picture):
    page, _ = opened
    page.locator(".rx-entry", has_text="tRNA").click()
    expect(page, "explorer 100 figure 100 linked 2")
    page.wait_for_function(
        "document.querySelector('.js-plotly-plot')._fullData"
        ".map((t) => (t.selectedpoints || []).length).sort().join() === '0,0,100'"
    )
    drag(page, ".rx-stage", across=0.45)
    expect(page, "explorer 1[0-9]{2} figure 1[0-9]{2} linked 2")
    picture(page, "linked back")
    n = int(re.search(r"\d+", page.locator(".rx-count").inner_text())[0])
    page.wait_for_function(
        "n => document.querySelector('.js-plotly-plot')._fullData"
        ".reduce((k, t) => k + (t.selectedpoints || []).length, 0) === n",
        arg=n,
    )


def test_unlinked_views_go_their_own_ways_and_nothing_is_left_behind(opened):
    page, _ = opened
    page.get_by_role("button", name="Unlink").click()
    page.locator(".left-behind").filter(has_text="left [0, 0, 0]").wait_for()
    before = lit(page)
    page.locator(".rx-entry", has_text="U1").click()
    expect(page, f"explorer 100 figure {before} linked 0")
    assert lit(page) == before


def test_a_closed_figure_leaves_the_link(opened):
    page, outside = opened
    page.get_by_role("button", name="Close").click()
    told = "closed, 1 linked, 0 callbacks left"
    page.locator(".left-behind").filter(has_text=told).wait_for()
    page.locator(".rx-entry", has_text="tRNA").click()
    page.locator(".rx-count", has_text="100 RNAs selected").wait_for()
    assert outside == []
