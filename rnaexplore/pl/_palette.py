"""Colours for categories: safe for colour-blind readers as long as they are few."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from matplotlib.colors import to_hex

__all__ = ["OKABE_ITO", "QUIET", "categorical"]

#: Okabe & Ito 2008, "Color Universal Design".
OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
#: Twelve more hues for up to twenty categories.
_FURTHER = (
    "#882255", "#44AA99", "#999933", "#332288", "#AA4499", "#117733",
    "#DDCC77", "#661100", "#6699CC", "#AA4466", "#4477AA", "#BBBB33",
)  # fmt: skip
QUIET = "#C9CDD2"  #: what is left out of the legend

_MIDDLE = 0.62
_RINGS = (0.0, 0.14, -0.14)


def categorical(n: int) -> list[str]:
    """Return `n` colours.

    Parameters
    ----------
    n
        Number of categories. Up to 7 the colours of Okabe & Ito, up to 19 with further distinct
        hues; beyond that hues around the colour circle at three lightnesses, neighbours far apart.

    Returns
    -------
    list of str
        Hexadecimal colours, no two alike.
    """
    few = (*OKABE_ITO[:6], OKABE_ITO[7])
    if n <= len(few):
        return list(few[:n])
    if n <= len(few) + len(_FURTHER):
        return [*few, *_FURTHER][:n]
    return _many(n)


def _many(n: int) -> list[str]:
    per_ring = ceil(n / len(_RINGS))
    golden = 0.618034
    colours = []
    for k in range(n):
        ring, step = k % len(_RINGS), k // len(_RINGS)
        hue = (step * golden + ring / (len(_RINGS) * per_ring)) % 1.0
        colours.append(_from_hue(hue, _MIDDLE + _RINGS[ring]))
    return colours


def _from_hue(hue: float, lightness: float) -> str:
    """Return a colour of the OKLCH space (Ottosson 2020) with a chroma that screens can show."""
    angle = 2 * np.pi * hue
    lab = np.array([lightness, 0.11 * np.cos(angle), 0.11 * np.sin(angle)])
    to_lms = np.array(
        [
            [1.0, 0.3963377774, 0.2158037573],
            [1.0, -0.1055613458, -0.0638541728],
            [1.0, -0.0894841775, -1.2914855480],
        ]
    )
    to_rgb = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = np.clip(to_rgb @ (to_lms @ lab) ** 3, 0.0, 1.0)
    rgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return str(to_hex(tuple(np.clip(rgb, 0.0, 1.0))))


def lookup(categories: Sequence[str], given: Sequence[str] | None) -> dict[str, str]:
    """Return a colour a category: the given ones if there are enough, else `categorical`."""
    if given is not None and len(given) >= len(categories):
        return dict(zip(categories, given, strict=False))
    return dict(zip(categories, categorical(len(categories)), strict=True))
