"""Colours for categories, from two to thousands."""

from __future__ import annotations

import math

__all__ = ["categorical"]

#: Okabe & Ito's colour-blind-safe palette without black and yellow, then Paul Tol's muted ones
_CURATED = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9",
    "#882255", "#999933", "#332288", "#44aa99", "#aa4466", "#117733",
)  # fmt: skip

_GOLDEN_ANGLE = 137.50776405003785  #: degrees; successive hues never come close to each other
#: OKLCH lightness and chroma. Five, for near hues are 8, 13, 21, 34 steps apart, none a multiple
_SHADES = ((0.60, 0.16), (0.44, 0.12), (0.74, 0.13), (0.53, 0.08), (0.67, 0.10))
_LINEAR_LIMIT = 0.0031308


def categorical(n: int) -> list[str]:
    """Return `n` colours, ``#rrggbb``.

    Up to 12 they are colour-blind safe. Beyond, hues turn by the golden angle while lightness and
    chroma alternate, so that neighbours in the list differ in all three and none is grey.
    """
    if n <= len(_CURATED):
        return list(_CURATED[:n])
    return [_hex(*_SHADES[k % len(_SHADES)], (k * _GOLDEN_ANGLE) % 360) for k in range(n)]


def _hex(lightness: float, chroma: float, hue: float) -> str:
    """Return an OKLCH colour as sRGB; Ottosson 2020's OKLab matrices."""
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return "#" + "".join(f"{_channel(v):02x}" for v in (red, green, blue))


def _channel(linear: float) -> int:
    v = min(max(linear, 0.0), 1.0)
    encoded = 12.92 * v if v <= _LINEAR_LIMIT else 1.055 * v ** (1 / 2.4) - 0.055
    return round(255 * encoded)
