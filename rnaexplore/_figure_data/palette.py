"""Colours for categories: safe for colour-blind readers as long as they are few."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError

__all__ = [
    "N_DISTINCT",
    "OKABE_ITO",
    "QUIET",
    "as_hex",
    "category_colours",
    "darker",
    "grouped",
    "lookup",
    "palette",
    "shades",
]

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
_PLASTIC = 0.7548776662  #: turns; two cycles of such steps do not march together
_LIGHTNESS = (0.42, 0.80)  #: of the shades of one hue
_LEAST_CHROMA = 0.06
_TURN = 0.045  #: turns that the hue of a shade may be off
_TEXT_VALUE = 0.5  #: largest of red, green and blue in text
_HEX = re.compile("#[0-9a-fA-F]{6}")
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


def shades(colour: str, n: int) -> list[str]:
    """Return `n` shades of a colour: lighter and darker ones, hues a little to either side.

    Parameters
    ----------
    colour
        The colour, which is the first of them.
    n
        Number of shades, 0 or more.
    """
    lightness, chroma, hue = _as_oklch(colour)
    low, high = _LIGHTNESS
    made = [colour]
    for k in range(1, n):
        share = ((lightness - low) / (high - low) + k * _GOLDEN) % 1.0
        turn = _TURN * (2 * ((0.5 + k * _PLASTIC) % 1.0) - 1)
        made.append(_oklch(low + (high - low) * share, max(chroma, _LEAST_CHROMA), hue + turn))
    return made[:n]


def grouped(categories: Sequence[str], groups: Sequence[str]) -> dict[str, str]:
    """Return a colour a category: a hue for each group, in it a shade for each category.

    Parameters
    ----------
    categories
        The most important first: it gets the hue of its group itself.
    groups
        The group of each, for example the RNA type or the clan of a family; the group met first
        gets the first colour of `palette`.
    """
    members: dict[str, list[str]] = {}
    for category, group in zip(categories, groups, strict=True):
        members.setdefault(group, []).append(category)
    hues = palette(len(members))
    colours: dict[str, str] = {}
    for hue, inside in zip(hues, members.values(), strict=True):
        colours |= dict(zip(inside, shades(hue, len(inside)), strict=True))
    return colours


def _as_oklch(colour: str) -> tuple[float, float, float]:
    """Return lightness, chroma and hue (in turns) of an sRGB colour; the inverse of `_oklch`."""
    rgb = _rgb(colour)
    curved = 12.92 * _LINEAR_LIMIT
    linear = np.where(rgb <= curved, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lab = np.linalg.solve(_TO_LMS, np.cbrt(np.linalg.solve(_TO_RGB, linear)))
    hue = np.arctan2(lab[2], lab[1]) / (2 * np.pi)
    return float(lab[0]), float(np.hypot(lab[1], lab[2])), float(hue % 1.0)


@cache
def _oklch(lightness: float, chroma: float, hue: float) -> str:
    """Return a colour of the OKLCH space (Ottosson 2020) in sRGB; the hue counts in turns."""
    angle = 2 * np.pi * hue
    lab = np.array([lightness, chroma * np.cos(angle), chroma * np.sin(angle)])
    linear = np.clip(_TO_RGB @ (_TO_LMS @ lab) ** 3, 0.0, 1.0)
    curved = 1.055 * linear ** (1 / 2.4) - 0.055
    rgb = np.where(linear <= _LINEAR_LIMIT, 12.92 * linear, curved)
    return _hex(np.clip(rgb, 0.0, 1.0))


def _hex(rgb: NDArray[np.float64]) -> str:
    red, green, blue = (round(255 * float(v)) for v in rgb)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _rgb(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])


def darker(colour: str) -> str:
    """Return a shade of a colour in which text on white can be read."""
    from colorsys import hsv_to_rgb, rgb_to_hsv

    hue, saturation, value = rgb_to_hsv(*_rgb(as_hex(colour)).tolist())
    return _hex(np.array(hsv_to_rgb(hue, saturation, min(value, _TEXT_VALUE))))


def as_hex(colour: str) -> str:
    """Return a colour as ``#rrggbb``; names and shorthands are those of matplotlib."""
    if _HEX.fullmatch(colour):
        return colour
    from matplotlib.colors import to_hex

    return str(to_hex(colour))


def category_colours(
    labels: Sequence[str], counts: Sequence[int], groups: Sequence[str] | None = None
) -> list[str]:
    """Return a colour for each category of a column, however many there are.

    Parameters
    ----------
    labels
        The categories.
    counts
        How many RNAs each has: large ones get the colours that are told apart best.
    groups
        The group of each category, if its hue is to be that of the group.
    """
    order = sorted(range(len(labels)), key=lambda k: -counts[k])
    named = [labels[k] for k in order]
    if groups is None:
        colours = lookup(labels, named[:N_DISTINCT], None)
    else:
        colours = grouped(named, [groups[k] for k in order])
    return [colours[label] for label in labels]


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
