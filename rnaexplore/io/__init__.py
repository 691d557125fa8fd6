"""Sequences and structures from files to AnnData, and back; one observation is one RNA.

Names are resolved on first use (PEP 562), so importing this package does not import anndata.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnaexplore.io.assays import Assay, read_assay, read_assays
    from rnaexplore.io.checksums import verify_store
    from rnaexplore.io.fasta import read_fasta
    from rnaexplore.io.labels import JoinedLabels, join_labels
    from rnaexplore.io.lazy import read_lazy
    from rnaexplore.io.sequences import from_sequences
    from rnaexplore.io.stockholm import read_stockholm
    from rnaexplore.io.structures import read_structures, write_structures
    from rnaexplore.io.variants import read_variants, write_variants

__all__ = [
    "Assay",
    "JoinedLabels",
    "from_sequences",
    "join_labels",
    "read_assay",
    "read_assays",
    "read_fasta",
    "read_lazy",
    "read_stockholm",
    "read_structures",
    "read_variants",
    "verify_store",
    "write_structures",
    "write_variants",
]

_MODULES = {
    "Assay": "assays",
    "JoinedLabels": "labels",
    "from_sequences": "sequences",
    "join_labels": "labels",
    "read_assay": "assays",
    "read_assays": "assays",
    "read_fasta": "fasta",
    "read_lazy": "lazy",
    "read_stockholm": "stockholm",
    "read_structures": "structures",
    "read_variants": "variants",
    "verify_store": "checksums",
    "write_structures": "structures",
    "write_variants": "variants",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value = getattr(import_module(f"rnaexplore.io.{_MODULES[name]}"), name)
        globals()[name] = value
        return value
    msg = f"module 'rnaexplore.io' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
