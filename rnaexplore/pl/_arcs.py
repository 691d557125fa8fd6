"""Base pairs as arcs over the sequence: one structure, or two against each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.typing import LineStyleType
from numpy.typing import NDArray

from rnaexplore._figure_data.arcs import Arc, Entry, arc_figure, curve, pair_figure
from rnaexplore._figure_data.theme import EDGE, HIGHLIGHT
from rnaexplore.pl._axes import POINTS_PER_INCH, axes_or_new, font_size, residue_ticks
from rnaexplore.pl._text import plain, plain_labels
from rnaexplore.structure import Structure

__all__ = ["arcs", "pair_arcs"]

_DASHES = (0.0, (2.2, 1.4))


def arcs(
    structure: Structure,
    *,
    reference: Structure | None = None,
    highlight: Sequence[Sequence[int]] = (),
    names: tuple[str, str] = ("predicted", "reference"),
    ax: Axes | None = None,
) -> Axes:
    """Draw base pairs as arcs, and those of a reference below the sequence.

    Parameters
    ----------
    structure
        Drawn above the sequence.
    reference
        Drawn below it. Pairs that only one of both has are dashed.
    highlight
        Pairs, 0-based, whose arcs are drawn thick: for example a helix.
    names
        What is written above and below where there is a reference.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Residues are numbered from 1; pairs of pseudoknots have another colour.

    Raises
    ------
    InputError
        If the structures differ in length.
    """
    shown = arc_figure(structure, reference, highlight)
    axes = axes_or_new(ax)
    gap = _frame(axes, structure.sequence, mirrored=reference is not None, tallest=shown.tallest)
    for side in (1, -1)[: 1 + (reference is not None)]:
        _add(axes, [arc for arc in shown.arcs if arc.side == side], gap, len(structure))
    _light(axes, shown.lit, gap, len(structure))
    if reference is not None:
        _sides(axes, names)
    _legend(axes, shown.legend)
    return axes


def pair_arcs(
    sequence: str,
    pairs: NDArray[np.integer],
    *,
    reference: Structure | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw any pairs of residues as arcs, and those of a reference below the sequence.

    Parameters
    ----------
    sequence
        The RNA.
    pairs
        Shape (n, 2), 0-based, i < j; a residue may be in several pairs, as in the strongest
        attention of a head.
    reference
        Drawn below the sequence. Above, pairs that it has and others differ in colour.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Residues are numbered from 1. With a reference the title tells how many pairs it has.

    Raises
    ------
    InputError
        If a position is out of range, or the reference is of another length.
    """
    shown = pair_figure(sequence, pairs, reference)
    axes = axes_or_new(ax)
    gap = _frame(axes, sequence, mirrored=reference is not None, tallest=shown.tallest)
    for side in (1, -1)[: 1 + (reference is not None)]:
        _add(axes, [arc for arc in shown.arcs if arc.side == side], gap, len(sequence))
    if reference is not None:
        axes.set_title(plain(shown.title))
    return axes


def _frame(ax: Axes, sequence: str, *, mirrored: bool, tallest: float) -> float:
    """Set limits, ticks and letters; return how far from the middle arcs begin."""
    n = len(sequence)
    height = max(tallest, 1.0)
    box = ax.get_window_extent()
    dpi = ax.get_figure(root=True).dpi  # type: ignore[union-attr]
    unit = (2 if mirrored else 1) * height / (box.height / dpi * POINTS_PER_INCH)
    letter = min(font_size(ax), 1.25 * _width_points(ax) / n)
    written = letter >= 3.4  # noqa: PLR2004
    gap = (letter * 0.75 if written else 1.0) * unit
    ax.set(xlim=(-1, n), ylim=(-gap - height * mirrored - (not mirrored) * gap * 0.3, gap + height))
    residue_ticks(ax, [""] * n, both=False)
    ax.set(yticks=[], xlabel="residue")
    ax.spines[["left", "top", "right"]].set_visible(False)
    if written:
        for k, base in enumerate(sequence):
            ax.text(k, 0, base, fontsize=letter, ha="center", va="center_baseline")
    else:
        ax.plot([0, n - 1], [0, 0], color=EDGE, linewidth=0.8)
    return gap


def _light(ax: Axes, arcs: Sequence[Arc], gap: float, n: int) -> None:
    if arcs:
        curves = [curve(arc, gap) for arc in arcs]
        width = _line_width(ax, n) + 0.6
        ax.add_collection(LineCollection(curves, colors=HIGHLIGHT, linewidths=width), autolim=False)


def _add(ax: Axes, arcs: Sequence[Arc], gap: float, n: int) -> None:
    styles: list[LineStyleType] = [_DASHES if arc.dashed else "-" for arc in arcs]
    ax.add_collection(
        LineCollection(
            [curve(arc, gap) for arc in arcs],
            colors=[arc.color for arc in arcs],
            linestyles=styles,
            linewidths=_line_width(ax, n),
            capstyle="round",
        ),
        autolim=False,
    )


def _line_width(ax: Axes, n: int) -> float:
    """Return a width, in points, at which the arcs of a stem stay apart."""
    return float(np.clip(0.5 * _width_points(ax) / n, 0.3, font_size(ax) * 0.13))


def _width_points(ax: Axes) -> float:
    dpi = ax.get_figure(root=True).dpi  # type: ignore[union-attr]
    return float(ax.get_window_extent().width / dpi * POINTS_PER_INCH)


def _sides(ax: Axes, names: tuple[str, str]) -> None:
    for text, y, align in zip(names, (1.0, 0.0), ("top", "bottom"), strict=True):
        ax.text(0.0, y, plain(text), transform=ax.transAxes, ha="left", va=align)


def _legend(ax: Axes, entries: Sequence[Entry]) -> None:
    if not entries:
        return
    handles = [
        Line2D([], [], color=color, linestyle=_DASHES if dashed else "-", label=label)
        for label, color, dashed in entries
    ]
    ax.legend(
        handles=handles,
        labels=plain_labels(handles),
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=len(entries),
        frameon=False,
        handlelength=1.6,
        columnspacing=1.0,
        fontsize=font_size(ax),
    )
