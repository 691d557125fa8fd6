"""Plotly figures in a browser without a network: painted, hovered over, chosen in, exported."""

from __future__ import annotations

import shutil
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

import rnaexplore as rx

pytestmark = pytest.mark.browser

_path = Path(__file__).parents[1] / "px" / "conftest.py"
_spec = spec_from_file_location("conftest_of_px", _path)
_px = module_from_spec(_spec)
_spec.loader.exec_module(_px)
adata = _px.adata
many, cloverleaf, partly, contact_map = _px.many, _px.cloverleaf, _px.partly, _px.contact_map
maps, scores, intervals, substitutions = _px.maps, _px.scores, _px.intervals, _px.substitutions
heads, probes, sweep, bins = _px.heads, _px.probes, _px.sweep, _px.bins
losses, confused, alike, close = _px.losses, _px.confused, _px.alike, _px.close
scan, agreement = _px.scan, _px.agreement
call = _px.call

COUNT_CONTEXTS = """
window.contexts = 0;
const asked = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  if (/webgl/.test(kind) && !this.counted) { this.counted = true; window.contexts += 1; }
  return asked.call(this, kind, ...rest);
};
"""
PLOTTED = ".js-plotly-plot .main-svg"


@pytest.fixture
def looks(colours, picture):
    """Return a function that keeps a picture and counts the colors of a figure."""

    def look(page, name):
        picture(page, f"px {name}")
        return colours(page, ".js-plotly-plot")

    return look


def show(page, figure, folder):
    """Open a figure as a page that brings plotly.js along."""
    file = folder / "figure.html"
    figure.write_html(file, include_plotlyjs=True)
    page.add_init_script(COUNT_CONTEXTS)
    page.goto(f"file://{file}")
    page.wait_for_selector(PLOTTED)
    return page


@pytest.mark.parametrize("name", sorted(rx.px.__all__))
def test_every_figure_is_painted(page, call, looks, tmp_path, name):
    show(page, call(rx.px, name), tmp_path)
    assert looks(page, name) > 20
    assert page.locator(".js-plotly-plot .no-webgl").count() == 0


def test_boxes_are_drawn_of_their_quartiles(page, call, tmp_path):
    figure = call(rx.px, "distribution")
    show(page, figure, tmp_path)
    widths = page.locator(".boxlayer path.box").evaluate_all(
        "paths => paths.map((path) => path.getBoundingClientRect().width)"
    )
    spread = np.array([t.upperfence[0] - t.lowerfence[0] for t in figure.data])
    assert len(widths) == len(figure.data)
    wide = np.array(widths)[spread > 0]
    np.testing.assert_allclose(wide / spread[spread > 0], wide[0] / spread[spread > 0][0], rtol=0.1)


def test_hovering_over_a_value_far_out_names_its_rna(page, adata, tmp_path):
    lengths = adata.obs["length"].to_numpy(dtype=float).copy()
    lengths[7] = 5000
    adata.obs["length"] = lengths
    show(page, rx.px.distribution(adata, "length"), tmp_path)
    box = page.locator(".boxlayer path.point").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector(".hovertext")
    assert page.locator(".hoverlayer").text_content() == f"{adata.obs_names[7]}length 5000"


def test_the_tree_stands_on_its_cells(page, call, tmp_path):
    show(page, call(rx.px, "clustered_similarity"), tmp_path)
    tree = page.locator(".scatterlayer .lines").bounding_box()
    cells = page.locator(".heatmaplayer image").first.bounding_box()
    cell = cells["width"] / 5
    assert tree["x"] == pytest.approx(cells["x"] + cell / 2, abs=2)
    assert tree["width"] == pytest.approx(4 * cell, abs=4)


def test_a_map_is_one_plot_however_many_traces(page, many, tmp_path):
    show(page, rx.px.umap(many, color="family", top=40), tmp_path)
    canvases = page.locator(".gl-container canvas").count()
    one = page.evaluate("contexts")
    assert one <= canvases
    show(page, rx.px.umap(many), tmp_path)
    assert page.evaluate("contexts") == one


def test_hovering_names_both_letters(page, maps, cloverleaf, tmp_path):
    figure = rx.px.attention(maps, layer=2, head=3)
    show(page, figure, tmp_path)
    box = page.locator(".nsewdrag").first.bounding_box()
    i, j = cloverleaf.pairs[0].tolist()
    page.mouse.move(
        box["x"] + box["width"] * (j + 0.5) / 76, box["y"] + box["height"] * (i + 0.5) / 76
    )
    page.wait_for_selector(".hovertext")
    told = page.locator(".hoverlayer").text_content()
    sequence = cloverleaf.sequence
    assert told.startswith(f"{sequence[i]}{i + 1} attends to {sequence[j]}{j + 1}")
    assert f"{maps.at(2, 3)[i, j]:.4f}" in told


def test_layer_and_head_are_chosen_in_the_page(page, maps, tmp_path):
    show(page, rx.px.head_grid(maps), tmp_path)
    page.locator(".updatemenu-header").first.click()
    page.locator(".updatemenu-dropdown-button").nth(1).click()
    rail = page.locator(".slider-rail-touch-rect").bounding_box()
    page.mouse.click(rail["x"] + rail["width"] * 2 / 3, rail["y"] + rail["height"] / 2)
    page.wait_for_function(
        "document.querySelector('.js-plotly-plot')._fullLayout.annotations[0].text"
        " === 'layer 1, head 2'"
    )
    row = page.evaluate("Array.from(document.querySelector('.js-plotly-plot')._fullData[1].z[5])")
    np.testing.assert_allclose(row, maps.at(1, 2)[5])


def test_the_dark_template_is_dark_on_the_page(page, losses, tmp_path):
    figure = rx.px.history(losses).update_layout(template="rnaexplore+dark")
    show(page, figure, tmp_path)
    ground = page.locator(".js-plotly-plot .main-svg").first
    assert ground.evaluate("e => e.style.background") in ("rgb(21, 24, 29)", "#15181D")


def test_figures_are_written_as_files_where_kaleido_and_a_browser_are(tmp_path, losses):
    pytest.importorskip("kaleido")
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        pytest.skip("no browser on PATH")
    figure = rx.px.history(losses)
    for kind, start in (("svg", b"<svg"), ("png", b"\x89PNG")):
        figure.write_image(tmp_path / f"history.{kind}")
        assert (tmp_path / f"history.{kind}").read_bytes().startswith(start)
