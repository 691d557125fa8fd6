"""How much memory the process of a page may take."""

from __future__ import annotations

__all__ = ["limit_memory", "memory_of"]

GIGABYTE = 1_000_000_000


def limit_memory(gigabytes: float) -> None:
    """Let this process fail with `MemoryError` rather than take more memory; 0 for no limit.

    On systems other than Linux the server alone watches (`rnaexplore.app.watch`).
    """
    import sys

    if not gigabytes or sys.platform != "linux":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = int(gigabytes * GIGABYTE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def memory_of(process: int) -> int:
    """Return the bytes that a process has in memory, 0 where that is not known."""
    import os
    from pathlib import Path

    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
