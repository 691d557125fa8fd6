"""Figure styles of journals, for the length of a ``with`` block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, get_args

import matplotlib as mpl
from cycler import cycler

from rnaexplore.errors import InputError
from rnaexplore.pl._palette import OKABE_ITO

__all__ = ["Journal", "Width", "style"]

Journal = Literal["nature", "cell", "ieee", "poster"]
Width = Literal["single", "double"]

#: Column widths in millimetres, and sizes of text in points, after the journals' author guides.
_WIDTHS: dict[str, tuple[float, float]] = {
    "nature": (89.0, 183.0),
    "cell": (85.0, 174.0),
    "ieee": (88.9, 182.0),
    "poster": (250.0, 500.0),
}
_TEXT: dict[str, float] = {"nature": 7.0, "cell": 7.0, "ieee": 8.0, "poster": 20.0}
_MM = 1 / 25.4
_ASPECT = {"single": 0.8, "double": 0.45}
_FONTS = ["Arial", "Helvetica", "Liberation Sans", "DejaVu Sans"]


@contextmanager
def style(journal: Journal = "nature", *, width: Width = "single") -> Iterator[None]:
    """Draw figures in a journal's format within this block.

    Text stays text in PDF and SVG, fonts are embedded, colours are safe for colour-blind readers.
    Settings outside of the block are not touched. Save within the block, too: matplotlib asks how
    to write text when a figure is saved, not when it is drawn.

    Parameters
    ----------
    journal
        ``"nature"``, ``"cell"``, ``"ieee"`` or ``"poster"``: column widths and sizes of text.
    width
        ``"single"`` or ``"double"`` column: the default width of figures made in the block.

    Raises
    ------
    InputError
        If the journal or the width is unknown.
    """
    for what, value, allowed in (
        ("journal", journal, get_args(Journal)),
        ("width", width, get_args(Width)),
    ):
        if value not in allowed:
            msg = f"{what} must be one of {', '.join(allowed)}, got {value!r}"
            raise InputError(msg)
    settings: Any = _settings(journal, width)
    with mpl.rc_context(settings):
        yield
        interactive = mpl.is_interactive()
    mpl.interactive(interactive)  # a notebook turns this on with its first figure: keep it on


def _settings(journal: Journal, width: Width) -> dict[str, Any]:
    inches = _WIDTHS[journal][width == "double"] * _MM
    text = _TEXT[journal]
    line = text / 10
    return {
        "figure.figsize": (inches, inches * _ASPECT[width]),
        "figure.dpi": 150,
        "figure.constrained_layout.use": True,
        "savefig.dpi": 450,
        "savefig.bbox": "standard",
        "pdf.fonttype": 42,
        "ps.fonttype": 42,
        "svg.fonttype": "none",
        "svg.hashsalt": "rnaexplore",
        "font.family": "sans-serif",
        "font.sans-serif": _available(_FONTS),
        "font.size": text,
        "axes.titlesize": text,
        "axes.titleweight": "normal",
        "axes.labelsize": text,
        "xtick.labelsize": text - 1,
        "ytick.labelsize": text - 1,
        "legend.fontsize": text - 1,
        "legend.frameon": False,
        "axes.linewidth": line * 0.8,
        "xtick.major.width": line * 0.8,
        "ytick.major.width": line * 0.8,
        "xtick.major.size": text * 0.35,
        "ytick.major.size": text * 0.35,
        "lines.linewidth": line * 1.4,
        "lines.markersize": text * 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=OKABE_ITO),
        "image.cmap": "viridis",
    }


def _available(fonts: list[str]) -> list[str]:
    """Return the fonts of a list that are installed, so that none is missed with a warning."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [font for font in fonts if font in installed] or ["DejaVu Sans"]
