"""The templates of our figures, made from the theme."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from plotly import io

from rnaexplore._figure_data.palette import OKABE_ITO
from rnaexplore._figure_data.theme import DARK, FONTS, LIGHT, Ground

__all__ = ["NAME", "register"]

NAME = "rnaexplore"
_DARK = "dark"  #: plotly reads "rnaexplore+dark" as the first template changed by the second
_TEXT = 13  #: pixels


def register() -> str:
    """Register the templates once, unless the user has others of these names; return the name."""
    made = {NAME: _light, _DARK: _dark}
    for name, make in made.items():
        if name not in io.templates:
            io.templates[name] = make()
    return NAME


def _light() -> Any:
    layout = _grounded(LIGHT)
    layout.update(
        font={"family": ", ".join(FONTS), "size": _TEXT, "color": LIGHT.ink},
        colorway=list(OKABE_ITO),
        margin={"l": 60, "r": 20, "t": 50, "b": 50},
        legend={"itemsizing": "constant", "tracegroupgap": 8},
        hoverlabel={"font": {"family": ", ".join(FONTS), "size": _TEXT}, "align": "left"},
        hovermode="closest",
        title={"x": 0.0, "xref": "paper", "xanchor": "left", "font": {"size": _TEXT + 1}},
    )
    return go.layout.Template(layout=layout)


def _dark() -> Any:
    layout = _grounded(DARK)
    layout.update(font={"color": DARK.ink})
    return go.layout.Template(layout=layout)


def _grounded(ground: Ground) -> Any:
    """Return a layout in the colors of a page."""
    axis = {
        "linecolor": ground.faint,
        "tickcolor": ground.faint,
        "gridcolor": ground.line,
        "zerolinecolor": ground.line,
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
        "ticks": "outside",
        "ticklen": 4,
    }
    in_space = {
        "linecolor": ground.faint,
        "gridcolor": ground.line,
        "zerolinecolor": ground.line,
        "backgroundcolor": ground.paper,
    }
    return go.Layout(
        paper_bgcolor=ground.paper,
        plot_bgcolor=ground.paper,
        xaxis=axis,
        yaxis=axis,
        scene={"xaxis": in_space, "yaxis": in_space, "zaxis": in_space},
        hoverlabel={"bgcolor": ground.paper, "bordercolor": ground.line},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": ground.faint, "activecolor": ground.ink},
    )
