"""What a reader must never do, noticed by the interpreter itself."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

#: Events of code that somebody else chose.
CODE = frozenset({
    "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile",
    "subprocess.Popen", "pty.spawn", "ctypes.call_function", "webbrowser.open", "ftplib.connect",
    "socket.connect", "socket.bind", "socket.sendto", "urllib.Request", "smtplib.connect",
})  # fmt: skip
CHANGES = frozenset({
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.link", "os.symlink",
    "os.truncate", "shutil.rmtree", "shutil.move",
})  # fmt: skip
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Guard:
    """Hears what the process does from now on, until it ends: hooks cannot be taken away.

    Parameters
    ----------
    folder
        Where files may be written, beside the folder of temporary files' own folders.
    """

    def __init__(self, folder: Path) -> None:
        self._inside = (str(folder), f"{tempfile.gettempdir()}/rnaexplore-", os.devnull)
        self._heard: list[str] = []
        sys.addaudithook(self._hear)

    def broken(self) -> str:
        """Return what was done since the last time that must not be, empty if nothing."""
        heard, self._heard = self._heard, []
        return heard[0] if heard else ""

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        if event in CODE:
            self._heard.append(f"it did {event}")
        elif event in CHANGES or (event == "open" and _writes(given)):
            path = given[0]
            if isinstance(path, str | bytes | os.PathLike) and not self._is_inside(path):
                self._heard.append(f"outside of its folder it did {event}: {os.fsdecode(path)!r}")

    def _is_inside(self, path: str | bytes | os.PathLike[str]) -> bool:
        whole = os.path.realpath(os.fsdecode(path))
        return whole.startswith(self._inside) or "__pycache__" in whole


def _writes(given: tuple[Any, ...]) -> bool:
    _, mode, flags = given
    said = isinstance(mode, str) and any(letter in mode for letter in "wax+")
    return said or bool(isinstance(flags, int) and flags & WRITING)
