"""What the views show as plotly figures, drawn by `rnaexplore.px`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rnaexplore import px
from rnaexplore.widgets.core.drawn_map import drawn_map, grouping

if TYPE_CHECKING:
    from rnaexplore.structure import Structure
    from rnaexplore.widgets.attention.viewer import AttentionViewer
    from rnaexplore.widgets.contacts.studio import ContactStudio
    from rnaexplore.widgets.core.drawn_map import MapView

__all__ = ["attention_figure", "map_figure", "studio_figure"]

_FAINTEST = 0.01  #: opacity that a figure can have


def map_figure(view: MapView) -> Any:
    """Return a map of the RNAs that it holds, as it looks; positions are those in the AnnData.

    Raises
    ------
    InputError
        If no map is shown.
    """
    drawn, held = drawn_map(view)
    figure = px.embedding(
        drawn, next(iter(drawn.obsm)), color=view.color, group=grouping(view), dimensions=2,
        palette=view.palette, size=view.size, alpha=max(view.opacity, _FAINTEST),
    )  # fmt: skip
    selected = view.selection_indices
    for trace in figure.data:
        if trace.customdata is not None:
            trace.customdata = held[trace.customdata].astype(np.int32)
            if len(selected):
                trace.selectedpoints = np.flatnonzero(np.isin(trace.customdata, selected))
    return figure


def attention_figure(view: AttentionViewer, title: str, reference: Structure | None) -> Any:
    """Return the attention map that is looked at."""
    ringed = reference if view.show_reference else None
    figure = px.attention(
        view.shown, layer=view.layer, head=0, reference=ringed, threshold=view.threshold
    )
    return figure.update_layout(title_text=title)


def studio_figure(studio: ContactStudio) -> Any:
    """Return the maps and structures that a studio compares."""
    return px.contacts(
        studio.shown_map,
        studio.other,
        predicted=studio.structure,
        other=studio.against_map,
        highlight=studio.helix,
    )
