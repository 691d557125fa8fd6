"""What fits into memory: asked before anything large is computed."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from rnaexplore.errors import InputError

__all__ = ["BYTES", "DOUBLE", "available", "check_fits"]

BYTES, DOUBLE = 4, 8  #: of a number

SHARE = 0.8  #: of what is free that one result may take
_MEMINFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")


def available() -> int | None:
    """Return how many bytes this process may still take, ``None`` where the system does not say.

    On Linux what is free, or less if a container has a limit; elsewhere half of what the machine
    has.
    """
    found = [n for n in (_free(), _left_in_container()) if n is not None]
    if found:
        return min(found)
    with suppress(ValueError, OSError, AttributeError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return None


def check_fits(n_bytes: int, what: str, remedy: str) -> None:
    """Raise if a result would not fit into memory.

    Parameters
    ----------
    n_bytes
        What is needed at once.
    what
        What needs it, for the message.
    remedy
        What to do instead, for the message.

    Raises
    ------
    InputError
        If it is more than four fifths of what is free.
    """
    room = available()
    if room is not None and n_bytes > SHARE * room:
        msg = (
            f"{what} need{'' if what.endswith('s') else 's'} {n_bytes / 1e9:.3g} GB of memory, and "
            f"{room / 1e9:.3g} GB are free; {remedy}"
        )
        raise InputError(msg)


def _free() -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in _MEMINFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


def _left_in_container() -> int | None:
    """Return what the limit of a container (cgroup, version 2) leaves."""
    with suppress(OSError, ValueError):
        limit = int((_GROUP / "memory.max").read_text(encoding="ascii"))
        used = int((_GROUP / "memory.current").read_text(encoding="ascii"))
        return max(0, limit - used)
    return None
