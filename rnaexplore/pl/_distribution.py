"""Numbers of ``obs`` by group, or of a selection beside all others."""

from __future__ import annotations

from typing import TYPE_CHECKING
from warnings import catch_warnings, simplefilter

import pandas as pd
from matplotlib import MatplotlibDeprecationWarning

from rnaexplore._figure_data.distribution import Distribution, Selection, distribution_rows
from rnaexplore._figure_data.theme import LIGHT
from rnaexplore.pl._axes import axes_with_rows, font_size

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.axes import Axes

__all__ = ["distribution"]


def distribution(
    adata: AnnData,
    value: str,
    *,
    groupby: str | None = None,
    selection: Selection | None = None,
    top: int = 19,
    ax: Axes | None = None,
) -> Axes:
    """Draw how a number is distributed, a box per group.

    Parameters
    ----------
    adata
        The RNAs.
    value
        An ``obs`` column of numbers, for example ``"length"``.
    groupby
        An ``obs`` column of categories: a row each, the largest on top, in the colors of maps.
    selection
        Names of RNAs, for example ``view.selection``, or a boolean mask: each row has a box of
        the selected RNAs and one of the others.
    top
        How many groups are drawn, the largest.
    ax
        Axes to draw on; by default those of a new figure, as high as the rows need.

    Returns
    -------
    Axes
        Boxes end at the quartiles and are cut at the median; whiskers end at the last value within
        1.5 times the interquartile range, values beyond it are dots. Names tell how many RNAs a
        row stands for.

    Raises
    ------
    MissingKeyError
        If ``obs`` has no such column, or no RNA of a name in `selection`.
    InputError
        If `value` is no column of numbers, none has a value, `top` is below 1, or the mask is of
        another length.
    """
    import seaborn as sns

    shown = distribution_rows(adata, value, groupby, selection, top)
    axes = axes_with_rows(len(shown.rows) * max(1, len(shown.parts)), 4) if ax is None else ax
    size = font_size(axes)
    with catch_warnings():  # seaborn 0.13 calls matplotlib 3.11 by a deprecated name
        simplefilter("ignore", MatplotlibDeprecationWarning)
        sns.boxplot(
            _long(shown), x="value", y="row", hue="hue", palette=_palette(shown), orient="y",
            order=shown.rows, width=0.7, saturation=1, dodge="auto", linewidth=size * 0.12,
            linecolor=LIGHT.ink, fliersize=size * 0.3, legend=bool(shown.parts), ax=axes,
        )  # fmt: skip
    axes.set(xlabel=shown.label, ylabel=shown.title)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    if shown.parts:
        sns.move_legend(
            axes, "lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, title=None, frameon=False,
            fontsize=size,
        )  # fmt: skip
    return axes


def _palette(shown: Distribution) -> dict[str, str]:
    if shown.parts:
        return dict(shown.parts)
    return {shown.rows[box.row]: box.colour for box in shown.boxes}


def _long(shown: Distribution) -> pd.DataFrame:
    """Return one row per RNA: its value, its row in the figure, its hue."""
    names = [name for name, _ in shown.parts]
    parts = [
        pd.DataFrame(
            {
                "value": box.values,
                "row": shown.rows[box.row],
                "hue": names[box.part] if names else shown.rows[box.row],
            }
        )
        for box in shown.boxes
    ]
    return pd.concat(parts, ignore_index=True)
