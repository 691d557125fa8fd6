"""A contact map beside the known structure: prediction above the diagonal, reference below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from rnaexplore.errors import InputError
from rnaexplore.maps import ContactMap
from rnaexplore.pl._axes import (
    HIGHLIGHT,
    POINTS_PER_INCH,
    axes_or_new,
    below_labels,
    cell_points,
    colour_bar,
    font_size,
    residue_ticks,
    square,
)
from rnaexplore.structure import Structure, score

__all__ = ["contacts"]

Pairs = NDArray[np.int64]

_HEAT = LinearSegmentedColormap.from_list(
    "probability", ["#FFFFFF", "#C6CAD3", "#7C8494", "#23283A"]
)
_SMALLEST, _LARGEST = 1.6, 12.0  #: size of a mark in points
_BLOCK = 11.0  #: width of a block of the legend, in sizes of its text
_SHIFT = 1  #: steps in sequence, both partners together, that a shifted pair is off


class _Mark(NamedTuple):
    """How one kind of pair is marked; colours of Okabe & Ito and shapes say the same."""

    label: str
    marker: str
    face: str
    edge: str


_CORRECT = _Mark("correct", "s", "#0072B2", "#0072B2")
_SHIFTED = _Mark("shifted by 1", "D", "#A6D8F5", "#0072B2")
_WRONG = _Mark("wrong", "x", "#D55E00", "#D55E00")
_FOUND = _Mark("found", "s", "#0072B2", "#0072B2")
_MISSED = _Mark("missed", "s", "none", "#E69F00")
_LIT = _Mark("lit up", "o", "none", HIGHLIGHT)
_PREDICTED = _Mark("pair", "s", "none", "#0072B2")


def contacts(
    cmap: ContactMap,
    reference: Structure | None = None,
    *,
    predicted: Structure | None = None,
    other: ContactMap | None = None,
    highlight: Sequence[Sequence[int]] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw a contact map, with the known structure in the lower triangle if there is one.

    Parameters
    ----------
    cmap
        From `rnaexplore.tl.contacts`.
    reference
        The known structure. Its pairs take the lower triangle: found ones filled, missed ones
        hollow. The title then tells F1, strictly and with one partner off by one allowed (±1).
    predicted
        The structure that the map stands for, from ``cmap.decode(…)``. Its pairs are marked in
        the upper triangle: correct ones by a square, wrong ones by a cross. In both triangles a
        pale diamond is a pair of which the other structure has one partner one position off. With
        a reference and without this it is ``cmap.decode()``.
    other
        Another map of the same RNA for the lower triangle; `reference` is then the structure
        that it stands for, ``other.decode()`` by default.
    highlight
        Pairs, 0-based, to ring in both triangles: for example a helix.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Residues are numbered from 1 from the upper left corner.

    Raises
    ------
    InputError
        If a structure does not have the length of the map.
    """
    for name, given in (("reference", reference), ("predicted", predicted), ("other", other)):
        _check_length(name, given, cmap)
    if other is not None and reference is None:
        reference = other.decode()
    axes = axes_or_new(ax)
    _heat(axes, cmap, _below(cmap, reference, other), _bar_label(cmap, other))
    title = f"{cmap.model} ({cmap.method})"
    if reference is not None:
        decoded = cmap.decode() if predicted is None else predicted
        below = None if other is None else f"{other.model} ({other.method})"
        _compare(axes, decoded, reference, below)
        scores = score(decoded, reference)
        title += "" if below is None else f", below {below}"
        title += f"\nF1 {scores['f1']:.2f} strict, {scores['f1_shifted']:.2f} within ±1"
    elif predicted is not None:
        _mark(axes, predicted.pairs, _PREDICTED, len(predicted))
        _legend(axes, {"upper: decoded": (_PREDICTED,)})
    if len(highlight):
        pairs = np.sort(np.asarray(highlight, dtype=np.int64), axis=1)
        _mark(axes, np.concatenate([pairs, pairs[:, ::-1]]), _LIT, len(cmap))
    axes.set_title(title)
    return axes


def _check_length(name: str, given: Structure | ContactMap | None, cmap: ContactMap) -> None:
    n = len(cmap)
    found = 0 if given is None else len(given)
    if given is not None and found != n:
        msg = f"{name} has {found} residues, but the contact map {n}; both must be of the same RNA"
        raise InputError(msg)


def _below(
    cmap: ContactMap, reference: Structure | None, other: ContactMap | None
) -> NDArray[np.float32]:
    """Return what the lower triangle shows under its marks."""
    if other is not None:
        return other.values
    return cmap.values if reference is None else np.zeros_like(cmap.values)


