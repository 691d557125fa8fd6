"""Handlers of the server: those of Voila, with narrower doors."""

from __future__ import annotations

from typing import Any

from rnaexplore.app.frames import PROTOCOL, is_allowed
from rnaexplore.app.lobby import REFRESH, Lobby, waiting_page

__all__ = ["narrowed"]

BAD_REQUEST, FORBIDDEN, BUSY = 400, 403, 503
FORM = (
    "style/bootstrap.min.css", "style/bootstrap-theme.min.css", "style/index.css", "logo/logo.png",
    "favicon.ico",
)  # fmt: skip
UNACCEPTABLE = 1003  #: a websocket's code for data that the server does not take


def narrowed(rule: tuple[Any, ...], lobby: Lobby) -> tuple[Any, ...]:
    """Return a rule of Voila with our handler in place of its own.

    Parameters
    ----------
    rule
        Path, handler and maybe its options.
    lobby
        Where visitors wait for a page.
    """
    from tornado.web import StaticFileHandler
    from voila import app as voila

    path, handler, *options = rule
    if handler is voila.VoilaKernelWebsocketHandler:
        handler = _socket(handler)
    elif handler is voila.VoilaShutdownKernelHandler:
        handler = _ending(handler)
    elif handler is voila.TornadoVoilaHandler:
        handler = _entrance(handler, lobby)
    elif issubclass(handler, StaticFileHandler):
        handler = _shut(handler)
    return (path, handler, *options)


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


def _entrance(base: Any, lobby: Lobby) -> type:
    from tornado.web import authenticated

    class Entrance(base):  # type: ignore[misc]
        """The page, or the queue where there are too many."""

        @authenticated
        async def get(self, path: str | None = None) -> None:
            """Answer with a page that has a process of its own."""
            if path:
                await super().get(path)
                return
            used = len(self.kernel_manager.list_kernel_ids())
            ticket, place = lobby.ask(self.get_argument("ticket", None), used)
            if place:
                self.set_status(BUSY)
                self.set_header("Content-Type", "text/html; charset=utf-8")
                self.set_header("Cache-Control", "no-store")
                self.set_header("Retry-After", str(REFRESH))
                self.finish(waiting_page(ticket, place, lobby.pages))
                return
            with lobby.entering():
                await super().get(path)

    return Entrance


def _shut(base: Any) -> type:
    from jupyter_server.base.handlers import JupyterHandler
    from tornado.web import HTTPError

    bases = (base,) if issubclass(base, JupyterHandler) else (JupyterHandler, base)

    class Shut(*bases):  # type: ignore[misc]
        """Files of the front end, for visitors with the token; of the login form, for all."""

        async def prepare(self) -> None:
            """Refuse a stranger."""
            if self.request.path.partition("/voila/static/")[2] in FORM:
                return
            await super().prepare(_redirect_to_login=False)
            if self.current_user is None:
                raise HTTPError(FORBIDDEN)

    return Shut


def _ending(base: Any) -> type:
    class Ending(base):  # type: ignore[misc]
        """Ends a page's kernel with the page."""

        def check_xsrf_cookie(self) -> None:
            """Pass: a page that closes can add nothing to its request; a kernel's id is secret."""

    return Ending
