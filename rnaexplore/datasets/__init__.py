"""Data to work with: a sample that is shipped, and Rfam families that are downloaded.

Names are resolved on first use (PEP 562), so importing this package does not import anndata.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnaexplore.datasets.download import rfam
    from rnaexplore.datasets.sample import rfam_sample

__all__ = ["rfam", "rfam_sample"]

_MODULES = {"rfam": "download", "rfam_sample": "sample"}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value = getattr(import_module(f"rnaexplore.datasets.{_MODULES[name]}"), name)
        globals()[name] = value
        return value
    msg = f"module 'rnaexplore.datasets' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
