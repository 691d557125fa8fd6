"""What a visitor can take home."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from rnaexplore import _keys
from rnaexplore.errors import UnknownNameError, nearest
from rnaexplore.io.file_names import spreadsheet_safe
from rnaexplore.widgets.explorer.map_state import default_colour

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["make", "offered"]

KINDS = {
    "h5ad": "AnnData",
    "csv": "table",
    "dbn": "structures",
    "svg": "map, SVG",
    "pdf": "map, PDF",
    "html": "map, plotly page",
    "py": "code",
}


def offered(adata: AnnData) -> list[dict[str, str]]:
    """Return kind and label of each file that there is."""
    absent = {"dbn"} if not _structures(adata) else set()
    if _keys.UMAP not in adata.obsm:
        absent |= {"svg", "pdf", "html"}
    return [{"kind": k, "label": label} for k, label in KINDS.items() if k not in absent]


def make(kind: str, adata: AnnData) -> bytes:
    """Return a file's content.

    Parameters
    ----------
    kind
        ``"h5ad"``: everything. ``"csv"``: ``obs`` and the map's coordinates. ``"dbn"``: structures,
        the predicted ones if there are any. ``"svg"``, ``"pdf"``: the map with editable text;
        ``"html"``: the map as a plotly figure in one page that needs no network. Maps are colored
        as the explorer colors them at first.
        ``"py"``: the code that makes all of it, `rnaexplore.repro`.
    adata
        Results.

    Raises
    ------
    UnknownNameError
        If there is no such kind.
    """
    if kind not in KINDS:
        msg = f"no file is named {kind!r}. {nearest(kind, KINDS)}"
        raise UnknownNameError(msg)
    if kind == "csv":
        return _table(adata)
    if kind == "py":
        from rnaexplore.provenance import repro

        return repro(adata).encode()
    with TemporaryDirectory(prefix="rnaexplore-") as folder:
        path = Path(folder) / f"rnas.{kind}"
        _write(kind, adata, path)
        return path.read_bytes()


def _write(kind: str, adata: AnnData, path: Path) -> None:
    if kind == "h5ad":
        adata.write_h5ad(path, compression="gzip")
    elif kind == "dbn":
        from rnaexplore.io import write_structures

        write_structures(adata, path, _structures(adata)[-1])
    elif kind == "html":
        from rnaexplore import px

        px.umap(adata, color=default_colour(adata)).write_html(path, include_plotlyjs=True)
    else:
        _draw(adata, path)


def _structures(adata: AnnData) -> list[str]:
    """Return the columns of structures, predicted ones last; columns with gaps do not count."""
    columns = [str(c) for c in adata.obs if str(c).startswith(_keys.STRUCTURE)]
    return sorted(c for c in columns if adata.obs[c].astype(str).str.len().gt(0).all())


def _table(adata: AnnData) -> bytes:
    table = adata.obs.copy()
    if _keys.UMAP in adata.obsm:
        table["umap_1"], table["umap_2"] = adata.obsm[_keys.UMAP].T
    for column in table:
        if table[column].dtype.kind not in "biuf":
            table[column] = table[column].astype(object).map(_cell)
    table.index = [spreadsheet_safe(str(name)) for name in table.index]
    table.index.name = "name"
    text: str = table.to_csv()
    return text.encode()


def _cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    return spreadsheet_safe(value) if isinstance(value, str) else value


def _draw(adata: AnnData, path: Path) -> None:
    import matplotlib.pyplot as plt

    from rnaexplore import pl

    with pl.style("nature", width="double"):
        figure: Any = pl.umap(adata, color=default_colour(adata)).get_figure(root=True)
        figure.savefig(path)
    plt.close(figure)
