"""How a link reads and sets the selection of one view, and lets go of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rnaexplore.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from rnaexplore.widgets.core.selection_state import SelectionState

__all__ = ["End", "FigureEnd", "Names", "ViewEnd"]

Names: TypeAlias = "pd.Index[Any]"
Heard = Callable[["End"], None]


class End(ABC):
    """A view in a link."""

    view: Any
    names: Names

    def __init__(self, view: Any, drop: Heard) -> None:
        self.view, self._drop = view, drop
        view.observe(self._closed, names="comm")

    @property
    @abstractmethod
    def selected(self) -> Names:
        """Names of the selected RNAs."""

    @abstractmethod
    def show(self, names: Names) -> None:
        """Select RNAs; those that the view does not hold are left out."""

    def free(self) -> None:
        """Take everything of the link out of the view."""
        self.view.unobserve(self._closed, names="comm")

    def _closed(self, change: Any) -> None:
        if change["new"] is None:
            self._drop(self)

    def _positions(self, names: Names) -> NDArray[np.int64]:
        found = self.names.get_indexer(names)
        positions: NDArray[np.int64] = np.sort(found[found >= 0])
        return positions


class ViewEnd(End):
    """An explorer or a map."""

    view: SelectionState

    def __init__(self, view: Any, hear: Heard, drop: Heard) -> None:
        super().__init__(view, drop)
        self.names = view.obs_names
        self._hear = hear
        view.observe(self._changed, names="selection")

    @property
    def selected(self) -> Names:
        """Names of the selected RNAs."""
        return self.names[self.view.selection_indices]

    def show(self, names: Names) -> None:
        """Select RNAs in one step that can be undone."""
        positions = self._positions(names)
        if not np.array_equal(positions, self.view.selection_indices):
            self.view.select(positions)

    def free(self) -> None:
        """Stop observing the view."""
        super().free()
        self.view.unobserve(self._changed, names="selection")

    def _changed(self, _: Any) -> None:
        self._hear(self)


class FigureEnd(End):
    """A plotly figure whose points know their positions."""

    def __init__(self, view: Any, hear: Heard, drop: Heard, known: Names | None) -> None:
        self._traces = [trace for trace in view.data if trace.customdata is not None]
        self.names = _names(self._traces, known)
        super().__init__(view, drop)
        self._hear = hear
        self._chosen: dict[int, NDArray[np.int64]] = {}
        self._outlined = self._answering = False
        self._shown = self.names[:0]
        for trace in self._traces:
            trace.on_selection(self._heard, append=True)
            trace.on_deselect(self._emptied, append=True)

    @property
    def selected(self) -> Names:
        """Names of the selected RNAs."""
        chosen = [_of(trace)[np.asarray(trace.selectedpoints, dtype=np.int64)]
                  for trace in self._traces if trace.selectedpoints is not None]  # fmt: skip
        return self.names[np.sort(np.concatenate([np.empty(0, dtype=np.int64), *chosen]))]

    def show(self, names: Names) -> None:
        """Select points; without any, all are shown alike.

        The outline of an earlier lasso goes first: plotly would select by it again. Python does
        not know of outlines, so the public way to remove them would send nothing; and the browser
        answers to it by an empty selection, which is not meant.
        """
        if self._outlined:
            self._outlined, self._answering = False, True
            self.view._send_relayout_msg({"selections": []})  # noqa: SLF001
        self._light(names)

    def _light(self, names: Names) -> None:
        self._shown = names
        mask = np.zeros(len(self.names), dtype=bool)
        mask[self._positions(names)] = True
        with self.view.batch_update():
            for trace in self._traces:
                held = np.flatnonzero(mask[_of(trace)])
                trace.selectedpoints = held if mask.any() else None

    def free(self) -> None:
        """Take the callbacks out of the traces; plotly has no public way to remove one."""
        super().free()
        for trace in self._traces:
            trace._select_callbacks.remove(self._heard)  # noqa: SLF001
            trace._deselect_callbacks.remove(self._emptied)  # noqa: SLF001

    def _heard(self, trace: Any, points: Any, _: Any) -> None:
        """Gather the points of each trace: plotly tells them one trace after the other."""
        self._chosen[points.trace_index] = np.asarray(points.point_inds, dtype=np.int64)
        if trace is self._traces[-1]:
            self._take(self._chosen)

    def _emptied(self, trace: Any, _: Any) -> None:
        if trace is self._traces[-1]:
            self._take({})

    def _take(self, chosen: dict[int, NDArray[np.int64]]) -> None:
        """Select in the figure what was drawn around in it, and tell the others."""
        none = np.empty(0, dtype=np.int64)
        held = np.concatenate(
            [
                _of(trace)[chosen.get(k, none)]
                for k, trace in enumerate(self.view.data)
                if trace.customdata is not None
            ]
        )
        self._chosen = {}
        answer, self._answering = self._answering and not len(held), False
        if answer:
            self._light(self._shown)
            return
        self._outlined = len(held) > 0
        self._light(self.names[held])
        self._hear(self)


def _of(trace: Any) -> NDArray[np.int64]:
    """Return the position of each point's RNA."""
    return np.asarray(trace.customdata, dtype=np.int64)


def _names(traces: list[Any], known: Names | None) -> Names:
    """Return the names of a figure's RNAs by position: those it holds, or the known ones."""
    import pandas as pd

    n = 1 + max((int(_of(trace).max(initial=-1)) for trace in traces), default=-1)
    if traces and all(trace.text is not None for trace in traces):
        names = np.full(n, None, dtype=object)
        for trace in traces:
            names[_of(trace)] = list(trace.text)
        held: Names = pd.Index(names)
        return held
    if not traces or known is None or len(known) < n:
        msg = (
            "the points of the figure cannot be told by name: link a figure of rx.px.umap or "
            "rx.px.embedding, with an explorer or map of the same AnnData if it has very many RNAs"
        )
        raise InputError(msg)
    return known
