"""Look inside RNA language models: embeddings, attention, contacts, with a baseline beside each.

The usual way to import it::

    import rnaexplore as rx

Names are resolved on first use (PEP 562), so importing the package imports nothing heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rnaexplore._version import __version__

_MODULES = frozenset(
    {
        "app", "datasets", "errors", "finetuning", "io", "maps", "models", "pl", "pretraining",
        "px", "structure", "tl", "widgets",
    }
)  # fmt: skip

_NAMES = {
    "AttentionMaps": "rnaexplore.maps",
    "ContactMap": "rnaexplore.maps",
    "CouplingMap": "rnaexplore.maps",
    "MutationMap": "rnaexplore.maps",
    "ResidueProbabilities": "rnaexplore.maps",
    "Structure": "rnaexplore.structure",
    "doctor": "rnaexplore.diagnostics",
    "explore": "rnaexplore.widgets",
    "finetune": "rnaexplore.finetuning",
    "from_sequences": "rnaexplore.io",
    "link": "rnaexplore.widgets",
    "list_models": "rnaexplore.models",
    "load_model": "rnaexplore.models",
    "read_fasta": "rnaexplore.io",
    "read_lazy": "rnaexplore.io",
    "read_stockholm": "rnaexplore.io",
    "read_structures": "rnaexplore.io",
    "register": "rnaexplore.models",
    "repro": "rnaexplore.provenance",
    "write_structures": "rnaexplore.io",
}

__all__ = [
    "AttentionMaps",
    "ContactMap",
    "CouplingMap",
    "MutationMap",
    "ResidueProbabilities",
    "Structure",
    "__version__",
    "app",
    "datasets",
    "doctor",
    "errors",
    "explore",
    "finetune",
    "finetuning",
    "from_sequences",
    "io",
    "link",
    "list_models",
    "load_model",
    "maps",
    "models",
    "pl",
    "pretraining",
    "px",
    "read_fasta",
    "read_lazy",
    "read_stockholm",
    "read_structures",
    "register",
    "repro",
    "structure",
    "tl",
    "widgets",
    "write_structures",
]

if TYPE_CHECKING:
    from rnaexplore import (
        app,
        datasets,
        errors,
        finetuning,
        io,
        maps,
        models,
        pl,
        pretraining,
        px,
        structure,
        tl,
        widgets,
    )
    from rnaexplore.diagnostics import doctor
    from rnaexplore.finetuning import finetune
    from rnaexplore.io import (
        from_sequences,
        read_fasta,
        read_lazy,
        read_stockholm,
        read_structures,
        write_structures,
    )
    from rnaexplore.maps import (
        AttentionMaps,
        ContactMap,
        CouplingMap,
        MutationMap,
        ResidueProbabilities,
    )
    from rnaexplore.models import list_models, load_model, register
    from rnaexplore.provenance import repro
    from rnaexplore.structure import Structure
    from rnaexplore.widgets import explore, link


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"rnaexplore.{name}")
    if name in _NAMES:
        value = getattr(import_module(_NAMES[name]), name)
        globals()[name] = value
        return value
    msg = f"module 'rnaexplore' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
