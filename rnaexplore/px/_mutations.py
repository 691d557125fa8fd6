"""Scores of all substitutions in one RNA, over its sequence, structure and entropy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from rnaexplore._figure_data.mutations import (
    MOST_BITS,
    UNIT,
    MutationImage,
    TrackArc,
    mutation_image,
)
from rnaexplore._figure_data.residues import residue_names
from rnaexplore._figure_data.theme import GREY, RAMPS
from rnaexplore.maps import MutationMap
from rnaexplore.px._figure import figure, heatmap, residue_axis
from rnaexplore.structure import Structure

__all__ = ["mutations"]

_TRACKS = {"y": (0.0, 0.45), "y2": (0.52, 0.7), "y3": (0.73, 1.0)}  #: from below, of the height


def mutations(
    scores: MutationMap,
    *,
    structure: Structure | None = None,
    entropy: ArrayLike | None = None,
) -> go.Figure:
    """Draw the score of every substitution, with the structure and the entropy above.

    Parameters
    ----------
    scores
        From `rnaexplore.tl.mutate`.
    structure
        Known or predicted structure, drawn as arcs in a track of its own.
    entropy
        Bits for each residue, 0 to 2, shape (L,); by default those of the scores, where the
        scoring method has them.

    Returns
    -------
    Figure
        Rows are alternatives (``–`` a deletion), columns residues from 1, dots the residue that is
        there. Blue is likelier than that, red less likely; colors end at the 99th percentile of
        all absolute scores. Hovering tells the substitution and its score in nats.

    Raises
    ------
    InputError
        If the structure or the entropy is of another length.
    """
    shown = mutation_image(scores, structure, entropy)
    names = residue_names(scores.sequence)
    traces = [_heatmap(shown), _here(shown)]
    if shown.bits is not None:
        traces.append(_entropy(shown.bits))
    for color in dict.fromkeys(arc.color for arc in shown.arcs or ()):
        alike = [arc for arc in shown.arcs or () if arc.color == color]
        traces.append(_arcs(alike, names))
    return figure(traces, _layout(scores.sequence, shown))


def _heatmap(shown: MutationImage) -> go.Heatmap:
    trace = heatmap(
        shown.rows,
        ramp=RAMPS["effect"],
        ends=(-shown.end, shown.end),
        label=UNIT,
        hover="%{x} → %{y}<br>%{z:.2f} nats",
    )
    trace.update(y=shown.names, y0=None, dy=None, colorbar_len=1.0)
    return trace


def _here(shown: MutationImage) -> go.Scatter:
    across, rows = shown.here
    return go.Scatter(
        x=(across + 1).astype(np.int32), y=[shown.names[row] for row in rows], mode="markers",
        marker={"color": GREY, "size": 3}, hovertemplate="%{x} is there<extra></extra>",
        showlegend=False, name="reference",
    )  # fmt: skip


def _entropy(bits: NDArray[np.float64]) -> go.Bar:
    return go.Bar(
        x=np.arange(1, len(bits) + 1, dtype=np.int32), y=np.nan_to_num(bits).astype(np.float32),
        marker={"color": GREY, "line": {"width": 0}}, yaxis="y2", showlegend=False,
        hovertemplate="%{x}<br>entropy %{y:.2f} bits<extra></extra>", name="entropy",
    )  # fmt: skip


def _arcs(arcs: Sequence[TrackArc], names: list[str]) -> go.Scatter:
    """Return pairs of one color as one line with gaps; every point knows its pair."""
    gone = np.full((1, 2), np.nan)
    curves = [np.concatenate([arc.points, gone]) for arc in arcs]
    x, y = np.concatenate(curves).T
    told = [f"{names[arc.i]} – {names[arc.j]}" for arc in arcs]
    return go.Scatter(
        x=(x + 1).astype(np.float32), y=y.astype(np.float32), mode="lines", yaxis="y3",
        text=np.repeat(told, len(curves[0])).tolist(), hovertemplate="%{text}<extra></extra>",
        line={"color": arcs[0].color, "width": 1.2}, showlegend=False, name="pairs",
    )  # fmt: skip


def _layout(sequence: str, shown: MutationImage) -> go.Layout:
    axis: dict[str, Any] = {"fixedrange": True, "showline": True}
    rows: dict[str, Any] = axis | {"domain": _TRACKS["y"], "ticks": "", "type": "category"}
    rows |= {"autorange": "reversed", "title": {"text": "alternative"}}
    bits = axis | {"domain": _TRACKS["y2"], "range": [0, MOST_BITS], "tickvals": [0, 1, 2]}
    bits |= {"title": {"text": "entropy<br>(bits)"}}
    pairs: dict[str, Any] = {
        "domain": _TRACKS["y3"],
        "range": [0, 1.03],
        "visible": False,
        "fixedrange": True,
    }
    return go.Layout(
        title={"text": shown.title},
        xaxis=residue_axis(sequence, "residue") | {"mirror": False},
        yaxis=rows,
        yaxis2=bits | {"visible": shown.bits is not None},
        yaxis3=pairs,
    )
