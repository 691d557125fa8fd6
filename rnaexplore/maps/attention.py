"""Attention maps of one RNA, and what is usually made of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.maps._residues import residues
from rnaexplore.maps.coupling import average_product_correction

__all__ = ["AttentionMaps"]

Array = NDArray[np.float32]

N_AXES = 4


@dataclass(frozen=True, slots=True, eq=False)
class AttentionMaps:
    """Attention maps of some layers and heads for one RNA.

    Parameters
    ----------
    values
        Shape (layers, heads, L, L), kept as read-only float32. ``[l, h, i, j]`` is the weight
        with which residue i attends to residue j, 0 to 1; special tokens are left out, so rows of
        a model's own maps sum to at most 1. After `apc` values may be negative.
    layers
        0-based number in the model of each entry on the first axis.
    heads
        0-based number in its layer of each entry on the second axis.
    sequence
        The RNA; L counts its nucleotides, or its codons for codon models.
    model
        Name of the model.
    start
        0-based residue of the RNA that the first residue of the maps is, where the maps are those
        of a stretch of a longer RNA.

    Raises
    ------
    InputError
        If shapes do not fit, a layer or head is named twice, or a value is not finite.
    """

    values: Array
    layers: tuple[int, ...]
    heads: tuple[int, ...]
    sequence: str
    model: str
    start: int = 0

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=np.float32).view()
        values.flags.writeable = False
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "layers", tuple(int(k) for k in self.layers))
        object.__setattr__(self, "heads", tuple(int(k) for k in self.heads))
        _check_shape(values, self.layers, self.heads)
        residues(self.sequence, values.shape[-1])
        if not np.isfinite(values).all():
            msg = "values must be finite; the maps hold NaN or infinity"
            raise InputError(msg)

    def __repr__(self) -> str:
        layers, heads, n, _ = self.values.shape
        return f"<AttentionMaps {self.model}: {layers} layers x {heads} heads, {n} residues>"

    @property
    def residues(self) -> tuple[str, ...]:
        """Labels of both axes: nucleotides, or codons. Length L."""
        return residues(self.sequence, self.values.shape[-1])

    def at(self, layer: int, head: int) -> Array:
        """Return the map of one head, shape (L, L).

        Parameters
        ----------
        layer, head
            Numbers in the model, as listed in `layers` and `heads`.

        Raises
        ------
        InputError
            If that layer or head is not among the maps.
        """
        row = _position("layer", layer, self.layers)
        column = _position("head", head, self.heads)
        result: Array = self.values[row, column]
        return result

    def symmetrize(self) -> AttentionMaps:
        """Return the maps averaged with their transposes, ``(A + A.T) / 2``."""
        both: Array = self.values + self.values.swapaxes(-1, -2)
        return replace(self, values=both / np.float32(2))

    def apc(self) -> AttentionMaps:
        """Return the maps after the average product correction, each on its own.

        From each value the product of its row's and its column's mean over the map's mean is
        subtracted: what remains is not explained by residues that attend, or are attended to,
        in general. A map of zeros stays as it is. Dunn, Wahl & Gloor 2008,
        doi:10.1093/bioinformatics/btm604; Rao et al. 2021 apply it to symmetrised attention.
        """
        corrected = average_product_correction(self.values)
        return replace(self, values=corrected.astype(np.float32))

    def mean(self) -> Array:
        """Return the mean over all layers and heads held, shape (L, L)."""
        result: Array = self.values.mean((0, 1), dtype=np.float64).astype(np.float32)
        return result

    def max(self) -> Array:
        """Return the maximum over all layers and heads held, shape (L, L)."""
        result: Array = self.values.max((0, 1))
        return result

    def head_mean(self) -> Array:
        """Return the mean over the heads of each layer held, shape (layers, L, L)."""
        result: Array = self.values.mean(1, dtype=np.float64).astype(np.float32)
        return result

    def head_max(self) -> Array:
        """Return the maximum over the heads of each layer held, shape (layers, L, L)."""
        result: Array = self.values.max(1)
        return result

    def rollout(self) -> Array:
        """Return attention rolled out over the layers, shape (L, L).

        ``[i, j]`` estimates how much of the input at residue j reaches residue i after the last
        layer held. Heads are averaged, the identity is added for the residual connection, rows
        are divided by their sum, and the layers are multiplied. Rows sum to 1.
        Abnar & Zuidema 2020, arXiv:2005.00928.

        Raises
        ------
        InputError
            If the layers are not consecutive and ascending, or values are negative (roll out
            before `apc`).
        """
        if any(b - a != 1 for a, b in zip(self.layers, self.layers[1:], strict=False)):
            msg = f"rollout needs consecutive layers in ascending order, got {self.layers}"
            raise InputError(msg)
        if (self.values < 0).any():
            msg = "rollout needs attention weights, but values are negative; call it before apc()"
            raise InputError(msg)
        steps = self.values.mean(1, dtype=np.float64) + np.eye(self.values.shape[-1])
        steps /= steps.sum(-1, keepdims=True)
        rolled = steps[0]
        for step in steps[1:]:
            rolled = step @ rolled
        result: Array = rolled.astype(np.float32)
        return result


def _check_shape(values: Array, layers: tuple[int, ...], heads: tuple[int, ...]) -> None:
    shape = values.shape
    if values.ndim != N_AXES or shape[2] != shape[3] or 0 in shape:
        msg = f"values must have shape (layers, heads, L, L) with none of them 0, got {shape}"
        raise InputError(msg)
    for what, n, named in (("layer", shape[0], layers), ("head", shape[1], heads)):
        if len(named) != n or len(set(named)) != n:
            msg = f"values hold {n} {what}s, so {what}s must name {n} different ones, got {named}"
            raise InputError(msg)


def _position(what: str, number: int, held: tuple[int, ...]) -> int:
    if number not in held:
        msg = (
            f"{what} {number} is not among the maps; they hold {what}s {', '.join(map(str, held))}"
        )
        raise InputError(msg)
    return held.index(number)
