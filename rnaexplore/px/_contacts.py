"""A contact map and the known structure: prediction above the diagonal, reference below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnaexplore._figure_data.contacts import LIT, Mark, contact_image
from rnaexplore._figure_data.theme import HEAT, LIGHT
from rnaexplore.maps import ContactMap
from rnaexplore.px._figure import figure, heatmap, scale, square_map, symbol
from rnaexplore.structure import Structure

__all__ = ["contacts"]

_BAR = 0.45  #: height of the color bar, below the legend, as a share of that of the map
_WIDTH, _ABOVE = 720, 70  #: pixels of the figure, and above the map, for two lines of title
_SIZE = 7  #: of a mark, in pixels


def contacts(
    cmap: ContactMap,
    reference: Structure | None = None,
    *,
    predicted: Structure | None = None,
    other: ContactMap | None = None,
    highlight: Sequence[Sequence[int]] = (),
) -> go.Figure:
    """Draw a contact map, with the known structure in the lower triangle if there is one.

    Parameters
    ----------
    cmap
        From `rnaexplore.tl.contacts`.
    reference
        The known structure. Its pairs take the lower triangle: found ones filled, missed ones
        hollow. The title then tells F1, strictly and with one partner off by one allowed (±1).
    predicted
        The structure that the map stands for, from ``cmap.decode(…)``; with a reference and
        without this it is ``cmap.decode()``.
    other
        Another map of the same RNA for the lower triangle; `reference` is then the structure
        that it stands for, ``other.decode()`` by default.
    highlight
        Pairs, 0-based, to ring in both triangles: for example a helix.

    Returns
    -------
    Figure
        Values and marks are those of `rnaexplore.pl.contacts`. Hovering tells both residues with
        their letters and the value; kinds of pairs can be hidden in the legend.

    Raises
    ------
    InputError
        If a structure does not have the length of the map.
    """
    shown = contact_image(cmap, reference, predicted, other, highlight)
    hover = f"%{{y}} – %{{x}}<br>{shown.label} %{{z:.3f}}"
    traces = [
        heatmap(
            shown.values, ramp=scale(HEAT), ends=(0, 1), label=shown.label, hover=hover, bar=_BAR
        ),
        _diagonal(len(cmap)),
    ]
    for title, marks in shown.triangles:
        traces += list(_marks(title, marks))
    if len(shown.lit):
        traces.append(_mark(shown.lit, LIT, ""))
    layout = square_map(cmap.residues, "residue", "residue", shown.title.replace("\n", "<br>"))
    layout.update(width=_WIDTH, margin_t=_ABOVE)
    layout.legend = {"x": 1.02, "y": 1.0, "xanchor": "left"}
    return figure(traces, layout)


def _diagonal(n: int) -> go.Scatter:
    ends = [0.5, n + 0.5]
    line = {"color": LIGHT.line, "width": 1}
    return go.Scatter(x=ends, y=ends, mode="lines", line=line, hoverinfo="skip", showlegend=False)


def _marks(title: str, marks: dict[Mark, NDArray[np.int64]]) -> Iterator[go.Scatter]:
    """Return the marks of one triangle as a block of the legend."""
    for mark, pairs in marks.items():
        trace = _mark(pairs, mark, title)
        trace.legendgroup = title
        trace.legendgrouptitle.text = title
        yield trace


def _mark(pairs: NDArray[np.int64], mark: Mark, title: str) -> go.Scatter:
    """Return the pairs of one kind; rows are down, columns across."""
    hollow = mark.face == "none"
    down, across = pairs.T.astype(np.int32) + 1
    told = f"{mark.label}, {title}" if title else mark.label
    return go.Scatter(
        x=across,
        y=down,
        mode="markers",
        name=mark.label,
        marker={
            "symbol": symbol(mark.marker) + ("-open" if hollow else ""),
            "size": _SIZE,
            "color": mark.edge if hollow else mark.face,
            "line": {"color": mark.edge, "width": 1.5},
        },
        hovertemplate=f"%{{y}} – %{{x}}<br>{told}<extra></extra>",
    )
