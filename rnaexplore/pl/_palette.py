"""Colours for categories: safe for colour-blind readers as long as they are few."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import hsv_to_rgb, rgb_to_hsv, to_hex, to_rgb

from rnaexplore.errors import InputError

__all__ = ["N_DISTINCT", "OKABE_ITO", "QUIET", "darker", "lookup", "palette"]

#: Okabe & Ito 2008, "Color Universal Design".
OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
#: In place of black, which cannot be seen on dark ground.
_VIOLET = "#8811FF"
#: Twelve more hues for up to twenty categories, none nearly black.
_FURTHER = (
    "#A8326E", "#44AA99", "#999933", "#6659D9", "#AA4499", "#117733",
    "#DDCC77", "#9A5A2B", "#6699CC", "#AA4466", "#4477AA", "#BBBB33",
)  # fmt: skip
#: Without yellow, which is hard to see on white.
_DISTINCT = (*OKABE_ITO[:6], _VIOLET, *_FURTHER)
N_DISTINCT = len(_DISTINCT)
QUIET = "#C9CDD2"  #: what is left out of the legend

#: OKLCH lightness and chroma of successive colours, beyond twenty.
_SHADES = ((0.62, 0.14), (0.46, 0.11), (0.75, 0.12), (0.55, 0.07), (0.69, 0.09))
_GOLDEN = 0.6180339887  #: turns; hues that far apart do not come close for long
_TEXT_VALUE = 0.5  #: largest of red, green and blue in text
_LINEAR_LIMIT = 0.0031308  #: below it sRGB is linear
_TO_LMS = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def palette(n: int) -> list[str]:
    """Return `n` colours for categories, legible on white and on dark ground.

    Parameters
    ----------
    n
        Number of categories, 0 or more. Up to 6 the colours of Okabe & Ito without yellow and
        black, then violet; up to 19 further distinct hues; beyond that hues around the colour
        circle in five shades, neighbours far apart.

    Returns
    -------
    list of str
        Hexadecimal colours ``#rrggbb``, no two alike.

    Raises
    ------
    InputError
        If `n` is negative.
    """
    if n < 0:
        msg = f"n must be 0 or more, got {n}"
        raise InputError(msg)
    return list(_DISTINCT[:n]) if n <= N_DISTINCT else _many(n)


def _many(n: int) -> list[str]:
    shades = [_SHADES[k % len(_SHADES)] for k in range(n)]
    return [_oklch(*shade, (0.04 + k * _GOLDEN) % 1.0) for k, shade in enumerate(shades)]


def _oklch(lightness: float, chroma: float, hue: float) -> str:
    """Return a colour of the OKLCH space (Ottosson 2020) in sRGB; the hue counts in turns."""
    angle = 2 * np.pi * hue
    lab = np.array([lightness, chroma * np.cos(angle), chroma * np.sin(angle)])
    linear = np.clip(_TO_RGB @ (_TO_LMS @ lab) ** 3, 0.0, 1.0)
    curved = 1.055 * linear ** (1 / 2.4) - 0.055
    rgb = np.where(linear <= _LINEAR_LIMIT, 12.92 * linear, curved)
    return str(to_hex(tuple(np.clip(rgb, 0.0, 1.0))))


def darker(colour: str) -> str:
    """Return a shade of a colour in which text on white can be read."""
    hue, saturation, value = rgb_to_hsv(to_rgb(colour))
    red, green, blue = hsv_to_rgb((hue, saturation, min(value, _TEXT_VALUE)))
    return str(to_hex((red, green, blue)))


def lookup(
    categories: Sequence[str], named: Sequence[str], given: Sequence[str] | None
) -> dict[str, str]:
    """Return a colour a category.

    Parameters
    ----------
    categories
        All of them, in order.
    named
        Those in the legend; if there are more categories than distinct hues, these get the
        distinct ones.
    given
        Colours to use, if there are enough of them.
    """
    if given is not None and len(given) >= len(categories):
        return dict(zip(categories, given, strict=False))
    if len(categories) <= N_DISTINCT:
        return dict(zip(categories, palette(len(categories)), strict=True))
    rest = [c for c in categories if c not in set(named)]
    return dict(zip(rest, _many(len(rest)), strict=True)) | dict(
        zip(named, palette(len(named)), strict=True)
    )
