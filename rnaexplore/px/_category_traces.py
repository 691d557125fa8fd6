"""Categories of a map as traces: one for each that the legend names, one for the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rnaexplore._figure_data.embedding import Categories
from rnaexplore._figure_data.palette import QUIET
from rnaexplore.px._points import Cloud

__all__ = ["category_traces"]

_FIRST = 1000  #: plotly's usual rank in the legend
Positions = NDArray[np.intp]


def category_traces(cloud: Cloud, shown: Categories) -> list[Any]:
    """Return traces from behind to the front: no value, the rest, then named ones by size."""
    return [*_missing(cloud, shown), *_rest(cloud, shown), *_named(cloud, shown)]


def _named(cloud: Cloud, shown: Categories) -> list[Any]:
    """Return a trace a named category, the largest behind, in the legend in the column's order."""
    traces = []
    for name in shown.named:
        positions = np.flatnonzero(shown.names == name)
        entry = f"{name} ({len(positions):,})"
        trace = cloud.trace(positions, entry, {"color": shown.colours[name]}, line=name)
        trace.legendrank = _FIRST + shown.order.index(name)
        traces.append(_grouped(trace, shown, shown.groups.get(name)))
    return traces


def _rest(cloud: Cloud, shown: Categories) -> list[Any]:
    """Return the categories without an entry of their own: one trace, or one a group."""
    others = [str(name) for name in shown.counts.index[len(shown.named) :]]
    blocks: dict[str | None, list[str]] = {}
    for name in others:
        blocks.setdefault(shown.groups.get(name), []).append(name)
    return [
        _grouped(_together(cloud, shown, names), shown, group) for group, names in blocks.items()
    ]


def _together(cloud: Cloud, shown: Categories, names: list[str]) -> Any:
    """Return several categories as one trace: a code a point, a step of the scale a code."""
    code = {name: k for k, name in enumerate(names)}
    positions = np.flatnonzero(pd.Series(shown.names).isin(names))
    codes = np.array([code[name] for name in shown.names[positions]], dtype=np.int64)
    marker = {
        "color": _small(codes),
        "colorscale": _steps([shown.colours[name] for name in names]),
        "cmin": -0.5,
        "cmax": len(names) - 0.5,
        "showscale": False,
    }
    entry = f"{len(names)} others ({len(positions):,})"
    trace = cloud.trace(positions, entry, marker, pale=True)
    trace.legendrank = _FIRST + len(shown.counts)
    return trace


def _missing(cloud: Cloud, shown: Categories) -> list[Any]:
    positions = np.flatnonzero([name is None for name in shown.names])
    if not len(positions):
        return []
    entry = f"no value ({len(positions):,})"
    trace = cloud.trace(positions, entry, {"color": QUIET}, pale=True)
    trace.legendrank = _FIRST + len(shown.counts) + 1
    return [trace]


def _grouped(trace: Any, shown: Categories, group: str | None) -> Any:
    """Put a trace into the block of its group, whose title tells how many RNAs that has."""
    if group is not None:
        n = sum(int(shown.counts[name]) for name, of in shown.groups.items() if of == group)
        trace.legendgroup = group
        trace.legendgrouptitle.text = f"{group} ({n:,})"
    return trace


def _small(codes: NDArray[np.int64]) -> NDArray[np.integer]:
    """Return codes in the fewest bytes that plotly reads."""
    top = int(codes.max(initial=0))
    return codes.astype(np.uint8 if top < 2**8 else np.uint16)


def _steps(colors: list[str]) -> list[tuple[float, str]]:
    """Return a colorscale of equal steps."""
    edges = np.linspace(0, 1, len(colors) + 1).tolist()
    return [(edge, color) for k, color in enumerate(colors) for edge in edges[k : k + 2]]
