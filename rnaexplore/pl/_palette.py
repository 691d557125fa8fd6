"""Colours for categories, as a function of `rnaexplore.pl`."""

from __future__ import annotations

from rnaexplore._figure_data.palette import (
    N_DISTINCT,
    OKABE_ITO,
    QUIET,
    category_colours,
    darker,
    grouped,
    lookup,
    palette,
    shades,
)

__all__ = [
    "N_DISTINCT",
    "OKABE_ITO",
    "QUIET",
    "category_colours",
    "darker",
    "grouped",
    "lookup",
    "palette",
    "shades",
]
