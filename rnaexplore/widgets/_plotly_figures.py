"""What the views show as plotly figures, drawn by `rnaexplore.px`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rnaexplore import px
from rnaexplore.errors import InputError
from rnaexplore.widgets.columns import Annotated, read
from rnaexplore.widgets.points import coordinates
from rnaexplore.widgets.points import label as map_label

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    from rnaexplore.structure import Structure
    from rnaexplore.widgets.attention_viewer import AttentionViewer
    from rnaexplore.widgets.contact_studio import ContactStudio

__all__ = ["attention_figure", "map_figure", "studio_figure"]


def map_figure(
    adata: AnnData,
    annotated: Annotated,
    basis: str | None,
    color: str | None,
    selected: NDArray[np.int64],
) -> Any:
    """Return a map of the RNAs that it holds, with the selection; positions are those in `adata`.

    Raises
    ------
    InputError
        If no map is shown.
    """
    from anndata import AnnData

    if basis is None:
        msg = "there is no map to draw: no basis is chosen. Set .basis to a key of obsm"
        raise InputError(msg)
    plane = coordinates(adata, basis)
    held = np.flatnonzero(np.isfinite(plane[:, 0]))
    name = f"X_{map_label(adata, basis)}"
    drawn = AnnData(obs=annotated.obs.iloc[held], obsm={name: plane[held]}, uns={**annotated.uns})
    group = None if color is None else getattr(read(annotated, color), "grouping", None)
    figure = px.embedding(drawn, name, color=color, group=group or None, dimensions=2)
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
