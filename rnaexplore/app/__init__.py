"""The explorer as a web application: `serve` starts it, the page is `page`.

Each visitor has a Python process of their own; see `rnaexplore.app.server` for what is open to
them and what is not.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnaexplore.app.layout import page
    from rnaexplore.app.limits import Limits
    from rnaexplore.app.server import serve

__all__ = ["Limits", "page", "serve"]

_PLACES = {"Limits": "limits", "page": "layout", "serve": "server"}


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f"rnaexplore.app.{_PLACES[name]}"), name)
    msg = f"module 'rnaexplore.app' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
