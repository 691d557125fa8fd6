"""Points of a map as traces: what they share whatever colors them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnaexplore._figure_data.hover import Hover
from rnaexplore._figure_data.palette import QUIET
from rnaexplore._figure_data.palettes import Palette, ramp
from rnaexplore._figure_data.theme import RAMPS
from rnaexplore.px._figure import color_bar, scale
from rnaexplore.px._point_looks import Looks

__all__ = ["FULL", "Cloud", "number_traces"]

FULL, PALE = 0.85, 0.45  #: opacity of points
_PLANE = 2

Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """All points of a map, of which traces are parts."""

    points: NDArray[np.floating]
    looks: Looks
    hover: Hover
    opacity: float = FULL

    def trace(
        self,
        positions: Positions,
        name: str,
        marker: dict[str, Any],
        *,
        line: str = "",
        pale: bool = False,
        shown: bool = True,
    ) -> Any:
        """Return some of the points as a trace.

        Parameters
        ----------
        positions
            Which of them.
        name
            Entry of the legend.
        marker
            Colors.
        line
            What hovering says of the color where the details do not.
        pale
            Whether the points are among those without a name.
        shown
            Whether the trace has an entry in the legend.
        """
        xyz = dict(zip("xyz", self.points[positions].T, strict=False))
        kind = go.Scattergl if len(xyz) == _PLANE else go.Scatter3d
        names, details, _ = self.hover
        opacity = self.opacity * (PALE / FULL if pale else 1.0)
        return kind(
            **{axis: np.ascontiguousarray(values) for axis, values in xyz.items()},
            customdata=positions.astype(np.int32),
            mode="markers",
            marker=marker | self._looks(positions) | {"opacity": opacity, "line": {"width": 0}},
            text=_part(names, positions),
            hovertext=_part(details, positions),
            hovertemplate=self._template(line),
            name=name,
            showlegend=shown,
        )

    def legend_of_symbols(self) -> list[Any]:
        """Return entries of the legend that explain shapes, without points."""
        return [
            _entry(name, shape, self.looks.column, space=self.points.shape[1] > _PLANE)
            for name, shape in self.looks.legend.items()
        ]

    def _looks(self, positions: Positions) -> dict[str, Any]:
        size, symbols, *_ = self.looks
        marker: dict[str, Any] = {"size": size if isinstance(size, float) else size[positions]}
        if symbols is not None:
            marker["symbol"] = symbols[positions].tolist()
        return marker

    def _template(self, line: str) -> str:
        told = "%{text}" if self.hover.names is not None else "RNA at position %{customdata}"
        colored = "" if self.hover.tells_color else line
        details = "%{hovertext}" if self.hover.details is not None else ""
        lines = [f"<b>{told}</b>", colored, details]
        return "<br>".join(filter(None, lines)) + "<extra></extra>"


def number_traces(
    cloud: Cloud, values: NDArray[np.float64], label: str, palette: Palette | None
) -> list[Any]:
    """Return points colored by numbers over a scale, those without one grey and first."""
    known = np.isfinite(values)
    traces = []
    if not known.all():
        missing = np.flatnonzero(~known)
        name = f"no value ({len(missing):,})"
        traces.append(cloud.trace(missing, name, {"color": QUIET}, line=f"no {label}"))
    shown = values[known]
    colors = RAMPS["values"] if palette is None else scale(ramp(palette))
    marker: dict[str, Any] = {"color": shown.astype(np.float32), "colorscale": colors}
    if len(shown):
        marker |= {"cmin": float(shown.min()), "cmax": float(shown.max())}
        marker |= {"showscale": True, "colorbar": color_bar(label)}
    line = f"{label} %{{marker.color:.4g}}"
    traces.append(cloud.trace(np.flatnonzero(known), label, marker, line=line, shown=False))
    return traces


def _part(texts: Sequence[str] | None, positions: Positions) -> list[str] | None:
    return None if texts is None else [texts[k] for k in positions]


def _entry(name: str, shape: str, title: str, *, space: bool) -> Any:
    kind = go.Scatter3d if space else go.Scattergl
    nowhere: dict[str, Any] = {axis: [None] for axis in ("xyz" if space else "xy")}
    return kind(
        **nowhere, mode="markers", marker={"symbol": shape, "color": QUIET, "size": 8}, name=name,
        legendgroup=f"symbol {title}", legendgrouptitle={"text": title}, hoverinfo="skip",
    )  # fmt: skip
