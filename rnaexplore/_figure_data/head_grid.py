"""What the grid of all heads shows: thumbnails, and where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnaexplore.maps import AttentionMaps

__all__ = ["MOST_PIXELS", "Grid", "Ranked", "grid_of", "places_of", "shrunk", "thumbnail"]

MOST_PIXELS = 96  #: a side of a thumbnail

_PERCENTILE = 99.5

Ranked = Sequence[tuple[int, int, float]]


@dataclass(frozen=True, slots=True)
class Grid:
    """Where thumbnails lie."""

    length: int
    gap: int
    columns: int
    labelled: bool

    def corner(self, slot: int) -> tuple[int, int]:
        """Return row and column of a thumbnail's first pixel."""
        row, column = divmod(slot, self.columns)
        label = round(self.length * 0.55) if self.labelled else 0
        return label + row * (self.length + self.gap + label), column * (self.length + self.gap)

    def canvas(self, pictures: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return all thumbnails in one array, NaN between them."""
        y, _ = self.corner(len(pictures) - 1)
        width = self.columns * (self.length + self.gap) - self.gap
        canvas = np.full((y + self.length, width), np.nan, dtype=np.float32)
        for slot, picture in enumerate(pictures):
            y, x = self.corner(slot)
            canvas[y : y + self.length, x : x + self.length] = picture
        return canvas


def places_of(
    maps: AttentionMaps,
    ranked: Ranked | None = None,
    marked: tuple[int, int | None] | None = None,
) -> list[tuple[int, int]]:
    """Return layer and head of each thumbnail in order.

    Raises
    ------
    InputError
        If `ranked` or `marked` names a map that is not there.
    """
    if ranked is None:
        places = [(layer, head) for layer in maps.layers for head in maps.heads]
    else:
        places = [(layer, head) for layer, head, _ in ranked]
    one = None if marked is None or marked[1] is None else (marked[0], marked[1])
    for layer, head in places if one is None else [*places, one]:
        maps.at(layer, head)
    return places


def grid_of(length: int, columns: int, *, labelled: bool) -> Grid:
    """Return the grid of thumbnails of that side."""
    return Grid(length, max(1, round(length * 0.06)), columns, labelled)


def thumbnail(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a map from 0 to 1, shrunk if it is large."""
    top = float(np.percentile(values, _PERCENTILE)) or 1.0
    clipped: NDArray[np.float32] = np.clip(shrunk(values) / top, 0, 1).astype(np.float32)
    return clipped


def shrunk(values: NDArray[np.float32], most: int = MOST_PIXELS) -> NDArray[np.float32]:
    """Return a map of at most `most` pixels a side, each the largest of its cells."""
    if len(values) <= most:
        return values
    starts = np.arange(most) * len(values) // most
    small: NDArray[np.float32] = np.maximum.reduceat(
        np.maximum.reduceat(values, starts, axis=0), starts, axis=1
    )
    return small
