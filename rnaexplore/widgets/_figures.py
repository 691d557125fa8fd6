"""Static twins of the views, drawn by `rnaexplore.pl`."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnaexplore import pl
from rnaexplore.errors import InputError
from rnaexplore.maps import AttentionMaps, ContactMap

if TYPE_CHECKING:
    from anndata import AnnData

    from rnaexplore.structure import Structure

__all__ = ["save_attention", "save_contacts", "save_map"]


def save_map(
    path: str | PathLike[str], adata: AnnData, basis: str | None, color: str | None
) -> Path:
    """Write a map as a figure."""
    if basis is None:
        msg = "there is no map to save: no basis is chosen. Set .basis to a two-column obsm key"
        raise InputError(msg)
    return _save(path, pl.embedding(adata, basis, color=color))


def save_attention(
    path: str | PathLike[str], maps: AttentionMaps, layer: int, head: int | None
) -> Path:
    """Write one attention map as a figure."""
    return _save(path, pl.attention(maps, layer=layer, head=head))


def save_contacts(
    path: str | PathLike[str], contacts: ContactMap, reference: Structure | None
) -> Path:
    """Write a contact map as a figure."""
    return _save(path, pl.contacts(contacts, reference))


def _save(path: str | PathLike[str], axes: Any) -> Path:
    """Save the figure that holds `axes`, and close it: it was made for the file."""
    from matplotlib import pyplot as plt

    target = Path(path)
    axes.figure.savefig(target, bbox_inches="tight")
    plt.close(axes.figure)
    return target
