"""AnnData files and stores, read whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from rnaexplore._library_errors import border
from rnaexplore.errors import InputError
from rnaexplore.io.chunks import check_chunks
from rnaexplore.io.hdf5 import check_hdf5

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["read_stored"]


def read_stored(path: str | os.PathLike[str]) -> AnnData:
    """Read an ``.h5ad`` file or a ``.zarr`` store, with errors that say what is wrong with it.

    Raises
    ------
    InputError
        If the file is not HDF5, is damaged, or holds no AnnData.
    """
    from anndata import AnnData, read_h5ad

    is_folder = Path(path).is_dir()
    if not is_folder:
        check_hdf5(Path(path))
    with border(path, problem="holds no AnnData that can be read, or is damaged"):
        found = _read_zarr(Path(path)) if is_folder else read_h5ad(path)
    if not isinstance(found, AnnData):
        msg = f"{str(path)!r} holds a {type(found).__name__}; expected an AnnData"
        raise InputError(msg)
    return found


def _read_zarr(path: Path) -> AnnData:
    import zarr
    from anndata import read_zarr

    check_chunks(zarr.open_group(str(path), mode="r"), path)
    return read_zarr(path)
