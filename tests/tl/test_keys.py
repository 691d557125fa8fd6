"""Golden keys: exactly what each tool writes, and that it survives h5ad and zarr."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pytest

import rnaexplore as rx

CATEGORY = "category"


def described(adata) -> dict[str, dict[str, tuple[str, tuple[int, ...]]]]:
    """Return {slot: {key: (dtype, shape)}}."""
    return {
        "obs": {key: (str(column.dtype), column.shape) for key, column in adata.obs.items()},
        "obsm": {key: (str(a.dtype), a.shape) for key, a in adata.obsm.items()},
        "obsp": {key: (str(a.dtype), a.shape) for key, a in adata.obsp.items()},
        "uns": {key: ("dict", (len(value),)) for key, value in adata.uns.items()},
        "provenance": dict.fromkeys(adata.uns.get("rnaexplore", {}), ("dict", ())),
    }


def written(tool, adata, *args, **options):
    """Return what a tool adds to an AnnData, and the changed AnnData."""
    before = described(adata)
    changed = tool(adata, *args, copy=True, **options)
    assert described(adata) == before
    after = described(changed)
    new = {slot: {k: v for k, v in after[slot].items() if k not in before[slot]} for slot in after}
    return {slot: keys for slot, keys in new.items() if keys}, changed


def equal(a, b) -> bool:
    """Compare provenance records, whose numbers come back from files as numpy's."""
    if isinstance(a, dict):
        return a.keys() == dict(b).keys() and all(equal(a[k], b[k]) for k in a)
    return bool(np.all(a == b))


def assert_survives(adata, folder) -> None:
    adata.write_h5ad(folder / "a.h5ad")
    adata.write_zarr(folder / "a.zarr")
    for back in (ad.read_h5ad(folder / "a.h5ad"), ad.read_zarr(folder / "a.zarr")):
        for slot in ("obs", "obsm", "obsp", "provenance"):
            assert described(back)[slot].keys() == described(adata)[slot].keys()
        for key in adata.obsm:
            np.testing.assert_array_equal(back.obsm[key], adata.obsm[key])
        for key in adata.obs:
            assert list(back.obs[key]) == list(adata.obs[key])
        assert equal(dict(adata.uns["rnaexplore"]), back.uns["rnaexplore"])


@pytest.mark.filterwarnings("ignore:Writing zarr v2 data:UserWarning")
def test_each_tool_writes_exactly_its_keys(rnas, tiny, tmp_path) -> None:
    new, rnas = written(rx.tl.embed, rnas, tiny, progress=False)
    assert new == {
        "obsm": {"X_tiny": ("float32", (60, 32))},
        "uns": {"rnaexplore": ("dict", (1,))},
        "provenance": {"X_tiny": ("dict", ())},
    }
    new, rnas = written(rx.tl.kmers, rnas, k=3)
    assert new == {
        "obsm": {"X_kmer3": ("float32", (60, 64))},
        "provenance": {"X_kmer3": ("dict", ())},
    }
    new, rnas = written(rx.tl.kmers, rnas, k=3, transform="sqrt")
    assert new == {
        "obsm": {"X_kmer3_sqrt": ("float32", (60, 64))},
        "provenance": {"X_kmer3_sqrt": ("dict", ())},
    }
    new, rnas = written(rx.tl.cluster, rnas, use_rep="X_tiny")
    assert new == {
        "obs": {"leiden": (CATEGORY, (60,))},
        "obsp": {"distances": ("float64", (60, 60)), "connectivities": ("float32", (60, 60))},
        "uns": {"neighbors": ("dict", (3,)), "leiden": ("dict", (1,))},
        "provenance": {"leiden": ("dict", ())},
    }
    new, rnas = written(rx.tl.cluster, rnas, use_rep="X_tiny", method="hdbscan")
    assert new == {
        "obs": {"hdbscan": (CATEGORY, (60,))},
        "provenance": {"hdbscan": ("dict", ())},
    }
    new, rnas = written(rx.tl.umap, rnas, use_rep="X_tiny")
    assert new == {
        "obsm": {"X_umap": ("float32", (60, 2))},
        "provenance": {"X_umap": ("dict", ())},
    }
    new, rnas = written(rx.tl.fold, rnas, tiny, progress=False)
    assert new == {
        "obs": {"structure_tiny": ("object", (60,))},
        "provenance": {"structure_tiny": ("dict", ())},
    }
    new, rnas = written(rx.tl.pseudo_likelihood, rnas, tiny, method="one-pass", progress=False)
    keys = ("pseudo_log_likelihood_tiny", "pseudo_perplexity_tiny", "entropy_tiny")
    columns = [*(f"{key}_one_pass" for key in keys), "composition_perplexity"]
    assert new == {
        "obs": dict.fromkeys(columns, ("float64", (60,))),
        "provenance": {"pseudo_log_likelihood_tiny_one_pass": ("dict", ())},
    }
    new, rnas = written(rx.tl.group_by_identity, rnas)
    assert new == {
        "obs": {"identity_group": (CATEGORY, (60,))},
        "provenance": {"identity_group": ("dict", ())},
    }
    new, rnas = written(rx.tl.nearest_identity, rnas)
    assert new == {
        "obs": {
            "nearest_identity": ("float64", (60,)),
            "nearest_identity_name": ("object", (60,)),
        },
        "provenance": {"nearest_identity": ("dict", ())},
    }
    assert_survives(rnas, tmp_path)


def test_tools_that_return_results_write_nothing(hairpins, tiny) -> None:
    before = described(hairpins)
    rx.tl.attention(hairpins, "h1", tiny)
    rx.tl.contacts(hairpins, "h1", tiny)
    rx.tl.score_heads(hairpins, tiny, n_random=1, progress=False)
    rx.tl.fill_mask(hairpins, "h1", tiny, positions=[0])
    rx.tl.residue_probabilities(hairpins, "h1", tiny, progress=False)
    rx.tl.mutate(hairpins, "h1", tiny, progress=False)
    rx.tl.rescue(hairpins, "h1", tiny)
    assert described(hairpins) == before
