"""The Jupyter servers that may show a widget of this Python, and what they have installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

__all__ = ["Server", "ask", "find_servers", "interpreter"]

#: Run by the server's Python; prints what it has.
_ASK = """
import json
from importlib.metadata import distributions
from pathlib import Path
try:
    from jupyter_core.paths import jupyter_path
    folders = jupyter_path("labextensions")
except ImportError:
    folders = []
extensions = {}
for folder in reversed([Path(f) for f in folders]):
    for file in [*folder.glob("*/package.json"), *folder.glob("@*/*/package.json")]:
        name = file.parent.relative_to(folder).as_posix()
        extensions[name] = json.loads(file.read_text(encoding="utf-8"))["version"]
versions = {d.metadata["Name"].lower().replace("-", "_"): d.version for d in distributions()}
print(json.dumps({"versions": versions, "extensions": extensions}))
"""
TIMEOUT = 60  #: seconds for a server's Python to answer
PARENT = "JPY_PARENT_PID"  #: a Jupyter server tells its kernels its process
_EXEC = re.compile(r"""^'''exec' "?([^"\n]+?)"? "\$0\"""", re.MULTILINE)  # of a long path


@dataclass(frozen=True, slots=True)
class Server:
    """A Python that runs, or would run, a Jupyter server.

    Attributes
    ----------
    python
        Its interpreter.
    known_as
        How it was found.
    versions
        Version of each installed distribution, names with ``_``.
    extensions
        Version of each extension that JupyterLab loads into the browser.
    problem
        Why it could not be asked, empty if it could.
    """

    python: str
    known_as: str
    versions: Mapping[str, str]
    extensions: Mapping[str, str]
    problem: str = ""


def find_servers() -> list[Server]:
    """Return the server that started this kernel; else those that run; else the one to start."""
    found: dict[str, str] = {}
    for python, known_as in [*_parent()] or [*_running()] or [*_on_path()] or [*_own()]:
        found.setdefault(python, known_as)
    return [ask(python, known_as) for python, known_as in found.items()]


def ask(python: str, known_as: str) -> Server:
    """Return what a Python has installed."""
    command = [python, "-I", "-c", _ASK]
    try:
        run = subprocess.run(  # noqa: S603 - an interpreter that this user runs already
            command, capture_output=True, text=True, check=True, timeout=TIMEOUT
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Server(python, known_as, {}, {}, problem=str(error))
    return Server(python, known_as, **json.loads(run.stdout))


def _parent() -> Iterator[tuple[str, str]]:
    """Yield the interpreter of the server that started this kernel."""
    pid = os.environ.get(PARENT, "")
    if pid.isdigit() and "ipykernel" in sys.modules and (python := _python_of(int(pid))):
        yield python, "the server that started this kernel"


def _running() -> Iterator[tuple[str, str]]:
    """Yield the interpreters of this user's servers."""
    try:
        from jupyter_core.paths import jupyter_runtime_dir
    except ImportError:
        return
    for file in sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        try:
            about = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # being written, or left by a server that was killed
        if python := _python_of(int(about["pid"])):
            yield python, f"the server at {about['url']}"


def _python_of(pid: int) -> str | None:
    """Return the interpreter of a process as it was called, so that its environment shows."""
    try:
        import psutil
    except ImportError:
        return None
    try:
        called = psutil.Process(pid).cmdline()[:1]
    except psutil.Error:
        return None
    return shutil.which(called[0]) if called else None


def _on_path() -> Iterator[tuple[str, str]]:
    """Yield the interpreter of the command ``jupyter``."""
    command = shutil.which("jupyter")
    if command and (python := interpreter(Path(command))):
        yield python, f"the server of {command}"


def _own() -> Iterator[tuple[str, str]]:
    """Yield this interpreter, if its environment has a server."""
    if find_spec("jupyter_server") is not None:
        yield sys.executable, "the server of this environment"


def interpreter(script: Path) -> str | None:
    """Return the Python that runs a script which pip installed, ``None`` if that is not clear."""
    if script.suffix == ".exe":
        beside = script.with_name("python.exe")
        return str(beside if beside.exists() else script.parent.parent / "python.exe")
    text = script.read_text(encoding="utf-8", errors="replace")[:1000]
    if found := _EXEC.search(text):
        return found[1]
    first = text.partition("\n")[0]
    called = first.removeprefix("#!").strip().removeprefix("/usr/bin/env ")
    return shutil.which(called) if first.startswith("#!") and "python" in called else None
