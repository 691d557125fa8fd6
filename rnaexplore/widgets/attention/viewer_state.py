"""State of the attention viewer: how the map is treated, which pairs are drawn, how heads lie."""

from __future__ import annotations

from typing import Any

import traitlets

from rnaexplore.widgets.attention.attention_state import AttentionState

__all__ = ["ViewerState"]


class ViewerState(AttentionState):
    """What is done with the map looked at.

    Attributes
    ----------
    symmetrize : bool
        Whether weights are averaged over both directions.
    apc : bool
        Whether the average product correction is applied, after `symmetrize`.
    threshold : float
        0 to 1, as a share of the map's largest value: weights below it are left blank, and pairs
        below it are not drawn.
    top_k : int
        Most pairs drawn as arcs, 0 or more.
    order : str
        Thumbnails ``"in place"`` (a row a layer) or ``"ranked"`` (best head first).
    show_reference : bool
        Whether the pairs of the reference are marked on the map.
    """

    symmetrize = traitlets.Bool(False).tag(sync=True)  # noqa: FBT003
    apc = traitlets.Bool(False).tag(sync=True)  # noqa: FBT003
    threshold = traitlets.Float(0.0).tag(sync=True)
    top_k = traitlets.Int(0).tag(sync=True)
    order = traitlets.Enum(("in place", "ranked"), "in place").tag(sync=True)
    show_reference = traitlets.Bool(True).tag(sync=True)  # noqa: FBT003
    _structure = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    _ranking = traitlets.Dict().tag(sync=True)

    @traitlets.validate("threshold")
    def _threshold_is_share(self, proposal: Any) -> float:
        value = float(proposal["value"])
        if not 0 <= value <= 1:
            msg = f"threshold must be in [0, 1], a share of the largest value, got {value}"
            raise traitlets.TraitError(msg)
        return value

    @traitlets.validate("top_k")
    def _top_k_counts(self, proposal: Any) -> int:
        value = int(proposal["value"])
        if value < 0:
            msg = f"top_k must be 0 or more, got {value}"
            raise traitlets.TraitError(msg)
        return value
