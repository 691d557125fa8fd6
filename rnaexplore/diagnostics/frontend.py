"""Where widgets are shown: whether the browser's side knows the kernel's widgets."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from rnaexplore.diagnostics.packages import Installed, installed
from rnaexplore.diagnostics.report import Check, note, ok, problem
from rnaexplore.diagnostics.servers import Server

__all__ = ["check_front_end", "check_server", "front_end"]

AREA = "front end"
MANAGER = "@jupyter-widgets/jupyterlab-manager"
PARTNERS = {"7": "1", "8": "3"}  #: major version of ipywidgets, of the jupyterlab_widgets it needs
RESTART = "then restart the server and reload the page"


def front_end(environment: Mapping[str, str] = os.environ) -> str:
    """Return ``"colab"``, ``"vscode"``, ``"jupyter"`` (in a kernel) or ``"shell"``."""
    if "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in environment:
        return "colab"
    if "ipykernel" not in sys.modules:
        return "shell"
    return "vscode" if any(name.startswith("VSCODE_") for name in environment) else "jupyter"


def check_front_end(
    kind: str, servers: Iterable[Server], *, versions: Installed = installed, prefix: str = ""
) -> list[Check]:
    """Look at the front end, and at the versions on both sides.

    Parameters
    ----------
    kind
        As from `front_end`.
    servers
        What may show this kernel's widgets.
    versions
        Gives the version of a distribution in this environment, or ``None``.
    prefix
        Of this environment, ``sys.prefix`` by default.
    """
    if kind == "colab":
        cure = "from google.colab import output; output.enable_custom_widget_manager()"
        return [note(AREA, "Colab", "shows other people's widgets only when told", cure)]
    if kind == "vscode":
        return [_vscode(Path(prefix or sys.prefix))]
    known = list(servers)
    if not known:
        cure = 'pip install "rnaexplore[jupyter]", or use to_html of a view, which needs no server'
        return [note(AREA, "server", "no Jupyter server was found", cure)]
    return [check for server in known for check in check_server(server, versions)]


def _vscode(prefix: Path) -> Check:
    if (prefix / "share/jupyter/nbextensions/anywidget").is_dir():
        return ok(AREA, "VS Code", "finds anywidget in this environment")
    cure = f'"{sys.executable}" -m pip install --force-reinstall --no-deps anywidget'
    return problem(AREA, "VS Code", "this environment has no nbextensions/anywidget", cure)


def check_server(server: Server, versions: Installed = installed) -> list[Check]:
    """Compare the widget packages of a server with those of this environment."""
    label = f"{server.known_as} ({server.python})"
    if server.problem:
        cure = "start the server again from an environment that works"
        return [problem(AREA, label, f"cannot be asked: {server.problem}", cure)]
    checks = [*_anywidget(server, versions("anywidget")), *_manager(server, versions("ipywidgets"))]
    shown = ", ".join(
        f"{name} {server.versions[name]}"
        for name in ("jupyterlab", "notebook", "voila")
        if name in server.versions
    )
    if checks:
        return checks
    return [ok(AREA, label, f"{shown or 'Jupyter'}: knows the widgets of this environment")]


def _anywidget(server: Server, kernel: str | None) -> list[Check]:
    """Judge anywidget: the browser is asked for the kernel's major and minor version of it."""
    shown = server.extensions.get("anywidget")
    if kernel is None or (shown and shown.split(".")[:2] == kernel.split(".")[:2]):
        return []
    told = f"kernel {kernel}, server {shown or 'none'} ({server.known_as})"
    cure = f'"{server.python}" -m pip install "anywidget=={kernel}"; {RESTART}'
    return [problem(AREA, "anywidget", told, cure)]


def _manager(server: Server, kernel: str | None) -> list[Check]:
    """Judge ipywidgets: 8 in the kernel speaks with jupyterlab_widgets 3 in the server."""
    if kernel is None:
        return []
    partner = PARTNERS.get(kernel.split(".")[0])
    shown = server.versions.get("jupyterlab_widgets")
    present = shown is not None and MANAGER in server.extensions
    if partner is None or (present and shown is not None and shown.split(".")[0] == partner):
        return []
    told = f"kernel has ipywidgets {kernel}, server has jupyterlab_widgets {shown or 'none'}"
    if shown and not present:
        told += f", whose extension {MANAGER} is missing"
    again = "--force-reinstall --no-deps " if shown and not present else ""
    cure = f'"{server.python}" -m pip install {again}"jupyterlab_widgets=={partner}.*"; {RESTART}'
    return [problem(AREA, "ipywidgets", f"{told} ({server.known_as})", cure)]
