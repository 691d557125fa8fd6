"""Base pairs as arcs over the sequence: one structure, or two against each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnaexplore._figure_data.arcs import Arc, ArcFigure, Entry, arc_figure, curve, pair_figure
from rnaexplore._figure_data.residues import residue_names
from rnaexplore._figure_data.theme import HIGHLIGHT
from rnaexplore.px._figure import figure, residue_axis
from rnaexplore.structure import Structure

__all__ = ["arcs", "pair_arcs"]

_LETTERS = 120  #: residues; letters of longer RNAs are left to hovering
_WIDTH, _LIT_WIDTH = 1.5, 3.5
_GAP = 0.045  #: of the tallest arc, from the sequence to where arcs begin


def arcs(
    structure: Structure,
    *,
    reference: Structure | None = None,
    highlight: Sequence[Sequence[int]] = (),
    names: tuple[str, str] = ("predicted", "reference"),
) -> go.Figure:
    """Draw base pairs as arcs, and those of a reference below the sequence.

    Parameters
    ----------
    structure
        Drawn above the sequence.
    reference
        Drawn below it. Pairs that only one of both has are dashed.
    highlight
        Pairs, 0-based, whose arcs are drawn thick: for example a helix.
    names
        What is written above and below where there is a reference.

    Returns
    -------
    Figure
        Residues are numbered from 1; pairs of pseudoknots have another color. Hovering over an
        arc tells both residues with their letters.

    Raises
    ------
    InputError
        If the structures differ in length.
    """
    shown = arc_figure(structure, reference, highlight)
    sides = names if reference is not None else None
    return _draw(structure.sequence, shown, sides)


def pair_arcs(
    sequence: str,
    pairs: NDArray[np.integer],
    *,
    reference: Structure | None = None,
) -> go.Figure:
    """Draw any pairs of residues as arcs, and those of a reference below the sequence.

    Parameters
    ----------
    sequence
        The RNA.
    pairs
        Shape (n, 2), 0-based, i < j; a residue may be in several pairs, as in the strongest
        attention of a head.
    reference
        Drawn below the sequence. Above, pairs that it has and others differ in color.

    Returns
    -------
    Figure
        Residues are numbered from 1. With a reference the title tells how many pairs it has.

    Raises
    ------
    InputError
        If a position is out of range, or the reference is of another length.
    """
    return _draw(sequence, pair_figure(sequence, pairs, reference), None)


def _draw(sequence: str, shown: ArcFigure, sides: tuple[str, str] | None) -> go.Figure:
    names = residue_names(sequence)
    gap = _GAP * max(shown.tallest, 1.0)
    looks = dict.fromkeys((arc.color, arc.dashed) for arc in shown.arcs)
    traces = []
    for color, dashed in looks:
        alike = [arc for arc in shown.arcs if (arc.color, arc.dashed) == (color, dashed)]
        traces.append(_lines(alike, names, gap, color, dashed=dashed))
    if shown.lit:
        traces.append(_lines(shown.lit, names, gap, HIGHLIGHT, width=_LIT_WIDTH))
    traces += [_sequence(sequence, names), *map(_explained, shown.legend)]
    return figure(traces, _layout(sequence, shown, sides, gap))


def _lines(
    arcs: Sequence[Arc],
    names: list[str],
    gap: float,
    color: str,
    *,
    dashed: bool = False,
    width: float = _WIDTH,
) -> go.Scatter:
    """Return arcs of one look as one line with gaps; every point knows its pair."""
    gone = np.full((1, 2), np.nan)
    curves = [np.concatenate([curve(arc, gap), gone]) for arc in arcs]
    x, y = np.concatenate(curves).T
    told = [f"{names[arc.i]} – {names[arc.j]}" for arc in arcs]
    return go.Scatter(
        x=(x + 1).astype(np.float32),
        y=y.astype(np.float32),
        text=np.repeat(told, len(curves[0])).tolist(),
        mode="lines",
        line={"color": color, "width": width, "dash": "dash" if dashed else "solid"},
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )


def _sequence(sequence: str, names: list[str]) -> go.Scatter:
    """Return the letters of a short RNA, or a line for a long one."""
    n = len(sequence)
    short = n <= _LETTERS
    size = float(np.clip(900 / max(n, 1), 7, 13))
    return go.Scatter(
        x=np.arange(1, n + 1, dtype=np.int32),
        y=np.zeros(n, dtype=np.int8),
        mode="text" if short else "lines",
        text=list(sequence) if short else None,
        textfont={"size": size},
        hovertext=names,
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )


def _explained(entry: Entry) -> go.Scatter:
    """Return an entry of the legend."""
    line = {"color": entry.color, "dash": "dash" if entry.dashed else "solid", "width": _WIDTH}
    return go.Scatter(x=[None], y=[None], mode="lines", line=line, name=entry.label)


def _layout(
    sequence: str, shown: ArcFigure, sides: tuple[str, str] | None, gap: float
) -> go.Layout:
    height = max(shown.tallest, 1.0) + gap
    mirrored = any(arc.side < 0 for arc in shown.arcs) or sides is not None
    xaxis: dict[str, Any] = residue_axis(sequence, "residue")
    xaxis |= {"range": [0, len(sequence) + 1], "mirror": False}
    yaxis = {"visible": False, "range": [-height if mirrored else -gap * 1.5, height]}
    layout = go.Layout(
        xaxis=xaxis, yaxis=yaxis, title={"text": shown.title},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )  # fmt: skip
    if sides is not None:
        layout.annotations = [_side(text, y) for text, y in zip(sides, (1.0, 0.0), strict=True)]
    return layout


def _side(text: str, y: float) -> dict[str, Any]:
    return {
        "text": text, "x": 0, "y": y, "xref": "paper", "yref": "paper", "showarrow": False,
        "xanchor": "left", "yanchor": "top" if y else "bottom",
    }  # fmt: skip
