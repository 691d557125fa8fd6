"""The page: the panel above, the explorer below."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets

from rnaexplore.app.limits import Limits
from rnaexplore.app.memory import limit_memory
from rnaexplore.app.panel import Panel

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["page"]


def page(limits: Limits | None = None) -> ipywidgets.VBox:
    """Return the application as a widget: upload, job, explorer, downloads.

    Parameters
    ----------
    limits
        What is allowed; by default what the server set, `Limits` otherwise.
    """
    allowed = Limits.from_environment() if limits is None else limits
    limit_memory(allowed.gigabytes)
    below = ipywidgets.VBox([])

    def show(adata: AnnData, model: Any) -> None:
        from rnaexplore.widgets import explore

        below.children = [explore(adata, model)]

    panel = Panel(allowed, show=show)
    if allowed.file:
        panel.open_stored(Path(allowed.file))
    return ipywidgets.VBox([panel, below])
