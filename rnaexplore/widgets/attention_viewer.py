"""The viewer of attention maps."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import anywidget

from rnaexplore.errors import InputError
from rnaexplore.maps import AttentionMaps
from rnaexplore.widgets import _figures
from rnaexplore.widgets._attention_state import AttentionState
from rnaexplore.widgets._bundle import esm, stylesheet
from rnaexplore.widgets._export import packed_attention
from rnaexplore.widgets._html import synced, write_page
from rnaexplore.widgets._sources import Held

__all__ = ["AttentionViewer"]


class AttentionViewer(AttentionState, anywidget.AnyWidget):
    """Attention maps of one RNA: thumbnails of every head, one map at full size.

    Parameters
    ----------
    maps
        The maps, for example from ``rx.tl.attention``. Weights may not be negative:
        corrected maps (`AttentionMaps.apc`) have no colour scale here; draw them with
        `rnaexplore.pl`.

    Raises
    ------
    InputError
        If a weight is negative.

    Notes
    -----
    `layer` and `head` (``None`` for the mean over heads) are traits. Only the map looked at travels
    to the browser.
    """

    _esm = esm("attention_widget", "renderAttentionWidget")
    _css = stylesheet()

    def __init__(self, maps: AttentionMaps) -> None:
        if (maps.values < 0).any():
            msg = "maps hold negative weights; view them before apc(), or draw with rx.pl.attention"
            raise InputError(msg)
        self._maps = maps
        super().__init__(_layers=list(maps.layers), _heads=list(maps.heads), layer=maps.layers[-1])
        self._open_attention(Held(maps))

    def __repr__(self) -> str:
        return f"<AttentionViewer of {self._maps!r}, layer {self.layer}, head {self.head}>"

    def to_html(self, path: str | PathLike[str]) -> Path:
        """Write the viewer as one page that needs no network; every layer and head stays in it.

        Weights are stored as uint8 on a square-root scale of each head's largest weight.
        """
        exported = {"attention": packed_attention(self._maps)}
        name = "renderAttentionWidget"
        return write_page(
            path, "attention_widget", name, synced(self), title="Attention", exported=exported
        )

    def savefig(self, path: str | PathLike[str]) -> Path:
        """Write the map looked at as a figure, drawn by `rnaexplore.pl`."""
        return _figures.save_attention(path, self._maps, self.layer, self.head)
