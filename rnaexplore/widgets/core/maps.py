"""Maps as the views need them: one (layer, head) slice at a time, thumbnails of all heads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnaexplore.maps import AttentionMaps, ContactMap
from rnaexplore.structure import DEFAULT
from rnaexplore.widgets.core.codec import float32_bytes, pooled, quantise

if TYPE_CHECKING:
    from rnaexplore.models.model import Model

__all__ = [
    "Held",
    "OnDemand",
    "attention_slice",
    "contact_payload",
    "decoding",
    "model_contacts",
    "one_map",
    "thumbnails",
]

Array = NDArray[np.float32]

THUMBNAIL = 24  #: pixels a side
LARGEST_HELD = 40_000_000  #: weights of all heads that are kept at once, 160 MB


class Held:
    """Attention maps that are computed already."""

    def __init__(self, maps: AttentionMaps) -> None:
        self._maps = maps

    def maps(self, layer: int) -> AttentionMaps:  # noqa: ARG002
        """Return maps that hold a layer."""
        return self._maps

    @property
    def complete(self) -> AttentionMaps | None:
        """All layers and heads."""
        return self._maps


class OnDemand:
    """Attention maps of one RNA, computed by a model when a layer is looked at.

    Parameters
    ----------
    model
        The model.
    sequence
        The RNA. If all heads together stay below 40 million weights they are computed in one
        pass and kept, else one layer at a time.
    """

    def __init__(self, model: Model, sequence: str) -> None:
        self._model = model
        self._sequence = sequence
        self._kept: AttentionMaps | None = None

    def maps(self, layer: int) -> AttentionMaps:
        """Return maps that hold a layer."""
        if self._kept is None or layer not in self._kept.layers:
            spec = self._model.spec
            layers = range(spec.n_layers) if self._fits else [layer]
            values = self._model.attentions(self._sequence, layers=layers)
            heads = tuple(range(spec.n_heads))
            self._kept = AttentionMaps(values, tuple(layers), heads, self._sequence, spec.name)
        return self._kept

    @property
    def complete(self) -> AttentionMaps | None:
        """All layers and heads, ``None`` if that is too much to keep."""
        return self.maps(0) if self._fits else None

    @property
    def _fits(self) -> bool:
        spec = self._model.spec
        return spec.n_layers * spec.n_heads * len(self._sequence) ** 2 <= LARGEST_HELD


def attention_slice(maps: AttentionMaps, layer: int, head: int | None) -> dict[str, Any]:
    """Return one map for the view as 8-bit levels; the mean over heads if `head` is ``None``."""
    values = one_map(maps, layer, head)
    top = float(values.max())
    return {
        "layer": layer,
        "head": head,
        "n": values.shape[-1],
        "residues": list(maps.residues),
        "top": top,
        "levels": quantise(values, top).tobytes(),
    }


def one_map(maps: AttentionMaps, layer: int, head: int | None) -> Array:
    """Return the map of a head, or for ``None`` the mean over the heads of its layer."""
    if head is not None:
        return maps.at(layer, head)
    rows = maps.values[maps.layers.index(layer)]
    mean: Array = rows.mean(0, dtype=np.float64).astype(np.float32)
    return mean


def thumbnails(maps: AttentionMaps | None, size: int = THUMBNAIL) -> dict[str, Any]:
    """Return a small uint8 picture of every head, each relative to its own largest weight."""
    if maps is None:
        return {}
    small = pooled(maps.values, size)
    tops = small.max(axis=(-1, -2), keepdims=True)
    relative = np.divide(small, tops, out=np.zeros_like(small), where=tops > 0)
    return {"size": small.shape[-1], "data": quantise(relative, 1.0).tobytes()}


def model_contacts(model: Model, sequence: str) -> ContactMap:
    """Return the probabilities of a model's own contact head.

    Raises
    ------
    CapabilityError
        If it has no trained one.
    """
    probabilities = model.contacts(sequence)
    return ContactMap(probabilities, sequence, method="regression", model=model.spec.name)


def decoding() -> dict[str, Any]:
    """Return the settings with which a view takes pairs from a map."""
    return {
        "decoder": DEFAULT.decoder,
        "canonical": DEFAULT.canonical,
        "min_loop": DEFAULT.min_loop,
    }


def contact_payload(contacts: ContactMap, reference: str | None) -> dict[str, Any]:
    """Return a contact map and the dot-bracket it is compared with, for the view."""
    return {
        "n": len(contacts),
        "residues": list(contacts.residues),
        "kind": "float32",
        "top": 1.0,
        "data": float32_bytes(contacts.values),
        "reference": reference,
        "model": contacts.model,
        "method": contacts.method,
        "what": contacts.kind,
        "caution": contacts.caution,
        "decoding": decoding(),
    }
