"""AnnData files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from rnaexplore._border import border
from rnaexplore.errors import InputError

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["read_stored"]

_HDF5 = b"\x89HDF\r\n\x1a\n"


def read_stored(path: str | os.PathLike[str]) -> AnnData:
    """Read an ``.h5ad`` file, with errors that say what is wrong with it.

    Raises
    ------
    InputError
        If the file is not HDF5, is damaged, or holds no AnnData.
    """
    from anndata import read_h5ad

    with Path(path).open("rb") as file:
        start = file.read(len(_HDF5))
    if start != _HDF5:
        msg = f"{str(path)!r} is no .h5ad file: it must be HDF5, and starts with {start[:8]!r}"
        raise InputError(msg)
    with border(path, problem="holds no AnnData that can be read, or is damaged"):
        return read_h5ad(path)
