"""State: the layer and head looked at, and the one map that this asks for."""

from __future__ import annotations

from typing import Any

import traitlets

from rnaexplore.errors import RnaExploreError
from rnaexplore.widgets.core.maps import THUMBNAIL, Held, OnDemand, attention_slice, thumbnails
from rnaexplore.widgets.core.messages import note

__all__ = ["AttentionState"]


class AttentionState(traitlets.HasTraits):
    """Layer and head of an attention map.

    Attributes
    ----------
    layer : int
        0-based layer of the model.
    head : int or None
        0-based head, ``None`` for the mean over the heads of the layer.
    """

    layer = traitlets.Int(0).tag(sync=True)
    head = traitlets.Int(None, allow_none=True).tag(sync=True)
    _layers = traitlets.List(traitlets.Int()).tag(sync=True)
    _heads = traitlets.List(traitlets.Int()).tag(sync=True)
    _attention = traitlets.Dict().tag(sync=True)
    _gallery = traitlets.Dict().tag(sync=True)

    _source: Held | OnDemand | None = None
    _thumbnail = THUMBNAIL

    @traitlets.validate("layer")
    def _layer_exists(self, proposal: Any) -> int:
        return _among("layer", proposal["value"], self._layers)

    @traitlets.validate("head")
    def _head_exists(self, proposal: Any) -> int | None:
        value: int | None = proposal["value"]
        return None if value is None else _among("head", value, self._heads)

    @traitlets.observe("layer", "head")
    def _look_elsewhere(self, change: Any) -> None:  # noqa: ARG002
        if self._source is not None:
            self._draw_attention(self._source)

    def _open_attention(self, source: Held | OnDemand) -> None:
        """Show the maps of another RNA."""
        self._source = source
        self._gallery = {}
        if self._draw_attention(source):
            self._gallery = thumbnails(source.complete, self._thumbnail)

    def _close_attention(self, message: str) -> None:
        """Show a message in place of a map."""
        self._source = None
        self._gallery = {}
        self._attention = {"message": message}

    def _draw_attention(self, source: Held | OnDemand) -> bool:
        """Send the map that is looked at, or why there is none; return whether there is one."""
        try:
            self._attention = attention_slice(source.maps(self.layer), self.layer, self.head)
        except (RnaExploreError, MemoryError) as error:
            self._close_attention(note(error))
            return False
        return True


def _among(what: str, value: int, held: list[int]) -> int:
    if held and value not in held:
        msg = f"{what} must be {_allowed(held)}, got {value}"
        raise traitlets.TraitError(msg)
    return value


def _allowed(held: list[int]) -> str:
    if held == list(range(held[0], held[-1] + 1)):
        return f"in [{held[0]}, {held[-1]}]"
    return f"one of {', '.join(map(str, held))}"
