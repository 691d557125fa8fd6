"""Several panels with letters in one figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rnaexplore.errors import InputError

__all__ = ["Case", "panels"]

Case = Literal["lower", "upper"]
_GAP = "."
_MM_PER_INCH = 25.4


def panels(
    mosaic: str,
    *,
    height: float | None = None,
    width_ratios: Sequence[float] | None = None,
    height_ratios: Sequence[float] | None = None,
    case: Case = "lower",
) -> tuple[Figure, dict[str, Axes]]:
    """Return a new figure of several panels, each with its letter in the upper left corner.

    Parameters
    ----------
    mosaic
        The arrangement, a letter a panel and ``;`` between rows: ``"aab;ccc"`` has a wide panel
        a beside b, both above c; ``.`` leaves a gap.
    height
        Height of the figure in millimetres; by default that of the style. Its width is always
        that of the style.
    width_ratios, height_ratios
        Relative sizes of the columns and rows.
    case
        ``"lower"`` writes a, b, c as Nature does, ``"upper"`` A, B, C as Cell does.

    Returns
    -------
    Figure, dict of Axes
        The figure, to save, and its axes by their letters in `mosaic`: ``ax=axes["a"]`` makes a
        function of `rnaexplore.pl` draw there.

    Raises
    ------
    InputError
        If rows differ in length, a panel is not a rectangle, a number of ratios is not that of
        the columns or rows, or `case` is unknown.
    """
    if case not in get_args(Case):
        msg = f"case must be one of {', '.join(get_args(Case))}, got {case!r}"
        raise InputError(msg)
    rows = _rows(mosaic)
    _check_ratios("width_ratios", width_ratios, len(rows[0]))
    _check_ratios("height_ratios", height_ratios, len(rows))
    spans = {letter: _span(rows, letter) for letter in sorted(set("".join(rows)) - {_GAP})}
    width, usual = plt.rcParams["figure.figsize"]
    size = (width, usual if height is None else height / _MM_PER_INCH)
    figure = plt.figure(figsize=size, layout="constrained")
    grid = figure.add_gridspec(
        len(rows), len(rows[0]), width_ratios=width_ratios, height_ratios=height_ratios
    )
    axes = {}
    for letter, (down, across) in spans.items():
        part = figure.add_subfigure(grid[down, across])
        text = letter.lower() if case == "lower" else letter.upper()
        part.suptitle(
            text, x=0.01, ha="left", fontweight="bold", fontsize=plt.rcParams["font.size"] + 1
        )
        axes[letter] = part.subplots()
    return figure, axes


def _rows(mosaic: str) -> list[str]:
    rows = [row.strip() for row in mosaic.replace("\n", ";").split(";") if row.strip()]
    if not rows or len(set(map(len, rows))) > 1:
        msg = f"mosaic must have rows of one length, such as 'ab;cc', got {mosaic!r}"
        raise InputError(msg)
    return rows


def _check_ratios(name: str, ratios: Sequence[float] | None, n: int) -> None:
    if ratios is not None and (len(ratios) != n or min(ratios) <= 0):
        msg = f"{name} must be {n} positive numbers for this mosaic, got {list(ratios)}"
        raise InputError(msg)


def _span(rows: list[str], letter: str) -> tuple[slice, slice]:
    """Return the rows and columns of a panel."""
    down = [k for k, row in enumerate(rows) if letter in row]
    across = [k for k in range(len(rows[0])) if any(row[k] == letter for row in rows)]
    spans = slice(down[0], down[-1] + 1), slice(across[0], across[-1] + 1)
    if any(set(row[spans[1]]) != {letter} for row in rows[spans[0]]):
        msg = f"panel {letter!r} must be a rectangle in the mosaic, got {';'.join(rows)!r}"
        raise InputError(msg)
    return spans
