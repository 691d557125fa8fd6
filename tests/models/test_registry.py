"""The catalog, the registry, and models that other packages bring along."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from rnaexplore.errors import InputError, UnknownModelError
from rnaexplore.models import get_spec, list_models, names, register, registry
from rnaexplore.models.adapters.base import Adapter
from rnaexplore.models.catalog import CATALOG, entry
from rnaexplore.models.registry import adapter_class
from rnaexplore.models.table import markdown_table

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "tutorials" / "registering-a-model.md"


@pytest.mark.parametrize("spec", CATALOG, ids=lambda spec: spec.name)
def test_every_entry_is_complete(spec):
    assert re.fullmatch(r"[a-z0-9-]+", spec.name)
    assert issubclass(adapter_class(spec), Adapter)
    assert spec.dim % spec.n_heads == 0
    assert spec.trained_on
    assert spec.citation
    weights = spec.weights
    assert weights.licence
    assert weights.bundled or weights.hub or weights.url or weights.page
    assert (weights.hub is None) == (weights.hub_file is None)
    assert "embed" in spec.can
    assert ("predict" in spec.can) == bool(spec.outputs)
    alphabet = spec.alphabet
    assert len(set(alphabet.tokens)) == len(alphabet.tokens)
    assert all(residue in alphabet.ids for residue in alphabet.residues)
    assert alphabet.pad in alphabet.tokens


#: name, layers, dim, heads, FFN, tokens, (pad, cls, eos, mask), longest input: models.md, section 0
TABLE = [
    ("rnafm", 12, 640, 20, 5120, 25, (1, 0, 2, 24), 1022),
    ("mrnafm", 12, 1280, 20, 5120, 73, (1, 0, 2, 72), 1022),
    ("rinalmo-giga", 33, 1280, 20, 3413, 22, (1, 0, 2, 4), None),
    ("rinalmo-mega", 30, 640, 20, 1706, 22, (1, 0, 2, 4), None),
    ("rinalmo-micro", 12, 480, 20, 1280, 22, (1, 0, 2, 4), None),
    ("rnaernie", 12, 768, 12, 3072, 39, (0, 2, 3, 4), 510),
    ("rnaernie2", 12, 768, 12, 3072, 11, (0, 2, 3, 5), 2046),
    ("splicebert", 6, 512, 16, 2048, 10, (0, 2, 3, 4), 1024),
    ("splicebert-510nt", 6, 512, 16, 2048, 10, (0, 2, 3, 4), 510),
    ("splicebert-human-510nt", 6, 512, 16, 2048, 10, (0, 2, 3, 4), 510),
    ("rnaernie-multimolecule", 12, 768, 12, 3072, 28, (0, 1, 2, 4), 510),
    ("rnabert", 6, 120, 12, 40, 6, (0, None, None, 1), 440),
]


@pytest.mark.parametrize("facts", TABLE, ids=lambda facts: facts[0])
def test_the_published_facts(facts):
    name, layers, dim, heads, ffn, tokens, specials, limit = facts
    spec = get_spec(name)
    ids = spec.alphabet.ids
    assert (spec.n_layers, spec.dim, spec.n_heads) == (layers, dim, heads)
    assert spec.config["intermediate_size"] == ffn
    assert len(spec.alphabet.tokens) == tokens
    a = spec.alphabet
    assert tuple(t if t is None else ids[t] for t in (a.pad, a.cls, a.eos, a.mask)) == specials
    assert spec.max_length == limit


def test_listing_shows_every_entry():
    frame = list_models()
    assert list(frame.index) == names()
    assert {spec.name for spec in CATALOG} <= set(frame.index)
    for spec in CATALOG:
        row = frame.loc[spec.name]
        assert (row.layers, row.heads, row.dim) == (spec.n_layers, spec.n_heads, spec.dim)
        assert row.licence == spec.weights.licence
        assert row.unit == spec.alphabet.unit
    assert frame.loc["rnaernie-multimolecule", "licence"] == "AGPL-3.0"


def test_the_markdown_table_has_a_row_for_every_entry():
    lines = markdown_table().splitlines()
    assert len(lines) == 2 + len(CATALOG)
    assert len({line.count("|") for line in lines}) == 1
    for spec, line in zip(CATALOG, lines[2:], strict=True):
        assert line.startswith(f"| `{spec.name}` |")
        assert spec.weights.licence in line


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(UnknownModelError, match="Did you mean 'rinalmo-giga'"):
        get_spec("rinalmo_giga")
    with pytest.raises(UnknownModelError, match="'splicebert'"):
        entry("splicebrt")


def test_a_taken_name_is_refused(monkeypatch):
    kept = dict(registry._registry())
    monkeypatch.setattr(registry, "_registry", lambda: kept)
    spec = replace(get_spec("mini"), name="mine")
    register(spec)
    assert get_spec("mine") is spec
    with pytest.raises(InputError, match="registered already"):
        register(spec)
    with pytest.raises(InputError, match="'rnafm' is registered already"):
        register(get_spec("rnafm"))


def run(code, *paths):
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "HF_HUB_OFFLINE": "1",
    }
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_listing_imports_nothing_heavy():
    out = run(
        "import sys, rnaexplore as rx; rx.list_models(); rx.models.get_spec('rinalmo-giga');"
        "print([m for m in ('torch', 'transformers', 'anndata', 'scanpy') if m in sys.modules])",
        ROOT,
    )
    assert out.strip() == "[]"


@pytest.fixture
def lab(tmp_path):
    """Build the package of the tutorial page, installed as its metadata says."""
    blocks = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    code = [text for kind, text in blocks if kind == "python"]
    toml = next(text for kind, text in blocks if kind == "toml")
    (tmp_path / "lab_models.py").write_text("\n".join(code))
    info = tmp_path / "lab_models-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lab-models\nVersion: 1.0\n")
    points = re.findall(r'^(\w+) = "(.+)"$', toml, flags=re.MULTILINE)
    lines = ["[rnaexplore.models]", *(f"{name} = {place}" for name, place in points)]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_the_models_of_another_package(lab):
    out = run("import rnaexplore as rx; print(*rx.models.names())", lab, ROOT).split()
    assert {"splicebert-plants", "neighbours"} <= set(out)
    assert [name for name in out if name in names()] == names()


def test_another_architecture_runs_and_is_verified(lab):
    torch.manual_seed(0)
    state = {
        "net.letters.weight": torch.randn(6, 16),
        "net.mix.weight": torch.randn(16, 16, 5),
        "net.mix.bias": torch.randn(16),
    }
    save_file(state, lab / "neighbours.safetensors")
    code = f"""
import numpy as np, rnaexplore as rx
model = rx.load_model("neighbours", weights={str(lab / "neighbours.safetensors")!r}, device="cpu")
report = model.verify()
assert report.ok, report
np.save({str(lab / "out.npy")!r}, model.embed(["GGGAAACCC", "acguTT"]))
"""
    run(code, lab, ROOT)
    vectors = np.load(lab / "out.npy")
    ids = torch.tensor([["<pad>", "<unk>", *"ACGU"].index(c) for c in "GGGAAACCC"])
    letters = state["net.letters.weight"][ids].T[None]
    mixed = torch.nn.functional.conv1d(
        letters, state["net.mix.weight"], state["net.mix.bias"], padding=2
    )
    np.testing.assert_allclose(vectors[0], mixed[0].mean(1), atol=1e-5)


def test_two_packages_with_one_name_are_refused(lab, tmp_path):
    info = tmp_path / "lab_models-1.0.dist-info" / "entry_points.txt"
    info.write_text(info.read_text() + "again = lab_models:neighbours\n")
    with pytest.raises(AssertionError, match="'neighbours' is registered already"):
        run("import rnaexplore as rx; rx.list_models()", lab, ROOT)
