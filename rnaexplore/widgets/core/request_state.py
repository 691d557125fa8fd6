"""State: what a view asks Python to do, and the answer that shows Python is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

from rnaexplore.errors import RnaExploreError
from rnaexplore.widgets.core.messages import note

__all__ = ["RequestState"]

Action = Callable[[dict[str, Any]], str]


class RequestState(traitlets.HasTraits):
    """Requests are numbered; a view that gets no answer to its number says what may be wrong."""

    _live = traitlets.Bool(True).tag(sync=True)  # noqa: FBT003
    _request = traitlets.Dict().tag(sync=True)
    _notice = traitlets.Dict().tag(sync=True)

    def _actions(self) -> dict[str, Action]:
        """Return what can be asked for: functions that return what to tell, or nothing."""
        return {}

    @traitlets.observe("_request")
    def _perform(self, change: Any) -> None:
        request: dict[str, Any] = change["new"]
        if not request:
            return
        action = ({"hear": lambda _: ""} | self._actions()).get(str(request.get("what")))
        told, problem = f"Nothing is known of a request {request.get('what')!r}.", True
        try:
            if action is not None:
                told, problem = action(request), False
        except (RnaExploreError, traitlets.TraitError, MemoryError) as error:
            told = note(error)
            problem = True
        self._notice = {"turn": request.get("turn", 0), "text": told, "problem": problem}
