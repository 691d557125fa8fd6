"""What is seen of a view as SVG and PNG, and the looks of points, in a page without Python."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from rnaexplore._figure_data.palettes import PALETTES, category_palette
from rnaexplore.maps import AttentionMaps, ContactMap, MutationMap
from rnaexplore.structure import Structure
from rnaexplore.widgets import (
    AttentionViewer,
    ContactStudio,
    EmbeddingMap,
    MutationViewer,
    explore,
)

pytestmark = pytest.mark.browser

SEQUENCE = "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAGAUCUGGAGGUCCUGUGUUCGAUCCACAGAAUUCGCACCA"
DOTS = "(((((((..((((........)))).(((((.......))))).....(((((.......))))))))))))...."
KNOWN = Structure.from_dot_bracket(SEQUENCE, DOTS)
SVG = "{http://www.w3.org/2000/svg}"


def saved(page, label):
    """Press a button and return what it downloads."""
    with page.expect_download() as download:
        page.get_by_label(label).click()
    return download.value.path().read_bytes()


def opened(page, view, tmp_path, wait):
    page.goto(f"file://{view.to_html(tmp_path / 'view.html')}")
    page.locator(wait).first.wait_for()
    page.wait_for_timeout(300)
    return page


def texts(root):
    return [text.text for text in root.iter(f"{SVG}text")]


def check(svg, png, keep, name):
    """Return the tree of an SVG whose PNG shows more than its ground."""
    root = ET.fromstring(svg)
    image = Image.open(io.BytesIO(png)).convert("RGB")
    assert image.width == 2 * int(root.get("width"))
    colors = np.unique(np.asarray(image).reshape(-1, 3), axis=0)
    assert len(colors) > 20
    assert not re.search(rb'(?:href|src)="http', svg)
    keep(name, svg, png)
    return root


@pytest.fixture
def keep():
    import os
    from pathlib import Path

    def write(name, svg, png):
        folder = os.environ.get("RNAEXPLORE_SCREENSHOTS")
        if folder:
            (Path(folder) / f"{name}.svg").write_bytes(svg)
            (Path(folder) / f"{name}.png").write_bytes(png)

    return write


def both(page, what):
    return saved(page, f"Save {what} as SVG"), saved(page, f"Save {what} as PNG")


def radii(page):
    found = re.findall(rb'r="([\d.]+)"/>', saved(page, "Save the map as SVG"))
    return {float(value) for value in found}


def test_a_map_is_saved_as_circles_and_texts(page, adata, tmp_path, keep):
    opened(page, EmbeddingMap(adata, color="family"), tmp_path, ".rx-stages[data-painted]")
    root = check(*both(page, "the map"), keep, "picture of a map")
    circles = list(root.iter(f"{SVG}circle"))
    assert len(circles) == adata.n_obs
    assert {"tRNA", "5S_rRNA", "U1", "umap"} <= set(texts(root))
    assert len({circle.get("fill") for circle in circles}) == 3


def test_size_opacity_and_palette_are_chosen_in_the_view(page, adata, tmp_path):
    view = EmbeddingMap(adata, color="family", size=9, opacity=0.5, palette="Dark2")
    opened(page, view, tmp_path, ".rx-stages[data-painted]")
    svg = saved(page, "Save the map as SVG")
    assert radii(page) == {4.5}
    assert b'fill-opacity="0.5"' in svg
    found = {
        "#{:02x}{:02x}{:02x}".format(*map(int, rgb))
        for rgb in re.findall(rb'<circle[^>]*fill="rgb\((\d+),(\d+),(\d+)\)"', svg)
    }
    assert found == set(PALETTES["Dark2"][:3])
    assert not page.get_by_label("Palette", exact=True).is_visible()
    page.get_by_label("Size, opacity and colours of points").click()
    page.get_by_label("Palette", exact=True).select_option("turbo")
    page.get_by_label("Size", exact=True).fill("20")
    page.get_by_label("Opacity", exact=True).fill("1")
    page.wait_for_timeout(300)
    svg = saved(page, "Save the map as SVG").decode()
    assert radii(page) == {10.0}
    for color in category_palette("turbo", 3):
        assert f"rgb({','.join(str(int(color[k : k + 2], 16)) for k in (1, 3, 5))})" in svg


def test_an_explorer_is_saved_as_it_is_seen(page, adata, tmp_path, keep):
    view = explore(adata)
    view.selected = "rna007"
    opened(page, view, tmp_path, ".rx-rna-name")
    page.locator(".rx-rna-name", has_text="rna007").wait_for()
    root = check(*both(page, "everything that is seen"), keep, "picture of an explorer")
    assert {"rna007", "family", "tRNA", "G"} <= set(texts(root))
    assert not {"Save", "PNG", "Re-cluster", "Invert"} & set(texts(root))


def test_an_attention_viewer_is_saved_as_it_is_seen(page, tmp_path, keep):
    rng = np.random.default_rng(0)
    values = rng.random((2, 3, 76, 76)).astype(np.float32) ** 4
    maps = AttentionMaps(
        values / values.sum(-1, keepdims=True), (0, 1), (0, 1, 2), SEQUENCE, "mini"
    )
    opened(page, AttentionViewer(maps, KNOWN), tmp_path, ".rx-cells[data-side]")
    root = check(*both(page, "what is seen"), keep, "picture of attention")
    assert "Best pairs" in texts(root)
    assert len(list(root.iter(f"{SVG}image"))) >= 7  # six thumbnails and the map
    assert len(list(root.iter(f"{SVG}path"))) > len(KNOWN.pairs)


def test_a_mutation_map_is_saved_as_it_is_seen(page, tmp_path, keep):
    scores = np.random.default_rng(0).normal(size=(76, 4)).astype(np.float32)
    scores[np.arange(76), ["ACGU".index(letter) for letter in SEQUENCE]] = 0
    view = MutationViewer(MutationMap(scores, SEQUENCE, "mini", "masked-marginal"), structure=KNOWN)
    opened(page, view, tmp_path, ".rx-mutation-cells")
    root = check(*both(page, "what is seen"), keep, "picture of mutations")
    assert {"Mutations", "A", "C", "G", "U"} <= set(texts(root))


def test_a_studio_is_saved_as_it_is_seen(page, tmp_path, keep):
    values = np.zeros((76, 76), dtype=np.float32)
    values[tuple(KNOWN.pairs.T)] = 0.9
    contacts = ContactMap(values + values.T, SEQUENCE, "regression", "mini")
    studio = ContactStudio([contacts], KNOWN, name="trna")
    opened(page, studio, tmp_path, ".rx-studio .rx-cells[data-side]")
    root = check(*both(page, "what is seen"), keep, "picture of a studio")
    assert "Agreement" in texts(root)
    assert len(list(root.iter(f"{SVG}path"))) > 21


def test_palettes_in_the_page_are_those_of_python(page, module):
    module("explorer/palettes")
    for name in ("viridis", "magma", "tab10"):
        for n in (1, 2, 7, 40):
            found = page.evaluate(
                "([anchors, n, continuous]) => categoryColours(anchors, n, continuous)",
                [PALETTES[name], n, name != "tab10"],
            )
            assert found == category_palette(name, n)
