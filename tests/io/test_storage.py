"""What io writes into an AnnData survives h5ad and zarr."""

from __future__ import annotations

import subprocess
import sys

import anndata
import numpy as np
import pytest

from rnaexplore import _keys
from rnaexplore.errors import RnaExploreWarning
from rnaexplore.io import read_fasta, read_stockholm

STOCKHOLM = """\
# STOCKHOLM 1.0
#=GF ID fam
a/1-4 GGAACC
b     XXXXXX
a/1-4 ......
#=GC SS_cons <<..>>
//
# STOCKHOLM 1.0
a/1-4 GGAACC
//
"""


def as_lists(value):
    """A nested dictionary with arrays and lists alike as lists, numbers as Python's."""
    if isinstance(value, dict):
        return {key: as_lists(inner) for key, inner in value.items()}
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


@pytest.fixture(params=["stockholm", "fasta"])
def adata(request, write):
    if request.param == "fasta":
        return read_fasta(write("a.fa", ">a x\nACGU\n>b\nACGU\n"))
    with pytest.warns(RnaExploreWarning):
        return read_stockholm(
            write("a.sto", STOCKHOLM.replace("a/1-4 ......\n", "")), on_invalid="drop"
        )


@pytest.mark.filterwarnings("ignore:Writing zarr v2 data:UserWarning")
@pytest.mark.parametrize("kind", ["h5ad", "zarr"])
def test_round_trip(adata, tmp_path, kind):
    before = adata.copy()
    if kind == "h5ad":
        adata.write_h5ad(tmp_path / "a.h5ad")
        back = anndata.read_h5ad(tmp_path / "a.h5ad")
    else:
        adata.write_zarr(tmp_path / "a.zarr")
        back = anndata.read_zarr(tmp_path / "a.zarr")
    assert back.shape == before.shape
    assert list(back.obs_names) == list(before.obs_names)
    assert list(back.obs.columns) == list(before.obs.columns)
    for column in before.obs:
        old, new = before.obs[column].astype(object), back.obs[column].astype(object)
        assert new.where(new.notna(), None).tolist() == old.where(old.notna(), None).tolist()
    assert as_lists(back.uns[_keys.PROVENANCE]) == as_lists(before.uns[_keys.PROVENANCE])


def test_importing_io_and_datasets_imports_nothing_heavy():
    code = (
        "import sys, rnaexplore.io, rnaexplore.datasets\n"
        "heavy = {'anndata', 'pandas', 'torch', 'Bio', 'pooch', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert 'read_fasta' in dir(rnaexplore.io) and 'rfam' in dir(rnaexplore.datasets)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("module", ["io", "datasets"])
def test_unknown_names(module):
    package = __import__(f"rnaexplore.{module}", fromlist=["x"])
    with pytest.raises(AttributeError, match=f"module 'rnaexplore.{module}' has no attribute"):
        package.nothing  # noqa: B018
    for name in package.__all__:
        assert getattr(package, name).__name__ == name
