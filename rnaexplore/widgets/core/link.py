"""One selection for several views: explorers, maps and plotly figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnaexplore.errors import InputError
from rnaexplore.widgets.core.link_ends import End, FigureEnd, Names, ViewEnd
from rnaexplore.widgets.core.selection_state import SelectionState

__all__ = ["Link", "link"]

_LEAST = 2


class Link:
    """Views that share a selection, made by `link`.

    Attributes
    ----------
    views : tuple
        The views that are still linked; a view that is closed leaves by itself.
    """

    def __init__(self, views: tuple[Any, ...]) -> None:
        self._moving = False
        self._ends: list[End] = []
        try:
            self._join(views)
        except BaseException:
            self.unlink()
            raise
        self._hear(self._ends[0])

    def __repr__(self) -> str:
        return f"<Link of {len(self._ends)} views>"

    @property
    def views(self) -> tuple[Any, ...]:
        """The views that are still linked."""
        return tuple(end.view for end in self._ends)

    def unlink(self) -> None:
        """Let each view have its own selection again; nothing of the link stays in the views."""
        for end in list(self._ends):
            self._drop(end)

    def _join(self, views: tuple[Any, ...]) -> None:
        """Take views in: explorers and maps first, for they know the names of their RNAs."""
        known: Names | None = None
        for view in sorted(views, key=_is_figure):
            end = _end(view, self._hear, self._drop, known)
            known = end.names if known is None else known
            self._ends.append(end)

    def _drop(self, end: End) -> None:
        if end in self._ends:
            self._ends.remove(end)
            end.free()

    def _hear(self, source: End) -> None:
        """Show the selection of one view in all others."""
        if self._moving:
            return
        self._moving = True
        try:
            names = source.selected
            for end in [one for one in self._ends if one is not source]:
                end.show(names)
        finally:
            self._moving = False


def link(*views: Any) -> Link:
    """Link views: what is selected in one is selected in all, by the names of the RNAs.

    Parameters
    ----------
    views
        Two or more of `rnaexplore.widgets.Explorer`, `rnaexplore.widgets.EmbeddingMap` and
        ``plotly.graph_objects.FigureWidget`` made of a figure of `rnaexplore.px.embedding` or
        `rnaexplore.px.umap`. They begin with the selection of the first explorer or map.

    Returns
    -------
    Link
        Call its ``unlink()`` to end it. Closing a view takes it out.

    Raises
    ------
    InputError
        If there are fewer than two views, one is given twice, one cannot be linked, or the points
        of a figure cannot be told by name.

    Notes
    -----
    RNAs that a view does not hold are left out there. The names of a figure's points are those that
    hovering shows; a figure too large to hold them is taken to be drawn from the AnnData of
    the first explorer or map.
    """
    if len(views) < _LEAST or len({id(view) for view in views}) < len(views):
        msg = f"link takes two or more different views, got {len(views)}"
        raise InputError(msg)
    return Link(views)


def _is_figure(view: Any) -> bool:
    from plotly.graph_objects import FigureWidget

    return isinstance(view, FigureWidget)


def _end(
    view: Any, hear: Callable[[End], None], drop: Callable[[End], None], known: Names | None
) -> End:
    if isinstance(view, SelectionState):
        return ViewEnd(view, hear, drop)
    if _is_figure(view):
        return FigureEnd(view, hear, drop, known)
    msg = (
        f"link takes explorers, maps and plotly FigureWidgets, got {type(view).__name__}; make a "
        "plotly figure a widget first: plotly.graph_objects.FigureWidget(figure)"
    )
    raise InputError(msg)
