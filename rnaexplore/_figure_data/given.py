"""Colors that an AnnData brings for the categories of a column."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from rnaexplore._figure_data.palette import as_hex
from rnaexplore.errors import RnaExploreWarning

__all__ = ["given_colours"]


def given_colours(uns: Mapping[str, Any], column: str) -> list[str] | None:
    """Return the colors in ``uns["<column>_colors"]``, ``None`` if there are none.

    Warns
    -----
    RnaExploreWarning
        If what is there are no colors, as in files of others; then it is left out.
    """
    key = f"{column}_colors"
    given = uns.get(key)
    if given is None:
        return None
    try:
        if not isinstance(given, list | tuple | np.ndarray) or np.ndim(given) != 1:
            raise TypeError(type(given).__name__)  # noqa: TRY301
        return [as_hex(str(colour)) for colour in given]
    except (TypeError, ValueError) as error:
        reason = str(error)[:80]
        msg = f"uns[{key!r}] holds no colors ({reason}) and was left out; delete it"
        warnings.warn(msg, RnaExploreWarning, stacklevel=2)
        return None
