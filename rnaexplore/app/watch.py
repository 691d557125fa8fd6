"""Looks after the processes of pages: those that died are taken off the list, so pages notice."""

from __future__ import annotations

from typing import Any

from rnaexplore.app.limits import Limits
from rnaexplore.app.memory import GIGABYTE, memory_of

__all__ = ["Watch"]

PAUSE = 2000  #: milliseconds
SLACK = 1.2  #: a process limits itself; the server ends what is beyond this share of the limit


class Watch:
    """Checks all kernels now and then.

    Parameters
    ----------
    kernels
        Jupyter's manager of kernels.
    limits
        How much memory each may take.
    log
        Told what was ended.
    """

    def __init__(self, kernels: Any, limits: Limits, log: Any) -> None:
        self._kernels = kernels
        self._most = limits.gigabytes * GIGABYTE * SLACK
        self._log = log

    def start(self) -> None:
        """Begin; the server's loop must be this thread's."""
        from tornado.ioloop import PeriodicCallback

        PeriodicCallback(self.look, PAUSE).start()

    async def look(self) -> None:
        """End each kernel that has died, or has taken too much memory."""
        for name in self._kernels.list_kernel_ids():
            kernel = self._kernels.get_kernel(name)
            process = getattr(kernel.provisioner, "pid", None)
            if process is None:
                continue  # it is being started
            dead = not await kernel.is_alive()
            large = self._most and memory_of(process) > self._most
            if (dead or large) and name in self._kernels:
                self._log.warning("A page's process %s", "died" if dead else "took too much memory")
                await self._kernels.shutdown_kernel(name, now=True)
