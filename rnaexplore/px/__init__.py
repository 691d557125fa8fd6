"""Figures for the screen: each function returns a plotly figure, and neither shows nor saves.

The functions have the names and, where they make sense, the arguments of `rnaexplore.pl`, and
draw the same values. Nothing here computes results or writes to the AnnData. Names are resolved
on first use (PEP 562); the first figure registers the templates ``"rnaexplore"`` and
``"rnaexplore+dark"`` in ``plotly.io.templates``, without making them the default.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnaexplore.px._arcs import arcs, pair_arcs
    from rnaexplore.px._attention import attention
    from rnaexplore.px._clustered_similarity import clustered_similarity
    from rnaexplore.px._confusion import confusion
    from rnaexplore.px._contacts import contacts
    from rnaexplore.px._distribution import distribution
    from rnaexplore.px._embedding import embedding, umap
    from rnaexplore.px._fitness import fitness, fitness_metrics
    from rnaexplore.px._head_grid import head_grid
    from rnaexplore.px._head_scores import head_scores
    from rnaexplore.px._history import history
    from rnaexplore.px._layers import layers
    from rnaexplore.px._metrics import metrics
    from rnaexplore.px._mutations import mutations
    from rnaexplore.px._probe import probe
    from rnaexplore.px._reliability import reliability
    from rnaexplore.px._similarity import similarity
    from rnaexplore.px._structure import structure

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
    "probe",
    "reliability",
    "similarity",
    "structure",
    "umap",
]

_MODULES = {name: name for name in __all__} | {
    "fitness_metrics": "fitness",
    "pair_arcs": "arcs",
    "umap": "embedding",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value = getattr(import_module(f"rnaexplore.px._{_MODULES[name]}"), name)
        globals()[name] = value
        return value
    msg = f"module 'rnaexplore.px' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
