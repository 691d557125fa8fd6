"""Figures for papers: each function draws on an ``Axes``, returns it, and neither shows nor saves.

Nothing here computes results or writes to the AnnData. Names are resolved on first use (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnaexplore.pl._arcs import arcs, pair_arcs
    from rnaexplore.pl._attention import attention
    from rnaexplore.pl._clustered_similarity import clustered_similarity
    from rnaexplore.pl._confusion import confusion
    from rnaexplore.pl._contacts import contacts
    from rnaexplore.pl._distribution import distribution
    from rnaexplore.pl._embedding import embedding, umap
    from rnaexplore.pl._fitness import fitness, fitness_metrics
    from rnaexplore.pl._head_grid import head_grid
    from rnaexplore.pl._head_scores import head_scores
    from rnaexplore.pl._history import history
    from rnaexplore.pl._layers import layers
    from rnaexplore.pl._metrics import metrics
    from rnaexplore.pl._mutations import mutations
    from rnaexplore.pl._palette import palette
    from rnaexplore.pl._panels import panels
    from rnaexplore.pl._probe import probe
    from rnaexplore.pl._reliability import reliability
    from rnaexplore.pl._similarity import similarity
    from rnaexplore.pl._structure import structure
    from rnaexplore.pl._style import style

__all__ = [
    "arcs",
    "attention",
    "clustered_similarity",
    "confusion",
    "contacts",
    "distribution",
    "embedding",
    "fitness",
    "fitness_metrics",
    "head_grid",
    "head_scores",
    "history",
    "layers",
    "metrics",
    "mutations",
    "pair_arcs",
    "palette",
    "panels",
    "probe",
    "reliability",
    "similarity",
    "structure",
    "style",
    "umap",
]

_MODULES = {name: name for name in __all__} | {
    "umap": "embedding", "pair_arcs": "arcs", "fitness_metrics": "fitness",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value = getattr(import_module(f"rnaexplore.pl._{_MODULES[name]}"), name)
        globals()[name] = value
        return value
    msg = f"module 'rnaexplore.pl' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
