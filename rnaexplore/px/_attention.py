"""One attention map."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnaexplore._figure_data.attention import attention_image
from rnaexplore._figure_data.theme import NESTED, RAMPS
from rnaexplore.maps import AttentionMaps
from rnaexplore.px._figure import figure, heatmap, square_map
from rnaexplore.structure import Structure

__all__ = ["attention", "rings"]


def attention(
    maps: AttentionMaps,
    *,
    layer: int,
    head: int | None,
    reference: Structure | None = None,
    threshold: float = 0.0,
) -> go.Figure:
    """Draw the attention map of one head.

    Parameters
    ----------
    maps
        From `rnaexplore.tl.attention`.
    layer, head
        0-based numbers in the model, as in ``maps.layers`` and ``maps.heads``; ``head=None``
        draws the mean over the layer's heads.
    reference
        The known structure: its pairs are marked by rings, in both triangles.
    threshold
        Weights below that share of the map's largest one are left blank, 0 to 1.

    Returns
    -------
    Figure
        Values and scale are those of `rnaexplore.pl.attention`: rows attend, columns are attended
        to, colors end at the 99.5th percentile. Hovering tells both residues and the weight.

    Raises
    ------
    InputError
        If the maps do not hold that layer or head, the reference is of another length, or the
        threshold is outside 0 to 1.
    """
    shown = attention_image(maps, layer, head, reference, threshold)
    hover = f"%{{y}} attends to %{{x}}<br>{shown.label} %{{z:.4f}}"
    traces = [
        heatmap(
            shown.values, ramp=RAMPS["attention"], ends=(0, shown.end), label=shown.label,
            hover=hover,
        )
    ]  # fmt: skip
    if reference is not None:
        traces.append(rings(reference))
    layout = square_map(maps.residues, "attended residue", "attending residue", shown.title)
    return figure(traces, layout)


def rings(reference: Structure) -> go.Scatter:
    """Return marks of the pairs of a structure, in both triangles."""
    i, j = reference.pairs.T.astype(np.int32) + 1
    return go.Scatter(
        x=np.concatenate([j, i]),
        y=np.concatenate([i, j]),
        mode="markers",
        marker={
            "symbol": "square-open", "size": 8, "color": NESTED, "line": {"width": 1.5},
        },
        name="pair in the reference",
        showlegend=False,
        hovertemplate="%{y} pairs with %{x}<br>in the reference<extra></extra>",
    )  # fmt: skip
