"""Vectors on disk, whose damage is told when they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnaexplore._library_errors import border

__all__ = ["Vectors", "lazily"]


@dataclass(frozen=True, slots=True)
class Vectors:
    """An array of a zarr store; what zarr raises over a damaged chunk becomes our error.

    Parameters
    ----------
    array
        The array.
    source
        The store, for messages.
    """

    array: Any
    source: str

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's."""
        return tuple(self.array.shape)

    @property
    def ndim(self) -> int:
        """The array's."""
        return len(self.shape)

    @property
    def dtype(self) -> Any:
        """The array's."""
        return self.array.dtype

    def __getitem__(self, places: Any) -> Any:
        """Read a part.

        Raises
        ------
        InputError
            If a chunk of it is damaged, naming store and array.
        """
        with border(self.source, problem="is damaged") as here:
            here.record = self.array.path
            return self.array[places]


def lazily(array: Any, source: str) -> Any:
    """Return an array of a zarr store as a dask array."""
    from dask import array as dask

    made: Any = dask  # untyped
    return made.from_array(
        Vectors(array, source),
        chunks=array.chunks,
        name=False,  # not looked for by its content, which would be read for it
        asarray=False,
        meta=np.empty((0,) * array.ndim, dtype=array.dtype),
    )