def _bar_label(cmap: ContactMap, other: ContactMap | None) -> str:
    """Return what the values are; scores are not called probabilities."""
    kinds = [cmap.kind] if other is None else [cmap.kind, other.kind]
    if len(set(kinds)) == 1:
        return f"contact {kinds[0]}"
    return f"{kinds[0]} (upper), {kinds[1]} (lower)"


def _heat(ax: Axes, cmap: ContactMap, below: NDArray[np.float32], label: str) -> None:
    n = len(cmap)
    shown = np.triu(cmap.values) + np.tril(below, -1)
    image = ax.imshow(shown, cmap=_HEAT, vmin=0, vmax=1, interpolation="nearest")
    ends = (-0.5, n - 0.5)
    ax.plot(ends, ends, color="#B8BCC6", linewidth=0.5, scalex=False, scaley=False)
    square(ax)
    residue_ticks(ax, cmap.residues)
    ax.set(xlabel="residue", ylabel="residue")
    colour_bar(ax, image, label)


def _compare(ax: Axes, predicted: Structure, reference: Structure, name: str | None) -> None:
    """Mark the pairs of both structures by whether the other has them.

    Between two maps, which `name` tells, neither is right: marks then say in which a pair is.
    """
    n = len(reference)
    judged = (_CORRECT, _WRONG, _FOUND, _MISSED)
    unjudged = tuple(
        mark._replace(label=text)
        for mark, text in zip(judged, ("in both", "only here") * 2, strict=True)
    )
    right, wrong, found, missed = judged if name is None else unjudged
    above = _kinds(predicted.pairs, reference.pairs, (right, _SHIFTED, wrong))
    below = _kinds(reference.pairs, predicted.pairs, (found, _SHIFTED, missed))
    for mark, pairs in above.items():
        _mark(ax, pairs, mark, n)
    for mark, pairs in below.items():
        _mark(ax, pairs[:, ::-1], mark, n)
    unused = set() if len(above[_SHIFTED]) + len(below[_SHIFTED]) else {_SHIFTED}
    groups = {"upper: predicted": above, f"lower: {name or 'reference'}": below}
    _legend(ax, {title: tuple(m for m in g if m not in unused) for title, g in groups.items()})


def _kinds(pairs: Pairs, others: Pairs, marks: tuple[_Mark, _Mark, _Mark]) -> dict[_Mark, Pairs]:
    """Return the pairs that the others hold, hold shifted, and do not hold."""
    far = np.iinfo(np.int64).max
    off = np.abs(pairs[:, None] - others[None]).sum(2).min(1, initial=far)
    same, near, missing = marks
    return {same: pairs[off == 0], near: pairs[off == _SHIFT], missing: pairs[off > _SHIFT]}


def _mark(ax: Axes, pairs: Pairs, mark: _Mark, n: int) -> None:
    """Mark pairs (row, column) by marks about as large as a residue."""
    size = float(np.clip(cell_points(ax, n) * 0.85, _SMALLEST, _LARGEST))
    ax.plot(pairs[:, 1], pairs[:, 0], **_look(mark, size), scalex=False, scaley=False)


def _look(mark: _Mark, size: float) -> dict[str, Any]:
    return {
        "linestyle": "none",
        "marker": mark.marker,
        "markersize": size,
        "markerfacecolor": mark.face,
        "markeredgecolor": mark.edge,
        "markeredgewidth": float(np.clip(size * 0.16, 0.4, 1.4)),
    }


def _legend(ax: Axes, groups: dict[str, tuple[_Mark, ...]]) -> None:
    """Explain the marks below the axes, a block for each triangle."""
    size = font_size(ax)
    down = below_labels(ax) / POINTS_PER_INCH
    for k, (title, marks) in enumerate(groups.items()):
        right = k * _BLOCK * size / POINTS_PER_INCH
        place = ScaledTranslation(right, -down, ax.figure.dpi_scale_trans)
        handles = [Line2D([], [], label=m.label, **_look(m, size * 0.7)) for m in marks]
        legend = Legend(
            ax,
            handles,
            [mark.label for mark in marks],
            title=title,
            title_fontsize=size,
            fontsize=size,
            alignment="left",
            loc="upper left",
            bbox_to_anchor=(0.0, 0.0),
            bbox_transform=ax.transAxes + place,
            borderaxespad=0,
            borderpad=0,
            handletextpad=0.4,
            handlelength=1.0,
            labelspacing=0.3,
            frameon=False,
        )
        ax.add_artist(legend)
        legend.set_clip_on(False)  # so that the layout makes room for it
