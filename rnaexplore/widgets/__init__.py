"""Interactive views for notebooks: state in Python (traitlets), pictures in the browser.

A view is an `anywidget` with its own ES modules: it loads nothing from a network, and the same
code draws the page that ``to_html`` writes.
"""

from __future__ import annotations

from rnaexplore.widgets.attention.viewer import AttentionViewer
from rnaexplore.widgets.contacts.studio import ContactStudio
from rnaexplore.widgets.core.link import Link, link
from rnaexplore.widgets.explorer.embedding_map import EmbeddingMap
from rnaexplore.widgets.explorer.explorer import Explorer, explore
from rnaexplore.widgets.mutations.viewer import MutationViewer

__all__ = [
    "AttentionViewer",
    "ContactStudio",
    "EmbeddingMap",
    "Explorer",
    "Link",
    "MutationViewer",
    "explore",
    "link",
]
