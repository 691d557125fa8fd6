"""What is given in place of an AnnData is told what to pass; one rule for `use_rep`."""

from __future__ import annotations

import numpy as np
import pytest

import rnaexplore as rx
from rnaexplore.errors import InputError, MissingKeyError


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ("my.fa", r"rx\.read_fasta\('my\.fa'\)"),
        ("families.sto", r"rx\.read_stockholm\('families\.sto'\)"),
        ("out.h5ad", r"anndata\.read_h5ad\('out\.h5ad'\)"),
        ("out.zarr", r"rx\.read_lazy\('out\.zarr'\)"),
        ("ACGU", r"rx\.from_sequences\(\['ACGU'\]\)"),
        ("mini", "the AnnData comes first, the model after it"),
        (["ACGU"], r"a list of 1; .*rx\.from_sequences"),
        ({"a": "ACGU"}, r"a dict of 1; .*rx\.from_sequences"),
        (None, "a NoneType; the AnnData comes first"),
    ],
)
@pytest.mark.parametrize(
    "call",
    [
        rx.tl.embed,
        rx.explore,
        lambda given: rx.finetune(given, "mini", "kind", out="never"),
        rx.tl.cluster,
        lambda given: rx.tl.mutate(given, "a"),
    ],
    ids=["embed", "explore", "finetune", "cluster", "mutate"],
)
def test_other_things_than_an_anndata_are_told_what_to_pass(call, given, remedy) -> None:
    with pytest.raises(InputError, match=rf"expected an AnnData, got .*{remedy}"):
        call(given)


CALLS = {
    "umap": rx.tl.umap,
    "cluster": rx.tl.cluster,
    "evaluate": lambda rnas, **rep: rx.tl.evaluate(rnas, n_boot=5, progress=False, **rep),
    "probe": lambda rnas, **rep: rx.tl.probe(rnas, "family", n_boot=5, split="random", **rep),
}


@pytest.mark.parametrize("name", CALLS)
def test_use_rep_is_the_one_embedding_unless_there_are_several(rnas, tiny, name) -> None:
    with pytest.raises(MissingKeyError, match=r"no embeddings; rx\.tl\.embed\(adata\)"):
        CALLS[name](rnas)
    rx.tl.embed(rnas, tiny, progress=False)
    rnas.obsm["X_theirs"] = np.zeros((60, 2))  # not made by embed
    CALLS[name](rnas)
    rx.tl.embed(rnas, tiny, layer=0, key_added="X_first", progress=False)
    with pytest.raises(InputError, match="pass use_rep= one of X_tiny, X_first"):
        CALLS[name](rnas)
    CALLS[name](rnas, use_rep="X_tiny")


def test_what_was_looked_up_is_noted(rnas, tiny) -> None:
    rx.tl.embed(rnas, tiny, progress=False)
    rx.tl.cluster(rnas)
    assert rnas.uns["rnaexplore"]["leiden"]["use_rep"] == "X_tiny"
