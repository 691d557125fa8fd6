"""Colors, fonts and ramps of all figures."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "BASE_TINTS",
    "DARK",
    "EDGE",
    "FONTS",
    "GREY",
    "HEAT",
    "HIGHLIGHT",
    "KNOT",
    "LIGHT",
    "MARKERS",
    "NESTED",
    "OTHER_TINT",
    "PLAIN",
    "RAMPS",
    "Ground",
]


class Ground(NamedTuple):
    """Colors of a page: ground, text, lines, and what is less important."""

    paper: str
    ink: str
    line: str
    faint: str
    band: str


LIGHT = Ground("#FFFFFF", "#1D232B", "#C9CDD2", "#6B7280", "#F2F3F5")
DARK = Ground("#15181D", "#E7EAEE", "#3A414C", "#9AA3AF", "#20242B")

FONTS = ("Arial", "Helvetica", "Liberation Sans", "DejaVu Sans")

HIGHLIGHT = "#CC79A7"  #: of what is lit up
NESTED, KNOT = "#0072B2", "#D55E00"  #: base pairs, and those of pseudoknots
EDGE = "#4C566A"  #: lines and levels that belong to no category
GREY = "#8A919E"  #: guides
PLAIN = "#4C566A"  #: points that nothing colors

BASE_TINTS = {"A": "#F8D58B", "C": "#A6D0EC", "G": "#9AD6C1", "U": "#E9B9D3"}
OTHER_TINT = "#E3E5E9"

#: White to ink: probabilities of contacts.
HEAT = ("#FFFFFF", "#C6CAD3", "#7C8494", "#23283A")
#: Names that matplotlib and plotly share.
RAMPS = {
    "attention": "magma_r",
    "confusion": "Blues",
    "effect": "RdBu",
    "similarity": "viridis",
    "values": "viridis",
}
#: Shapes of successive series, in the letters of matplotlib.
MARKERS = ("o", "s", "D", "^", "v", "P", "X")
