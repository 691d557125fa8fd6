"""``rnaexplore plot``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnaexplore.cli._console import console
from rnaexplore.cli._input import read_adata
from rnaexplore.errors import InputError

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["Journal", "Width", "plot"]

FIGURES = (".pdf", ".svg", ".png")
PAGE = ".html"
DPI = 300


class Journal(StrEnum):
    """Formats of journals."""

    nature = "nature"
    cell = "cell"
    ieee = "ieee"
    poster = "poster"


class Width(StrEnum):
    """Widths of a figure."""

    single = "single"
    double = "double"


def plot(  # noqa: PLR0917
    file: Annotated[Path, typer.Argument(exists=True, help="What `rnaexplore map` wrote (.h5ad).")],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="Figure (.pdf, .svg, .png), or page (.html)."),
    ],
    color: Annotated[
        str | None, typer.Option(help="Column of obs; by default families or clusters.")
    ] = None,
    basis: Annotated[str, typer.Option(help="Key of the map.")] = "X_umap",
    style: Annotated[Journal, typer.Option(help="Format of the figure.")] = Journal.nature,
    width: Annotated[Width, typer.Option(help="Columns of the journal.")] = Width.single,
) -> None:
    """Draw the map of RNAs as a figure for a paper, or as a page."""
    if out.suffix not in {*FIGURES, PAGE}:
        msg = f"--out must end in {', '.join(FIGURES)} or {PAGE}, got {out.name!r}"
        raise InputError(msg)
    adata = read_adata(file)
    chosen = _color(adata) if color is None else color
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix == PAGE:
        from rnaexplore import px

        figure = px.embedding(adata, basis, color=chosen)
        figure.write_html(out, include_plotlyjs=True)
    else:
        _draw(adata, out, color=chosen, basis=basis, style=style, width=width)
    by = f"colored by {chosen}" if chosen else "in one color"
    console().print(f"Wrote {out}: {adata.n_obs} RNAs, {by}", markup=False, soft_wrap=True)


def _color(adata: AnnData) -> str | None:
    """Return the column to color by, unless one is named: families, else clusters."""
    from rnaexplore import _keys

    return next((c for c in (_keys.FAMILY, *_keys.CLUSTER_METHODS) if c in adata.obs), None)


def _draw(
    adata: AnnData, out: Path, *, color: str | None, basis: str, style: Journal, width: Width
) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    from rnaexplore import pl

    with pl.style(style.value, width=width.value):
        axes = pl.embedding(adata, basis, color=color)
        figure = axes.get_figure(root=True)
        assert figure is not None
        figure.savefig(out, dpi=DPI)
    plt.close(figure)
