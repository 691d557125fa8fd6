"""The server: Voila with one notebook and everything else shut.

What is open: the page, its websocket, the front end's own files. What is not: the notebook's
source, any file, the tree, contents, terminals, and execution of code: a page may exchange widget
messages with its kernel and nothing else. Each page has a kernel of its own, which ends when the
page is closed, or 10 minutes after its connection was lost. Without the token, which is new at
every start, nothing is served but a login form.
"""

from __future__ import annotations

import os
import secrets
import socket
import warnings
from collections.abc import Callable
from importlib.resources import as_file, files
from ipaddress import ip_address
from typing import Any

from rnaexplore.app.doors import narrowed
from rnaexplore.app.frames import MESSAGES, PROTOCOL
from rnaexplore.app.limits import Limits
from rnaexplore.app.lobby import Lobby
from rnaexplore.app.watch import Watch
from rnaexplore.errors import InputError, MissingDependencyError, RnaExploreWarning

__all__ = ["OPEN", "is_loopback", "page_address", "serve"]

LOOPBACK = "127.0.0.1"
#: What is said where others than this machine are answered.
OPEN = (
    "{address} answers other machines, without encryption: whoever listens in the network can read "
    "the token and the sequences. Put a server that speaks HTTPS in front of it"
)
PORT = 8866
IDLE = 600  #: seconds after which the kernel of a page that was lost is ended
#: What of JupyterLab the page needs.
EXTENSIONS = (
    "@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager", "anywidget",
)  # fmt: skip
#: What a page loads comes from here: no other address is contacted.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss: blob: data:; worker-src 'self' blob:; frame-ancestors 'self'; "
    "base-uri 'self'; form-action 'self'"
)


def serve(
    limits: Limits | None = None,
    *,
    port: int = PORT,
    address: str = LOOPBACK,
    token: str | None = None,
    ready: Callable[[str], None] = print,
) -> None:
    """Serve the explorer until it is interrupted.

    Parameters
    ----------
    limits
        Limits of uploads, and the file to open.
    port
        Port, 1 to 65535.
    address
        Address to listen on. The default answers this machine alone; with another, put a server
        that speaks HTTPS in front.
    token
        What a visitor has to know; a random one by default, ``""`` for none.
    ready
        Called with the page's address, token included, when it can be opened.

    Raises
    ------
    MissingDependencyError
        If Voila is not installed.
    InputError
        If the port is taken, or the file is no AnnData.

    Warns
    -----
    RnaExploreWarning
        If other machines are answered.
    """
    allowed = limits or Limits()
    if allowed.file:
        from rnaexplore.io.stored import read_stored

        read_stored(allowed.file)
    _check_port(address, port)
    secret = secrets.token_urlsafe(24) if token is None else token
    os.environ.update(allowed.environment())
    if not is_loopback(address):
        warnings.warn(OPEN.format(address=address), RnaExploreWarning, stacklevel=2)
    with as_file(files("rnaexplore.app") / "explorer.ipynb") as notebook:
        server = _server()(config=_configuration(), ready=ready, limits=allowed)
        server.initialize([
            str(notebook), f"--port={port}", f"--Voila.ip={address}", f"--Voila.token={secret}",
        ])  # fmt: skip
        server.start()


def is_loopback(address: str) -> bool:
    """Return whether an address answers this machine alone."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def page_address(address: str, port: int, token: str) -> str:
    """Return where the page is, with the token if there is one.

    Examples
    --------
    >>> page_address("::1", 8866, "secret")
    'http://[::1]:8866/?token=secret'
    """
    host = f"[{address}]" if ":" in address else address
    return f"http://{host}:{port}/" + (f"?token={token}" if token else "")


def _check_port(address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except (OSError, OverflowError) as error:
            msg = f"{address}:{port} cannot be used ({error}); pass another --port or --address"
            raise InputError(msg) from error


def _configuration() -> Any:
    from traitlets.config import Config

    config = Config()
    config.Voila.open_browser = True  # which is where `ready` is called
    config.Voila.port_retries = 0
    config.Voila.log_level = "WARN"
    config.Voila.config_file_paths = []
    config.Voila.tornado_settings = {"headers": {"Content-Security-Policy": POLICY}}
    config.VoilaConfiguration.strip_sources = True
    config.VoilaConfiguration.show_tracebacks = False
    config.VoilaConfiguration.file_allowlist = []
    config.VoilaConfiguration.file_denylist = [".*"]
    config.VoilaConfiguration.extension_allowlist = list(EXTENSIONS)
    config.VoilaConfiguration.allow_template_override = "NO"
    config.VoilaConfiguration.allow_theme_override = "NO"
    config.MappingKernelManager.allowed_message_types = list(MESSAGES)
    config.MappingKernelManager.cull_idle_timeout = IDLE
    config.MappingKernelManager.cull_interval = 60
    config.KernelManager.autorestart = False  # a new process would know nothing of the page
    # The default, 1 MB/s, would drop the maps of a long RNA.
    config.ZMQChannelsWebsocketConnection.iopub_data_rate_limit = 1e9
    config.ZMQChannelsWebsocketConnection.iopub_msg_rate_limit = 1e5
    config.ZMQChannelsWebsocketConnection.kernel_ws_protocol = PROTOCOL
    return config


def _server() -> Any:
    """Return Voila with our handlers, which tells when it can be opened."""
    try:
        from voila.app import Voila
    except ImportError as error:
        msg = 'rnaexplore app needs Voila: pip install "rnaexplore[app]"'
        raise MissingDependencyError(msg) from error
    from traitlets import Any as Anything

    class Server(Voila):  # type: ignore[misc]
        ready = Anything()
        limits = Anything()

        def init_handlers(self) -> list[Any]:
            lobby = Lobby(self.limits.pages)
            return [narrowed(rule, lobby) for rule in super().init_handlers()]

        def launch_browser(self) -> None:
            Watch(self.kernel_manager, self.limits, self.log).start()
            self.ready(page_address(self.ip, self.port, self.identity_provider.token))

    return Server
