"""Damage of stores and files over which libraries would read too far, or for ever."""

from __future__ import annotations

import warnings

import anndata
import numcodecs
import numpy as np
import pandas as pd
import pytest
import zarr
from anndata import AnnData

import rnaexplore as rx
from rnaexplore.errors import InputError
from rnaexplore.io.hdf5 import check_hdf5
from rnaexplore.io.stored import read_stored


@pytest.fixture
def adata() -> AnnData:
    rng = np.random.default_rng(0)
    obs = pd.DataFrame({"sequence": ["ACGU", "GGGG"]}, index=["a", "b"])
    return AnnData(obs=obs, obsm={"X_a": rng.normal(size=(2, 5)).astype("f4")})


@pytest.fixture(params=[2, 3])
def store(adata, tmp_path, request):
    """A store whose vectors are compressed with Blosc, in each format of zarr."""
    path = tmp_path / "a.zarr"
    codec = {
        2: {"compressor": numcodecs.Blosc()}, 3: {"compressors": [zarr.codecs.BloscCodec()]},
    }[request.param]  # fmt: skip
    with (
        warnings.catch_warnings(),
        anndata.settings.override(zarr_write_format=request.param),
    ):
        warnings.simplefilter("ignore")
        adata.write_zarr(path)
        group = zarr.open_group(str(path), mode="a", use_consolidated=False)
        group.create_array(
            "obsm/X_a", data=adata.obsm["X_a"], overwrite=True, **codec,
            attributes={"encoding-type": "array", "encoding-version": "0.2.0"},
        )  # fmt: skip
        zarr.consolidate_metadata(str(path))
    return path


def chunk_of(store):
    (path,) = [p for p in (store / "obsm" / "X_a").rglob("*") if p.is_file() and p.name[0] in "0c"]
    return path


def test_whole_chunks_are_read(store, adata) -> None:
    np.testing.assert_array_equal(read_stored(store).obsm["X_a"], adata.obsm["X_a"])
    np.testing.assert_array_equal(np.asarray(rx.read_lazy(store).obsm["X_a"]), adata.obsm["X_a"])


@pytest.mark.parametrize("read", [read_stored, rx.read_lazy])
@pytest.mark.parametrize("kept", [0, 5, 20, -1])
def test_a_chunk_that_was_cut_off_is_told(read, kept, store) -> None:
    path = chunk_of(store)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"chunk obsm.X_a.* was cut off"):
        read(store)


def test_damage_that_is_met_later_is_told_too(adata, tmp_path) -> None:
    """The vectors of a lazy store are read when they are used."""
    path = tmp_path / "a.zarr"
    with (
        warnings.catch_warnings(),
        anndata.settings.override(zarr_write_format=3, auto_shard_zarr_v3=False),
    ):
        warnings.simplefilter("ignore")
        adata.write_zarr(path)
    lazy = rx.read_lazy(path)
    chunk = chunk_of(path)
    chunk.write_bytes(chunk.read_bytes()[:-4])
    with pytest.raises(InputError, match=r"a\.zarr', record 'obsm/X_a', is damaged"):
        np.asarray(lazy.obsm["X_a"])


def test_a_store_of_something_else_is_refused(tmp_path) -> None:
    path = tmp_path / "a.zarr"
    group = zarr.open_group(str(path), mode="w", zarr_format=3)
    group.attrs.update({"encoding-type": "dict", "encoding-version": "0.1.0"})
    for read in (read_stored, rx.read_lazy):
        with pytest.raises(InputError, match="holds"):
            read(path)


def test_texts_without_an_end_are_refused(adata, tmp_path) -> None:
    """HDF5 would follow an unused object of size 0 to itself, and never end."""
    path = tmp_path / "a.h5ad"
    adata.write_h5ad(path)
    check_hdf5(path)
    data = bytearray(path.read_bytes())
    start = data.find(b"GCOL\x01\0\0\0")
    assert start > 0
    data[start + 16 : start + 32] = bytes(16)
    path.write_bytes(data)
    with pytest.raises(InputError, match=f"the texts at byte {start} have no end"):
        read_stored(path)


def test_widths_that_anndata_does_not_write_are_refused(adata, tmp_path) -> None:
    path = tmp_path / "a.h5ad"
    adata.write_h5ad(path)
    data = bytearray(path.read_bytes())
    data[14 if data[8] < 2 else 10] = 4
    path.write_bytes(data)
    with pytest.raises(InputError, match="of a kind that AnnData is not written in"):
        read_stored(path)
