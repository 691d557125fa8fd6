"""Palettes by name, for categories and for numbers, known to every face of a map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnaexplore._figure_data.palette import OKABE_ITO, as_hex
from rnaexplore.errors import InputError, nearest

__all__ = ["PALETTES", "RAMP_NAMES", "Palette", "category_palette", "check_palette", "ramp"]

Palette = str | Sequence[str]

#: Sampled from matplotlib and ColorBrewer.
PALETTES: dict[str, tuple[str, ...]] = {
    "okabe-ito": OKABE_ITO,
    "tab10": (
        "#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f",
        "#bcbd22", "#17becf",
    ),
    "tab20": (
        "#1f77b4", "#aec7e8", "#ff7f0e", "#ffbb78", "#2ca02c", "#98df8a", "#d62728", "#ff9896",
        "#9467bd", "#c5b0d5", "#8c564b", "#c49c94", "#e377c2", "#f7b6d2", "#7f7f7f", "#c7c7c7",
        "#bcbd22", "#dbdb8d", "#17becf", "#9edae5",
    ),
    "Set2": (
        "#66c2a5", "#fc8d62", "#8da0cb", "#e78ac3", "#a6d854", "#ffd92f", "#e5c494", "#b3b3b3",
    ),
    "Dark2": (
        "#1b9e77", "#d95f02", "#7570b3", "#e7298a", "#66a61e", "#e6ab02", "#a6761d", "#666666",
    ),
    "Paired": (
        "#a6cee3", "#1f78b4", "#b2df8a", "#33a02c", "#fb9a99", "#e31a1c", "#fdbf6f", "#ff7f00",
        "#cab2d6", "#6a3d9a", "#ffff99", "#b15928",
    ),
    "viridis": (
        "#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884", "#44bf70",
        "#7ad151", "#bddf26", "#fde725",
    ),
    "cividis": (
        "#00224e", "#083370", "#35456c", "#4f576c", "#666970", "#7d7c78", "#948e77", "#aea371",
        "#c8b866", "#e5cf52", "#fee838",
    ),
    "magma": (
        "#000004", "#140e36", "#3b0f70", "#641a80", "#8c2981", "#b73779", "#de4968", "#f7705c",
        "#fe9f6d", "#fecf92", "#fcfdbf",
    ),
    "plasma": (
        "#0d0887", "#41049d", "#6a00a8", "#8f0da4", "#b12a90", "#cc4778", "#e16462", "#f2844b",
        "#fca636", "#fcce25", "#f0f921",
    ),
    "turbo": (
        "#30123b", "#4559cb", "#3e9bfe", "#19d5cd", "#46f884", "#a4fc3c", "#e1dd37", "#fea431",
        "#f05b12", "#c32503", "#7a0403",
    ),
}  # fmt: skip
RAMP_NAMES = ("viridis", "cividis", "magma", "plasma", "turbo")

_FEWEST = 2  #: colors of a ramp


def check_palette(palette: Palette | None) -> None:
    """Raise `InputError` if a palette is neither known by name nor at least two colors."""
    if palette is not None:
        _colors(palette)


def category_palette(palette: Palette, n: int) -> list[str]:
    """Return `n` colors: those of a list again and again, those of a ramp at equal distances.

    Raises
    ------
    InputError
        If there is no palette of that name, or fewer than two colors.
    """
    colors = _colors(palette)
    if not _is_ramp(palette):
        return [colors[k % len(colors)] for k in range(n)]
    anchors = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colors], dtype=float)
    at = (np.arange(n) + 0.5) / max(n, 1) * (len(anchors) - 1)
    channels = [np.interp(at, np.arange(len(anchors)), channel) for channel in anchors.T]
    shades = np.floor(np.stack(channels, axis=1) + 0.5).astype(int)
    return ["#{:02x}{:02x}{:02x}".format(*shade) for shade in shades]


def ramp(palette: Palette) -> list[str]:
    """Return the colors between which numbers are placed, at equal distances.

    Raises
    ------
    InputError
        If there is no palette of that name, or fewer than two colors.
    """
    return _colors(palette)


def _is_ramp(palette: Palette) -> bool:
    return isinstance(palette, str) and palette in RAMP_NAMES


def _colors(palette: Palette) -> list[str]:
    if isinstance(palette, str):
        if palette not in PALETTES:
            known = ", ".join(PALETTES)
            msg = f"no palette {palette!r}. {nearest(palette, list(PALETTES))} Known: {known}"
            raise InputError(msg)
        return list(PALETTES[palette])
    colors = [_hex(str(color)) for color in palette]
    if len(colors) < _FEWEST:
        msg = f"palette must be a name or at least two colors, got {list(palette)}"
        raise InputError(msg)
    return colors


def _hex(color: str) -> str:
    try:
        return as_hex(color).lower()
    except ValueError:
        msg = f"palette has {color!r}, which is no color; write it as #rrggbb"
        raise InputError(msg) from None
