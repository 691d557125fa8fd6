"""Handlers of the server: those of Voila, with narrower doors."""

from __future__ import annotations

from functools import cache
from typing import Any

from rnaexplore.app.frames import PROTOCOL, is_allowed

__all__ = ["narrowed"]

BAD_REQUEST = 400
UNACCEPTABLE = 1003  #: a websocket's code for data that the server does not take


def narrowed(rule: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a rule of Voila with our handler in place of its own, if there is one."""
    path, handler, *options = rule
    return (path, _ours().get(handler, handler), *options)


@cache
def _ours() -> dict[type, type]:
    from voila.app import VoilaKernelWebsocketHandler, VoilaShutdownKernelHandler

    return {
        VoilaKernelWebsocketHandler: _socket(VoilaKernelWebsocketHandler),
        VoilaShutdownKernelHandler: _ending(VoilaShutdownKernelHandler),
    }


def _socket(base: Any) -> type:
    from tornado.web import HTTPError

    class Socket(base):  # type: ignore[misc]
        """A page's websocket: one protocol, and frames that are well formed."""

        async def pre_get(self) -> None:
            """Refuse a browser that does not know the protocol."""
            offered = self.request.headers.get("Sec-WebSocket-Protocol", "")
            if PROTOCOL not in [name.strip() for name in offered.split(",")]:
                raise HTTPError(BAD_REQUEST, f"this websocket speaks {PROTOCOL} only")
            await super().pre_get()

        def on_message(self, ws_message: object) -> None:
            """Hand a message on, or end the connection if it is none of a page."""
            if is_allowed(ws_message):
                super().on_message(ws_message)
            else:
                self.log.warning("A frame was refused, and its connection closed")
                self.close(UNACCEPTABLE, "no message of a page")

    return Socket


def _ending(base: Any) -> type:
    class Ending(base):  # type: ignore[misc]
        """Ends a page's kernel with the page."""

        def check_xsrf_cookie(self) -> None:
            """Pass: a page that closes can add nothing to its request; a kernel's id is secret."""

    return Ending
