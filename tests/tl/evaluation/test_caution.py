"""A model's known weakness is in every result of its masked-language head, and nowhere else."""

from __future__ import annotations

import warnings
from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import rnaexplore as rx
from rnaexplore.errors import RnaExploreWarning
from rnaexplore.models import get_spec, list_models
from rnaexplore.tl.evaluation import caution

SEQUENCE = "GGGGAAAACCCC"
WEAK = "toy is weak at loops."


@pytest.fixture
def adata():
    return rx.from_sequences({"a": SEQUENCE, "b": "GCGCUUUUGCGC"})


@pytest.fixture
def weak(tiny):
    """A model like `tiny` whose entry has a caution."""
    model = tiny.randomised(seed=0)
    model.adapter.spec = replace(model.spec, cautions={"logits": WEAK})
    model.adapter.complete = True
    return model


@pytest.fixture(autouse=True)
def _new_session():
    caution._warn.cache_clear()
    yield
    caution._warn.cache_clear()


FOLD = rx.Structure.from_dot_bracket(SEQUENCE, "((((....))))")
RESULTS = {
    "mutate": lambda a, m: rx.tl.mutate(a, "a", m, progress=False),
    "jacobian": lambda a, m: rx.tl.jacobian(a, "a", m, progress=False),
    "dependency": lambda a, m: rx.tl.jacobian(a, "a", m, kind="dependency", progress=False),
    "contacts": lambda a, m: rx.tl.contacts(a, "a", m, method="jacobian", progress=False),
    "controls": lambda a, m: rx.tl.jacobian_controls(a, "a", m, progress=False).mirror,
    "probabilities": lambda a, m: rx.tl.residue_probabilities(a, "a", m, progress=False),
    "one-pass": lambda a, m: rx.tl.residue_probabilities(a, "a", m, method="one-pass"),
    "fill_mask": lambda a, m: rx.tl.fill_mask(a, "a", m, positions=[0, 3]),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_carry_it_and_say_it(adata, weak, tiny, name) -> None:
    found = RESULTS[name](adata, weak)
    assert found.caution == WEAK
    assert repr(found).endswith(f"; caution: {WEAK}>")
    without = RESULTS[name](adata, tiny)
    assert without.caution == ""
    assert "caution" not in repr(without)
    assert repr(without) == repr(found).replace(f"; caution: {WEAK}", "").replace("toy", "tiny")


def test_other_capabilities_do_not(adata, weak) -> None:
    assert rx.tl.contacts(adata, "a", weak).caution == ""
    assert weak.spec.caution("contacts") == ""
    assert weak.spec.caution("logits") == WEAK


TABLES = {
    "rescue": lambda a, m: rx.tl.rescue(a, "a", m, structure=FOLD),
    "variants": lambda a, m: rx.tl.variants(
        a,
        pd.DataFrame({"name": ["a"], "position": [3], "reference": ["G"], "alternative": ["A"]}),
        m,
        progress=False,
    ),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.filterwarnings("ignore:1 of 1 variants have fewer")
def test_tables_carry_it_and_warn_once(adata, weak, tiny, name) -> None:
    with pytest.warns(RnaExploreWarning, match=WEAK) as caught:
        found = TABLES[name](adata, weak)
    assert found.attrs["caution"] == WEAK
    (told,) = (w for w in caught if WEAK in str(w.message))
    assert told.filename == __file__, "the warning names the line of the caller"
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=WEAK)
        again = TABLES[name](adata, weak)
        assert again.attrs["caution"] == WEAK, "told once, kept always"
        assert TABLES[name](adata, tiny).attrs["caution"] == ""


def test_columns_carry_it_in_their_provenance(adata, weak, tiny, tmp_path) -> None:
    with pytest.warns(RnaExploreWarning, match=WEAK):
        rx.tl.pseudo_likelihood(adata, weak, progress=False)
    rx.tl.pseudo_likelihood(adata, tiny, method="one-pass", progress=False)
    adata.write_h5ad(tmp_path / "a.h5ad")
    made = ad.read_h5ad(tmp_path / "a.h5ad").uns["rnaexplore"]
    assert made["pseudo_log_likelihood_tiny"]["caution"] == WEAK
    assert made["pseudo_log_likelihood_tiny_one_pass"]["caution"] == ""


def test_tables_of_results_carry_it(adata, weak) -> None:
    assert rx.tl.mutate(adata, "a", weak, progress=False).to_frame().attrs["caution"] == WEAK
    found = rx.tl.fill_mask(adata, "a", weak, positions=[0]).to_frame()
    assert found.attrs["caution"] == WEAK
    assert list(found.columns) == ["residue", "A", "C", "G", "U", "own", "entropy"]


def test_the_bundled_model_has_one_for_its_language_head_alone() -> None:
    cautions = get_spec("mini").cautions
    assert set(cautions) == {"logits"}
    assert "unpaired residues" in cautions["logits"]
    assert cautions["logits"].endswith(".")
    assert len(cautions["logits"]) < 200, "it has to fit into a widget"


def test_other_models_of_the_catalog_have_none() -> None:
    assert [name for name in list_models().index if get_spec(name).cautions] == ["mini"]


def test_results_of_mini_say_it(adata) -> None:
    found = rx.tl.fill_mask(adata, "a", "mini", positions=[0])
    assert found.caution == get_spec("mini").cautions["logits"]


def test_a_coupling_map_hands_it_on(adata, weak) -> None:
    couplings = rx.tl.jacobian(adata, "a", weak, progress=False)
    assert couplings.contacts().caution == WEAK
    np.testing.assert_array_equal(couplings.contacts().values.diagonal(), 0)
