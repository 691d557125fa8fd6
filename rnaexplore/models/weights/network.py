"""Whether a server can be reached, found out in seconds: downloaders retry for half a minute."""

from __future__ import annotations

import socket
from threading import Thread
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from rnaexplore._library_errors import reason

__all__ = ["why_unreachable"]

PATIENCE = 3.0  #: seconds for a name and a connection
PORTS = {"http": 80, "https": 443}


def why_unreachable(url: str) -> str:
    """Return why no connection to a server can be made, ``""`` if one can.

    Parameters
    ----------
    url
        Any address of the server. If the environment names a proxy for it, that is asked.
    """
    host, port = _peer(url)
    found: list[str] = []

    def connect() -> None:
        try:
            socket.create_connection((host, port), timeout=PATIENCE).close()
            found.append("")
        except OSError as error:
            found.append(f"{host} cannot be reached: {reason(error)}")

    asking = Thread(target=connect, daemon=True)  # looking up a name has no time limit of its own
    asking.start()
    asking.join(PATIENCE)
    return found[0] if found else f"{host} does not answer within {PATIENCE:.0f} s"


def _peer(url: str) -> tuple[str, int]:
    """Return host and port to connect to: those of the proxy, if there is one."""
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.hostname or ""):
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return parts.hostname or "", parts.port or PORTS.get(parts.scheme, PORTS["https"])
