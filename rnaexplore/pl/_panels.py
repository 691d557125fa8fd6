"""Several panels with letters in one figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

from rnaexplore.errors import InputError
from rnaexplore.pl._axes import POINTS_PER_INCH, font_size

__all__ = ["Case", "panels"]

Case = Literal["lower", "upper"]
_MM_PER_INCH = 25.4


def panels(
    mosaic: str,
    *,
    height: float | None = None,
    width_ratios: Sequence[float] | None = None,
    height_ratios: Sequence[float] | None = None,
    case: Case = "lower",
) -> dict[str, Axes]:
    """Return the axes of a new figure of several panels, each with its letter.

    Parameters
    ----------
    mosaic
        The arrangement, a letter a panel: ``"aab;ccc"`` has a wide panel a beside b, both above
        c; ``.`` leaves a gap. As in `matplotlib.pyplot.subplot_mosaic`.
    height
        Height of the figure in millimetres; by default that of the style. Its width is always
        that of the style.
    width_ratios, height_ratios
        Relative sizes of the columns and rows.
    case
        ``"lower"`` writes a, b, c as Nature does, ``"upper"`` A, B, C as Cell does.

    Returns
    -------
    dict
        Axes by the letter in `mosaic`; ``rx.pl.umap(…, ax=axes["a"])`` draws on one.

    Raises
    ------
    InputError
        If the mosaic is not rectangular, or `case` is unknown.
    """
    if case not in get_args(Case):
        msg = f"case must be one of {', '.join(get_args(Case))}, got {case!r}"
        raise InputError(msg)
    width, usual = plt.rcParams["figure.figsize"]
    size = (width, usual if height is None else height / _MM_PER_INCH)
    figure = plt.figure(figsize=size, layout="constrained")
    try:
        axes = figure.subplot_mosaic(
            mosaic, width_ratios=width_ratios, height_ratios=height_ratios
        )
    except ValueError as error:
        plt.close(figure)
        msg = f"mosaic must be rectangular, such as 'ab;cc', got {mosaic!r}: {error}"
        raise InputError(msg) from error
    for letter, ax in axes.items():
        _write(ax, letter.lower() if case == "lower" else letter.upper())
    return axes


def _write(ax: Axes, letter: str) -> None:
    size = font_size(ax) + 2
    shift = (-2.4 * size / POINTS_PER_INCH, 0.5 * size / POINTS_PER_INCH)
    figure = ax.get_figure(root=True)
    assert figure is not None
    place = ax.transAxes + ScaledTranslation(*shift, figure.dpi_scale_trans)
    ax.text(
        0.0, 1.0, letter, transform=place, fontsize=size, fontweight="bold", va="bottom", ha="left"
    )
