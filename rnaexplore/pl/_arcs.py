"""Base pairs as arcs over the sequence: one structure, or two against each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.typing import LineStyleType
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.pl._axes import HIGHLIGHT, POINTS_PER_INCH, axes_or_new, font_size, residue_ticks
from rnaexplore.structure import Structure

__all__ = ["arcs", "pair_arcs"]

_NESTED, _KNOT = "#0072B2", "#D55E00"
_STEPS = 60  #: points of an arc
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
    if reference is not None and len(reference) != len(structure):
        msg = (
            f"the reference has {len(reference)} residues, the structure {len(structure)}; "
            "both must be of the same RNA"
        )
        raise InputError(msg)
    axes = axes_or_new(ax)
    gap = _frame(axes, structure, mirrored=reference is not None, tallest=len(structure) / 2)
    _draw(axes, structure, reference, gap)
    if reference is not None:
        _draw(axes, reference, structure, -gap)
        _sides(axes, names)
    lit = [sorted(map(int, pair)) for pair in highlight]
    for drawn, side in ((structure, gap), (reference, -gap)):
        held = [] if drawn is None else drawn.pairs.tolist()
        _light(axes, [_arc(i, j, side) for i, j in lit if [i, j] in held], len(structure))
    _legend(axes, structure, reference)
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
    n = len(sequence)
    found = [(int(i), int(j)) for i, j in np.asarray(pairs).reshape(-1, 2)]
    if any(not 0 <= i < j < n for i, j in found):
        msg = f"pairs must hold positions i < j in 0 to {n - 1}"
        raise InputError(msg)
    if reference is not None and len(reference) != n:
        msg = f"the reference has {len(reference)} residues, the sequence {n}"
        raise InputError(msg)
    axes = axes_or_new(ax)
    empty = Structure(sequence, np.empty((0, 2), dtype=np.int64))
    drawn = found if reference is None else [*found, *map(tuple, reference.pairs.tolist())]
    tallest = max((j - i for i, j in drawn), default=n) / 2 * 1.05
    gap = _frame(axes, empty, mirrored=reference is not None, tallest=tallest)
    known = set() if reference is None else {(int(i), int(j)) for i, j in reference.pairs}
    colours = [_NESTED if reference is None or pair in known else _KNOT for pair in found]
    _add(axes, [_arc(i, j, gap) for i, j in found], colours, ["-"] * len(found), n)
    if reference is not None:
        _draw(axes, reference, None, -gap)
        axes.set_title(f"{sum(p in known for p in found)} of {len(found)} pairs in the reference")
    return axes


def _frame(ax: Axes, structure: Structure, *, mirrored: bool, tallest: float) -> float:
    """Set limits, ticks and letters; return how far from the middle arcs begin."""
    n = len(structure)
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
        for k, base in enumerate(structure.sequence):
            ax.text(k, 0, base, fontsize=letter, ha="center", va="center_baseline")
    else:
        ax.plot([0, n - 1], [0, 0], color="#4C566A", linewidth=0.8)
    return gap


def _draw(ax: Axes, structure: Structure, other: Structure | None, gap: float) -> None:
    """Draw the pairs of one structure, above for a positive gap and below for a negative one."""
    shared = {tuple(p) for p in (structure if other is None else other).pairs.tolist()}
    orders = structure.orders
    curves = [_arc(i, j, gap) for i, j in structure.pairs.tolist()]
    colours = [_KNOT if order else _NESTED for order in orders.tolist()]
    styles: list[LineStyleType] = [
        "-" if tuple(p) in shared else _DASHES for p in structure.pairs.tolist()
    ]
    _add(ax, curves, colours, styles, len(structure))


def _light(ax: Axes, curves: list[NDArray[np.float64]], n: int) -> None:
    if curves:
        width = _line_width(ax, n) + 0.6
        ax.add_collection(LineCollection(curves, colors=HIGHLIGHT, linewidths=width), autolim=False)


def _add(
    ax: Axes,
    curves: list[NDArray[np.float64]],
    colours: list[str],
    styles: Sequence[LineStyleType],
    n: int,
) -> None:
    ax.add_collection(
        LineCollection(
            curves,
            colors=colours,
            linestyles=list(styles),
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


def _arc(i: int, j: int, gap: float) -> NDArray[np.float64]:
    angle = np.linspace(0.0, np.pi, _STEPS)
    radius = (j - i) / 2
    return np.stack(
        [(i + j) / 2 + radius * np.cos(angle), gap + np.sign(gap) * radius * np.sin(angle)], axis=1
    )


def _sides(ax: Axes, names: tuple[str, str]) -> None:
    for text, y, align in zip(names, (1.0, 0.0), ("top", "bottom"), strict=True):
        ax.text(0.0, y, text, transform=ax.transAxes, ha="left", va=align)


def _legend(ax: Axes, structure: Structure, reference: Structure | None) -> None:
    """Explain what is drawn: colours if there is a pseudoknot, dashes if there are two."""
    drawn = [structure] if reference is None else [structure, reference]
    entries: list[tuple[str, str, LineStyleType]] = []
    if any(s.orders.any() for s in drawn):
        entries += [("nested", _NESTED, "-"), ("pseudoknot", _KNOT, "-")]
    if reference is not None:
        entries += [("in both", "#4C566A", "-"), ("in one", "#4C566A", _DASHES)]
    if not entries:
        return
    handles = [Line2D([], [], color=c, linestyle=style, label=t) for t, c, style in entries]
    ax.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=len(entries),
        frameon=False,
        handlelength=1.6,
        columnspacing=1.0,
        fontsize=font_size(ax),
    )
