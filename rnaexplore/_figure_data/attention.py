"""What the map of one attention head shows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.maps import AttentionMaps
from rnaexplore.structure import Structure

__all__ = ["AttentionImage", "attention_image", "end_of_scale", "map_of", "which_head"]

Map = NDArray[np.floating]

_PERCENTILE = 99.5


class AttentionImage(NamedTuple):
    """One map with its scale and its words."""

    values: Map
    end: float
    title: str
    label: str


def attention_image(
    maps: AttentionMaps,
    layer: int,
    head: int | None,
    reference: Structure | None = None,
    threshold: float = 0.0,
) -> AttentionImage:
    """Return the map of one head, or of the mean of a layer's heads, as it is drawn.

    Raises
    ------
    InputError
        If the maps do not hold that layer or head, the reference is of another length, or the
        threshold is outside 0 to 1.
    """
    values = map_of(maps, layer, head)
    _check(values, reference, threshold)
    shown = np.where(values >= threshold * values.max(), values, 0.0) if threshold else values
    title = f"{maps.model}, layer {layer}, {which_head(head)}"
    corrected = "corrected " if values.min() < 0 else ""
    return AttentionImage(shown, end_of_scale(values), title, f"{corrected}attention weight")


def which_head(head: int | None) -> str:
    """Return a head, or the mean of all, in words."""
    return "mean of heads" if head is None else f"head {head}"


def map_of(maps: AttentionMaps, layer: int, head: int | None) -> Map:
    """Return the map of one head, or the mean over the layer's heads."""
    if head is not None:
        return maps.at(layer, head)
    mean: Map = np.mean([maps.at(layer, h) for h in maps.heads], axis=0)
    return mean


def end_of_scale(values: Map) -> float:
    """Return the value at which colours end: the 99.5th percentile, 1 for a map of zeros."""
    top = float(np.percentile(values, _PERCENTILE))
    return top if top > 0 else 1.0


def _check(values: Map, reference: Structure | None, threshold: float) -> None:
    if reference is not None and len(reference) != len(values):
        msg = f"the maps have {len(values)} residues, the reference {len(reference)}"
        raise InputError(msg)
    if not 0 <= threshold <= 1:
        msg = f"threshold must be in [0, 1], a share of the largest weight, got {threshold}"
        raise InputError(msg)
