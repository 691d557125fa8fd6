"""A contact map beside the known structure: prediction above the diagonal, reference below."""

from __future__ import annotations

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
_SMALLEST, _LARGEST = 2.2, 12.0  #: size of a mark in points


class _Mark(NamedTuple):
    """How one kind of pair is marked; colours of Okabe & Ito and shapes say the same."""

    label: str
    marker: str
    face: str
    edge: str


_CORRECT = _Mark("correct", "s", "#0072B2", "#0072B2")
_WRONG = _Mark("wrong", "x", "#D55E00", "#D55E00")
_FOUND = _Mark("found", "s", "#0072B2", "#0072B2")
_MISSED = _Mark("missed", "s", "none", "#E69F00")
_PREDICTED = _Mark("pair", "s", "none", "#0072B2")


def contacts(
    cmap: ContactMap,
    reference: Structure | None = None,
    *,
    predicted: Structure | None = None,
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
        the upper triangle: correct ones by a square, wrong ones by a cross. With a reference and
        without this it is ``cmap.decode()``.
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
    for name, given in (("reference", reference), ("predicted", predicted)):
        _check_length(name, given, cmap)
    axes = axes_or_new(ax)
    _heat(axes, cmap, upper_only=reference is not None)
    title = f"{cmap.model} ({cmap.method})"
    if reference is not None:
        decoded = cmap.decode() if predicted is None else predicted
        title += _compare(axes, decoded, reference)
    elif predicted is not None:
        _mark(axes, predicted.pairs, _PREDICTED, len(predicted))
        _legend(axes, {"upper: decoded": (_PREDICTED,)})
    axes.set_title(title)
    return axes


def _check_length(name: str, structure: Structure | None, cmap: ContactMap) -> None:
    n = len(cmap.probabilities)
    if structure is not None and len(structure) != n:
        msg = (
            f"{name} has {len(structure)} residues, but the contact map {n}; "
            "both must be of the same RNA"
        )
        raise InputError(msg)


def _heat(ax: Axes, cmap: ContactMap, *, upper_only: bool) -> None:
    n = len(cmap.probabilities)
    shown = np.triu(cmap.probabilities) if upper_only else cmap.probabilities
    image = ax.imshow(shown, cmap=_HEAT, vmin=0, vmax=1, interpolation="nearest")
    ends = (-0.5, n - 0.5)
    ax.plot(ends, ends, color="#B8BCC6", linewidth=0.5, scalex=False, scaley=False)
    square(ax)
    residue_ticks(ax, cmap.residues)
    ax.set(xlabel="residue", ylabel="residue")
    colour_bar(ax, image, "contact probability")


def _compare(ax: Axes, predicted: Structure, reference: Structure) -> str:
    """Mark the pairs of both structures by whether the other has them; return the scores."""
    n = len(reference)
    right = _is_in(predicted.pairs, reference.pairs)
    found = _is_in(reference.pairs, predicted.pairs)
    _mark(ax, predicted.pairs[right], _CORRECT, n)
    _mark(ax, predicted.pairs[~right], _WRONG, n)
    _mark(ax, reference.pairs[found][:, ::-1], _FOUND, n)
    _mark(ax, reference.pairs[~found][:, ::-1], _MISSED, n)
    above, below = (_CORRECT, _WRONG), (_FOUND, _MISSED)
    _legend(ax, {"upper: predicted": above, "lower: reference": below})
    scores = score(predicted, reference)
    return f": F1 {scores['f1']:.2f} (±1: {scores['f1_shifted']:.2f})"


def _is_in(pairs: Pairs, others: Pairs) -> NDArray[np.bool_]:
    known = {tuple(pair) for pair in others.tolist()}
    return np.array([tuple(pair) in known for pair in pairs.tolist()], dtype=bool)


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
        "markeredgewidth": max(0.6, size * 0.16),
    }


def _legend(ax: Axes, groups: dict[str, tuple[_Mark, ...]]) -> None:
    """Explain the marks below the axes, a block for each triangle."""
    size = font_size(ax)
    drop = ScaledTranslation(0, -below_labels(ax) / 72, ax.figure.dpi_scale_trans)
    for k, (title, marks) in enumerate(groups.items()):
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
            bbox_to_anchor=(0.55 * k, 0.0),
            bbox_transform=ax.transAxes + drop,
            borderaxespad=0,
            borderpad=0,
            handletextpad=0.4,
            handlelength=1.0,
            labelspacing=0.3,
            frameon=False,
        )
        ax.add_artist(legend)
        legend.set_clip_on(False)  # so that the layout makes room for it
