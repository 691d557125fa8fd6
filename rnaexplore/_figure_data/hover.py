"""What hovering over an RNA says, as far as the size of a page allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData

from rnaexplore import _keys
from rnaexplore._figure_data.embedding import column, is_numeric

__all__ = ["Hover", "hover"]

_BYTES = 2_400_000  #: of a figure, coordinates included
_A_POINT = 24  #: bytes of a point without words: coordinates, position, code of its color
_A_STRING = 3  #: quotes and comma
_A_LINE = 14  #: a line break, escaped
_PIECE = 24  #: nucleotides shown of a sequence
_USUAL = (_keys.FAMILY, _keys.LENGTH, _keys.SEQUENCE)


class Hover(NamedTuple):
    """Name of each RNA and lines about it; ``None`` where they would make a page too large."""

    names: list[str] | None
    details: list[str] | None
    tells_color: bool


def hover(adata: AnnData, columns: Sequence[str] | None, color: str | None = None) -> Hover:
    """Return what hovering says of each RNA.

    Parameters
    ----------
    adata
        The RNAs.
    columns
        Columns of ``obs`` to tell, whatever they weigh. By default `color`, family, length and the
        beginning of the sequence, as far as they are there and all points together stay below
        2.4 MB; else names alone, or not even these.
    color
        The column that colors the points.

    Raises
    ------
    MissingKeyError
        If a column is not there.
    """
    names = [str(name) for name in adata.obs_names]
    shown = _usual(adata, color) if columns is None else list(columns)
    told = [_words(column(adata, name), name) for name in shown]
    details = ["<br>".join(words) for words in zip(*told, strict=True)] if told else None
    room = _BYTES - _A_POINT * len(names)
    if columns is not None or _weight(names) + _weight(details, len(told)) <= room:
        return Hover(names, details, color in shown)
    return Hover(names if _weight(names) <= room else None, None, tells_color=False)


def _usual(adata: AnnData, color: str | None) -> list[str]:
    """Return what is told if nothing else is asked for, without repetition."""
    wanted = _USUAL if color is None else (color, *_USUAL)
    return [name for name in dict.fromkeys(wanted) if name in adata.obs]


def _weight(texts: list[str] | None, lines: int = 1) -> int:
    """Return about how many bytes texts take in a page."""
    if texts is None:
        return 0
    return sum(map(len, texts)) + len(texts) * (_A_STRING + _A_LINE * (lines - 1))


def _words(values: pd.Series, name: str) -> list[str]:
    """Return each value with its name or unit."""
    if name == _keys.SEQUENCE:
        return [_piece(str(value)) for value in values]
    if is_numeric(values):
        start, end = ("", " nt") if name == _keys.LENGTH else (f"{name} ", "")
        return [
            f"{start}{value:.4g}{end}" if np.isfinite(value) else f"no {name}"
            for value in values.to_numpy(dtype=float)
        ]
    known = values.notna().to_numpy()
    lead = "" if name == _keys.FAMILY else f"{name} "
    return [f"{lead}{value}" if there else f"no {name}"
            for value, there in zip(values.astype(str), known, strict=True)]  # fmt: skip


def _piece(sequence: str) -> str:
    return sequence if len(sequence) <= _PIECE else f"{sequence[:_PIECE]}…"
