"""A JupyterLab of its own and a headless Chromium, for measurements in a real notebook."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["RUN", "browser", "notebook", "opened", "served"]

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
START = 120.0  #: seconds
WAIT = 180_000  #: milliseconds
RUN = """async () => {
    const panel = jupyterapp.shell.currentWidget;
    await panel.sessionContext.ready;
    await panel.context.ready;
    await jupyterapp.commands.execute('notebook:run-all-cells');
}"""


@contextmanager
def browser() -> Iterator[Any]:
    """Yield a headless Chromium."""
    from playwright.sync_api import sync_playwright

    path = next((found for name in CHROMIUMS if (found := shutil.which(name))), None)
    if path is None:
        msg = f"none of {', '.join(CHROMIUMS)} is on PATH"
        raise FileNotFoundError(msg)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield running
        running.close()


@contextmanager
def served(home: Path) -> Iterator[tuple[str, Path]]:
    """Yield the address of a JupyterLab that no setting of the user reaches, and its folder."""
    folder = home / "work"
    folder.mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {f"JUPYTER_{name}_DIR": str(home / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= {f"JUPYTERLAB_{name}_DIR": str(home / name) for name in ("WORKSPACES", "SETTINGS")}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
        f"--port={port}", "--IdentityProvider.token=", "--ServerApp.password=",
        "--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | own, stdout=log, stderr=log
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/api", process)
            yield f"http://127.0.0.1:{port}", folder
        finally:
            process.terminate()
            process.wait(20)


def notebook(*sources: str) -> str:
    """Return a notebook of code cells, as JSON."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell{k}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for k, source in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps(
        {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    )


@contextmanager
def opened(
    running: Any, lab: tuple[str, Path], name: str, sources: Sequence[str], watch: str
) -> Iterator[Any]:
    """Yield the page of a notebook whose cells run; `watch` is a script that starts with it."""
    base, folder = lab
    (folder / f"{name}.ipynb").write_text(notebook(*sources))
    page = running.new_page(viewport={"width": 1440, "height": 1400})
    page.set_default_timeout(WAIT)
    page.add_init_script(watch)
    page.goto(f"{base}/doc/tree/{name}.ipynb?reset")
    page.wait_for_function("() => window.jupyterapp && window.jupyterapp.restored")
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    page.evaluate(RUN)
    yield page
    page.close()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.25)
    msg = f"JupyterLab did not start within {START:.0f} s"
    raise TimeoutError(msg)
