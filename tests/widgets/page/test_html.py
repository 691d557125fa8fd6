"""Pages that need neither a network nor Python."""

import base64
import json
import re
import zlib

import numpy as np
import pytest

from rnaexplore.errors import MissingKeyError
from rnaexplore.maps import AttentionMaps, ContactMap
from rnaexplore.widgets import AttentionViewer, ContactStudio, EmbeddingMap, explore
from rnaexplore.widgets.core import bundle

#: What a saved picture holds, ``url(#…)`` and ``href="${…}"``, fetches nothing.
FETCHES = re.compile(
    r"""https?:|//cdn|\bsrc\s*=|\bhref\s*=(?!"\$\{)|@import|\burl\((?!#)|\bfetch\(|\bimport\("""
)


def content(path):
    text = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="state">(.*?)</script>', text, re.DOTALL)[1])


def unpacked(packed):
    return np.frombuffer(zlib.decompress(base64.b64decode(packed["$deflate"])), dtype=np.uint8)


def pages(adata, model, folder):
    maps = AttentionMaps(np.ones((1, 2, 3, 3)) / 3, (0,), (0, 1), "ACG", "tiny")
    contacts = ContactMap(np.zeros((3, 3)), "ACG", method="regression", model="tiny")
    views = [explore(adata, model), EmbeddingMap(adata), AttentionViewer(maps)]
    return [
        view.to_html(folder / f"{k}.html")
        for k, view in enumerate([*views, ContactStudio(contacts)])
    ]


def test_pages_refer_to_nothing_outside(adata, model, tmp_path):
    for path in pages(adata, model, tmp_path):
        text = path.read_text(encoding="utf-8")
        assert FETCHES.findall(text) == []
        assert "default-src 'none'" in text


def test_page_holds_maps_of_one_rna_of_each_family(adata, model, tmp_path):
    exported = content(explore(adata, model).to_html(tmp_path / "x.html"))["exported"]
    families = {adata.obs["family"].iloc[int(i)] for i in exported["rnas"]}
    assert families == {"tRNA", "5S_rRNA", "U1"}
    assert len(exported["rnas"]) == 3


def test_page_holds_the_maps_asked_for(adata, model, tmp_path):
    view = explore(adata, model)
    view.selected = "rna8"
    exported = content(view.to_html(tmp_path / "x.html", maps=["rna5"]))["exported"]
    assert list(exported["rnas"]) == ["5"]
    assert exported["opened"] == 8
    with pytest.raises(MissingKeyError, match="rna6x"):
        view.to_html(tmp_path / "y.html", maps=["rna6x"])


def test_exported_weights_are_within_the_documented_error(adata, model, tmp_path):
    page = content(explore(adata, model).to_html(tmp_path / "x.html", maps=["rna5"]))
    attention = page["exported"]["rnas"]["5"]["attention"]
    levels = unpacked(attention["levels"]).reshape(3, 4, 18, 18)
    tops = np.array(attention["tops"]).reshape(3, 4, 1, 1)
    expected = model.attentions(adata.obs["sequence"].iloc[5])
    error = np.abs((levels / 255) ** 2 * tops - expected)
    assert (error <= np.sqrt(expected * tops) / 255 + 1e-5).all()


def test_page_without_a_model_says_so(adata, tmp_path):
    exported = content(explore(adata).to_html(tmp_path / "x.html"))["exported"]
    assert exported["rnas"] == {}
    assert "rx.load_model" in exported["without"]


def test_an_open_rna_is_not_stored_twice(adata, model, tmp_path):
    view = explore(adata, model)
    view.selected = 4
    state = content(view.to_html(tmp_path / "x.html"))["state"]
    assert state["_attention"] == state["_contacts"] == state["_gallery"] == {}


def test_a_name_cannot_break_out_of_the_page(adata, model, tmp_path):
    evil = "</script><script>alert(1)</script>"
    adata.obs_names = [evil, *adata.obs_names[1:]]
    adata.obs["family"] = adata.obs["family"].cat.rename_categories({"tRNA": evil})
    text = explore(adata, model).to_html(tmp_path / "x.html").read_text(encoding="utf-8")
    assert "<script>alert" not in text


def test_page_of_100_000_points_is_small(large, tmp_path):
    path = explore(large).to_html(tmp_path / "x.html")
    assert path.stat().st_size <= 8_000_000


@pytest.mark.parametrize(
    "entry",
    [
        "explorer/explorer",
        "explorer/map_widget",
        "attention/attention_widget",
        "contacts/studio",
        "mutations/mutation_widget",
        "page/page",
    ],
)
def test_bundles_are_plain_scripts(entry):
    script = bundle.bundle(entry)
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    assert script.count("function createScope") <= 1
    assert f"const {bundle.scope(entry)} = " in script


@pytest.fixture
def modules(monkeypatch):
    """Let the modules be those of a dictionary."""
    texts: dict[str, str] = {}
    monkeypatch.setattr(bundle, "_read", texts.__getitem__)
    return texts


def test_each_module_keeps_its_own_scope(modules):
    modules["x/a.js"] = 'import { f } from "../y/b.js";\nconst g = 1;\nexport function h() {}\n'
    modules["y/b.js"] = "const g = 2;\nexport const f = () => g;\n"
    assert bundle.bundle.__wrapped__("x/a") == (
        "const rx_y_b = (() => {\nconst g = 2;\nconst f = () => g;\nreturn { f };\n})();\n"
        "const rx_x_a = (() => {\nconst { f } = rx_y_b;\nconst g = 1;\nfunction h() {}\n"
        "return { h };\n})();"
    )


def test_an_import_of_what_is_not_exported_is_refused(modules):
    modules["a.js"] = 'import { f, g } from "./b.js";\n'
    modules["b.js"] = "export function g() {}\nfunction f() {}\n"
    with pytest.raises(ValueError, match=r"a\.js imports f, which b\.js does not export"):
        bundle.bundle.__wrapped__("a")


@pytest.mark.parametrize(
    "line", ['import * as all from "./b.js";', "export { g };", "export default 1;"]
)
def test_what_cannot_be_joined_is_refused(modules, line):
    modules["a.js"] = f"function g() {{}}\n{line}\n"
    with pytest.raises(ValueError, match=r"a\.js cannot be joined"):
        bundle.bundle.__wrapped__("a")
