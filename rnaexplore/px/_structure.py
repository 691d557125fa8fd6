"""A secondary structure drawn in the plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from rnaexplore._figure_data.residues import residue_names
from rnaexplore._figure_data.structure import DIAMETER, Drawing, Layout, drawing
from rnaexplore._figure_data.theme import EDGE, GREY, HIGHLIGHT, KNOT, LIGHT, RAMPS
from rnaexplore.px._figure import color_bar, figure
from rnaexplore.structure import Structure

__all__ = ["structure"]

_PIXELS = 520  #: of a figure's shorter side, about
_SMALLEST, _LARGEST = 3.0, 22.0  #: residues, in pixels
_LETTER = 8.0  #: pixels of a residue from which its letter is written


def structure(
    structure: Structure,
    *,
    color: ArrayLike | None = None,
    label: str = "value",
    layout: Layout = "radial",
    highlight: Sequence[Sequence[int]] = (),
) -> go.Figure:
    """Draw a secondary structure: stems as ladders, loops as circles.

    Parameters
    ----------
    structure
        The structure.
    color
        A number a residue, shape (L,), to color by, for example the attention that each
        receives. By default colors are those of the four bases.
    label
        What `color` means; written beside the color bar.
    layout
        ``"radial"`` (`rnaexplore.structure.radial_layout`), or ``"vienna"``: ViennaRNA's own.
    highlight
        Pairs of residues, 0-based, to ring: for example a helix.

    Returns
    -------
    Figure
        Hovering tells each residue, its partner and its value. Pairs of pseudoknots are dashed
        lines. Letters are left out of long RNAs.

    Raises
    ------
    InputError
        If `color` does not hold one finite number a residue, or the layout is unknown.
    MissingDependencyError
        If ViennaRNA's layout is asked for and ViennaRNA is not installed.
    """
    shown = drawing(structure, color, layout, highlight)
    span = float(np.ptp(shown.points, axis=0).max()) + 4.8
    size = float(np.clip(DIAMETER * _PIXELS / span, _SMALLEST, _LARGEST))
    traces = [
        _line(shown.points, GREY, 1.5, "backbone"),
        _segments(shown.nested, EDGE, "solid"),
        _segments(shown.knotted, KNOT, "dash"),
        *_numbers(shown),
        _residues(structure, shown, size, label),
    ]
    if len(shown.lit):
        traces.append(_rings(shown.points[shown.lit], size))
    hidden = {"visible": False}
    return figure(traces, go.Layout(xaxis=hidden, yaxis=hidden | {"scaleanchor": "x"}))


def _line(points: NDArray[np.float64], color: str, width: float, name: str) -> go.Scatter:
    x, y = points.T.astype(np.float32)
    line = {"color": color, "width": width}
    return go.Scatter(
        x=x, y=y, mode="lines", line=line, name=name, hoverinfo="skip", showlegend=False
    )


def _segments(pairs: NDArray[np.float64], color: str, dash: str) -> go.Scatter:
    """Return lines between partners as one trace with gaps."""
    gone = np.full((len(pairs), 1, 2), np.nan)
    joined = np.concatenate([pairs.reshape(-1, 2, 2), gone], axis=1).reshape(-1, 2)
    trace = _line(joined, color, 2.0, "nested" if dash == "solid" else "pseudoknot")
    trace.line.dash = dash
    return trace


def _residues(structure: Structure, shown: Drawing, size: float, label: str) -> go.Scatter:
    """Return the residues; each tells its name, its partner and its value."""
    x, y = shown.points.T.astype(np.float32)
    marker: dict[str, Any] = {"size": size, "line": {"color": EDGE, "width": 0.5}}
    told = "%{hovertext}"
    if shown.values is None:
        marker["color"] = shown.tints
    else:
        marker |= {"color": shown.values.astype(np.float32), "colorscale": RAMPS["values"]}
        marker |= {"showscale": True, "colorbar": color_bar(label)}
        marker |= {"cmin": float(shown.values.min()), "cmax": float(shown.values.max())}
        told += f"<br>{label} %{{marker.color:.4g}}"
    trace = go.Scatter(
        x=x, y=y, mode="markers", marker=marker, hovertext=_told(structure), showlegend=False,
        hovertemplate=f"{told}<extra></extra>", name="residues",
    )  # fmt: skip
    if size >= _LETTER:
        trace.mode, trace.text = "markers+text", list(structure.sequence)
        trace.textfont = {"size": size * 0.6, "color": _inks(shown)}
    return trace


def _inks(shown: Drawing) -> str | list[str]:
    """Return colors in which letters can be read on their residues."""
    if shown.values is None:
        return LIGHT.ink
    low, high = shown.values.min(), shown.values.max()
    bright = (shown.values - low) / ((high - low) or 1.0) > 0.5  # noqa: PLR2004
    return [LIGHT.ink if one else "#FFFFFF" for one in bright]


def _told(structure: Structure) -> list[str]:
    names = residue_names(structure.sequence)
    return [
        f"{name}<br>unpaired" if partner < 0 else f"{name}<br>pairs with {names[partner]}"
        for name, partner in zip(names, structure.partners.tolist(), strict=True)
    ]


def _rings(points: NDArray[np.float64], size: float) -> go.Scatter:
    x, y = points.T.astype(np.float32)
    marker = {
        "symbol": "circle-open", "size": size * 1.2, "color": HIGHLIGHT, "line": {"width": 2.5},
    }  # fmt: skip
    return go.Scatter(
        x=x, y=y, mode="markers", marker=marker, hoverinfo="skip", showlegend=False, name="lit up"
    )


def _numbers(shown: Drawing) -> list[go.Scatter]:
    """Return numbers and ends, and the lines that lead to them."""
    lines = np.stack([np.stack([number.near, number.far]) for number in shown.numbers])
    x, y = np.stack([number.place for number in shown.numbers]).T.astype(np.float32)
    texts = [_bold(number.text) for number in shown.numbers]
    written = go.Scatter(
        x=x, y=y, mode="text", text=texts, hoverinfo="skip", showlegend=False, name="numbers"
    )
    leading = _segments(lines, GREY, "solid")
    leading.update(name="leads", line_width=1)
    return [leading, written]


def _bold(text: str) -> str:
    return f"<b>{text}</b>" if text.endswith("′") else text
