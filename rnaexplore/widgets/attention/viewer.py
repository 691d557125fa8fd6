"""The viewer of attention maps."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.maps import AttentionMaps
from rnaexplore.structure import Structure
from rnaexplore.widgets.attention.ranking import Ranking, rank, top_pairs
from rnaexplore.widgets.attention.viewer_state import ViewerState
from rnaexplore.widgets.core import figures
from rnaexplore.widgets.core.bundle import esm, stylesheet
from rnaexplore.widgets.core.maps import Held, one_map
from rnaexplore.widgets.page.export import packed_attention
from rnaexplore.widgets.page.html import synced, write_page

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["AttentionViewer"]

RESIDUES_A_PAIR = 4  #: without a reference, so many residues for each pair drawn at first


class AttentionViewer(ViewerState, anywidget.AnyWidget):
    """Attention maps of one RNA: thumbnails of every head, one map at full size, its best pairs.

    Parameters
    ----------
    maps
        The maps, for example from ``rx.tl.attention``. Weights may not be negative: the viewer
        corrects them itself (`apc`).
    reference
        The known structure: marked on the map, drawn below the arcs, and what heads are ranked
        by. Without one they are ranked by how much like helices their maps look.

    Attributes
    ----------
    layer : int
        0-based layer.
    head : int or None
        0-based head; ``None`` is the mean over the layer's heads.
    symmetrize, apc : bool
        What is done with the map.
    threshold : float
        0 to 1, as a share of the map's largest value.
    top_k : int
        Most pairs drawn as arcs; at first as many as the reference has, or a fourth of L.
    order : str
        Thumbnails ``"in place"`` or ``"ranked"``.
    show_reference : bool
        Whether reference pairs are marked on the map.

    Raises
    ------
    InputError
        If a weight is negative, or the reference is of another length.

    Notes
    -----
    Thumbnails of all heads and the one map looked at travel to the browser, with 8 bits a weight
    on a square-root scale of that map's largest weight m: a weight v is shown to within
    ``sqrt(v * m) / 255``. What `pairs`, `ranking` and `savefig` give comes from the full maps.
    """

    _esm = esm("attention/attention_widget", "renderAttentionWidget")
    _css = stylesheet()
    _thumbnail = 48

    def __init__(self, maps: AttentionMaps, reference: Structure | None = None) -> None:
        if maps.values.min() < 0:
            msg = "maps hold negative weights; give them before apc(), the viewer has its own"
            raise InputError(msg)
        n = maps.values.shape[-1]
        if reference is not None and len(reference) != n:
            msg = f"the maps have {n} residues, the reference {len(reference)}"
            raise InputError(msg)
        self._maps = maps
        self._reference = reference
        self._rank: Ranking | None = None
        super().__init__(
            _layers=list(maps.layers),
            _heads=list(maps.heads),
            layer=maps.layers[-1],
            top_k=max(1, n // RESIDUES_A_PAIR) if reference is None else len(reference.pairs),
            _structure=None if reference is None else reference.dot_bracket,
        )
        self._open_attention(Held(maps))

    def __repr__(self) -> str:
        return f"<AttentionViewer of {self._maps!r}, layer {self.layer}, head {self.head}>"

    @property
    def shown(self) -> AttentionMaps:
        """The map looked at, symmetrised and corrected as chosen, shape (1, 1, L, L)."""
        values = one_map(self._maps, self.layer, self.head)[None, None]
        maps = AttentionMaps(values, (self.layer,), (0,), self._maps.sequence, self._maps.model)
        maps = maps.symmetrize() if self.symmetrize else maps
        return maps.apc() if self.apc else maps

    @property
    def pairs(self) -> NDArray[np.int64]:
        """The pairs drawn as arcs, best first, shape (at most `top_k`, 2), 0-based with i < j.

        Pairs at least 4 apart with the largest mean of both directions, above 0 and the threshold.
        """
        return top_pairs(self.shown.values[0, 0], self.top_k, self.threshold)

    @property
    def ranking(self) -> list[tuple[int, int, float]]:
        """Layer, head and score of every head, best first.

        Of the symmetrised and corrected map: with a reference precision at its number of pairs, 0
        to 1; without one how much more a pair (i, j) correlates with the pair stacked on it than
        with its neighbour at the same distance, -2 to 2.
        """
        scores = self._ranked().scores
        order = np.argsort(-scores, axis=None, kind="stable")
        places = [divmod(int(k), scores.shape[1]) for k in order]
        layers, heads = self._maps.layers, self._maps.heads
        return [(layers[a], heads[b], float(scores[a, b])) for a, b in places]

    def to_html(self, path: str | PathLike[str]) -> Path:
        """Write the viewer as one page that needs no network; every layer and head stays in it.

        Weights are stored as uint8 on a square-root scale of each head's largest weight.
        """
        exported = {"attention": packed_attention(self._maps)}
        state = synced(self) | {"_ranking": self._ranking_state()}
        name = "renderAttentionWidget"
        return write_page(
            path, "attention/attention_widget", name, state, title="Attention", exported=exported
        )

    def to_plotly(self) -> Figure:
        """Return the map looked at as a plotly figure, drawn by `rnaexplore.px`."""
        from rnaexplore.widgets.core.plotly_figures import attention_figure

        return attention_figure(self, figures.attention_title(self, self._maps), self._reference)

    def savefig(self, path: str | PathLike[str]) -> Path:
        """Write the heads, the map looked at and its pairs as a figure of `rnaexplore.pl`.

        The ending sets the format.
        """
        return figures.save_attention(path, self, self._maps, self._reference)

    @traitlets.observe("order")
    def _rank_when_asked(self, change: Any) -> None:
        if change["new"] == "ranked" and not self._ranking:
            self._ranking = self._ranking_state()

    def _ranked(self) -> Ranking:
        if self._rank is None:
            self._rank = rank(self._maps, self._reference)
        return self._rank

    def _ranking_state(self) -> dict[str, Any]:
        found = self._ranked()
        scores = [round(float(score), 4) for score in found.scores.ravel()]
        return {"what": found.what, "scores": scores, "chance": found.chance}
