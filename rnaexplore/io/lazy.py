"""Stores that are larger than memory, opened as AnnData."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnaexplore import _keys
from rnaexplore._library_errors import border
from rnaexplore.errors import InputError, MissingDependencyError
from rnaexplore.io.chunks import check_chunks
from rnaexplore.io.vectors import lazily

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["read_lazy"]

_LAZY = ("/obsm/", "/layers/", "/X", f"/uns/{_keys.NUCLEOTIDES}/")


def read_lazy(path: str | os.PathLike[str]) -> AnnData:
    """Open a zarr store with its vectors left on disk.

    ``obs`` and the provenance are read, so that every tool finds names and sequences; the arrays
    of ``obsm``, of ``layers``, ``X`` and the vectors of nucleotides become dask arrays, of which
    is read what is used. (`anndata.experimental.read_lazy` leaves ``obs`` on disk too.)

    Parameters
    ----------
    path
        A store as `rnaexplore.tl.embed_to` or `anndata.AnnData.write_zarr` writes it.

    Returns
    -------
    AnnData
        ``adata[names].to_memory()`` reads a part of it.

    Raises
    ------
    InputError
        If there is no complete store.
    MissingDependencyError
        If dask is missing; ``pip install 'rnaexplore[dask]'``.
    """
    try:
        import dask.array  # noqa: F401
    except ImportError as error:
        msg = "opening a store lazily needs dask: pip install 'rnaexplore[dask]'"
        raise MissingDependencyError(msg) from error
    import zarr
    from anndata import AnnData
    from anndata.experimental import read_dispatched

    if not Path(path, "zarr.json").is_file() and not Path(path, ".zgroup").is_file():
        raise InputError(_no_store(Path(path)))
    with border(path, problem="is no store of an AnnData, or is damaged"):
        read = partial(_read, str(path))
        group = zarr.open_group(str(path), mode="r")
        check_chunks(group, Path(path))
        adata = read_dispatched(group, read)
    if not isinstance(adata, AnnData):
        msg = f"{str(path)!r} holds a {type(adata).__name__}; expected an AnnData"
        raise InputError(msg)
    return adata


def _read(source: str, read: Callable[[Any], Any], name: str, element: Any, *, iospec: Any) -> Any:
    """Read one element of the store: arrays of vectors lazily, all else at once."""
    from anndata import AnnData
    from anndata.experimental import read_dispatched

    if iospec.encoding_type == "anndata":
        parts = {
            k: read_dispatched(element[k], partial(_read, source)) for k in element if k != "raw"
        }
        return AnnData(**parts)
    if iospec.encoding_type == "array" and f"/{name.lstrip('/')}".startswith(_LAZY):
        return lazily(element, source)
    return read(element)


def _no_store(path: Path) -> str:
    partial = path.with_name(f"{path.name}{_keys.PARTIAL}")
    if partial.is_dir():
        return (
            f"{str(path)!r} is not finished: {str(partial)!r} holds what was computed so far. Run "
            "the same rx.tl.embed_to (or rnaexplore embed) again; it goes on from there"
        )
    return f"there is no zarr store at {str(path)!r}; rx.tl.embed_to writes one"
