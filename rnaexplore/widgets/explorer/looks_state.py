"""State: how large, how opaque and in which colors the points of a map are."""

from __future__ import annotations

from typing import Any

import traitlets

from rnaexplore._figure_data.palettes import PALETTES, check_palette
from rnaexplore.errors import InputError, RnaExploreError

__all__ = ["LooksState", "looks_values"]

_LARGEST = 40.0  #: pixels


class LooksState(traitlets.HasTraits):
    """How the points of a map look.

    Attributes
    ----------
    size : float or None
        Diameter of points in pixels at the first zoom, at most 40; ``None`` is by their number.
    opacity : float
        From 0 to 1.
    palette : str, list of str or None
        Name of a palette of `rnaexplore.pl.embedding`, or colors as ``#rrggbb``; ``None``
        are the colors of ``uns`` or our own.
    """

    size = traitlets.Float(None, allow_none=True).tag(sync=True)
    opacity = traitlets.Float(0.88, min=0.0, max=1.0).tag(sync=True)
    palette = traitlets.Union(
        [traitlets.Unicode(), traitlets.List(traitlets.Unicode())], default_value=None,
        allow_none=True,
    ).tag(sync=True)  # fmt: skip
    _palettes = traitlets.Dict(
        default_value={name: list(colors) for name, colors in PALETTES.items()}
    ).tag(sync=True)

    @traitlets.validate("size")
    def _size_is_seen(self, proposal: Any) -> float | None:
        size: float | None = proposal["value"]
        if size is not None and not 0 < size <= _LARGEST:
            msg = f"size must be above 0 and at most {_LARGEST:.0f} pixels, or None, got {size}"
            raise traitlets.TraitError(msg)
        return size

    @traitlets.validate("palette")
    def _palette_is_known(self, proposal: Any) -> str | list[str] | None:
        palette: str | list[str] | None = proposal["value"]
        try:
            check_palette(palette)
        except RnaExploreError as error:
            raise traitlets.TraitError(str(error)) from error
        return palette


def looks_values(
    size: float | None, opacity: float | None, palette: str | list[str] | None
) -> dict[str, Any]:
    """Return the values that a map starts with.

    Raises
    ------
    InputError
        If one of them cannot be shown.
    """
    given = {"size": size, "palette": palette}
    given |= {} if opacity is None else {"opacity": opacity}
    try:
        LooksState(**given)
    except traitlets.TraitError as error:
        raise InputError(str(error)) from None
    return given
