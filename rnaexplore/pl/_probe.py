"""Scores of a probe with their intervals: representations beside baselines and nulls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from rnaexplore._figure_data.scores import Series, probe_rows
from rnaexplore.pl._axes import axes_or_new, font_size, legend_above
from rnaexplore.pl._metrics import dots, grounds, name_rows

if TYPE_CHECKING:
    from rnaexplore.tl import ProbeResult

__all__ = ["probe"]


def probe(
    results: ProbeResult | Mapping[str, ProbeResult],
    score: str | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw a score of a probe with its 95 % intervals, a row a representation.

    Parameters
    ----------
    results
        From `rnaexplore.tl.probe`; or several by name, of the same representations, to be
        compared: for example a random split and one that holds out relatives.
    score
        For example ``"macro_f1"``; by default balanced accuracy for classes, R² for numbers.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
        Baselines and nulls lie below a line, on a grey ground, with hollow marks.

    Raises
    ------
    MissingKeyError
        If there is no such score.
    InputError
        If there is no result, or they have different representations.
    """
    shown = probe_rows(results, score)
    axes = axes_or_new(ax)
    grounds(axes, shown.rows)
    size = font_size(axes) * 0.8
    for series in shown.series:
        dots(axes, series, shown.rows, size=size, line=size * 0.2)
    name_rows(axes, shown.rows)
    axes.set_xlabel(shown.label)
    if shown.range is not None:
        axes.set_xlim(shown.range)
    if len(shown.series) > 1:
        legend_above(axes, [_handle(size, series) for series in shown.series])
    return axes


def _handle(size: float, series: Series) -> Line2D:
    return Line2D(
        [], [], color=series.colour, marker=series.marker, label=series.label, markersize=size
    )
