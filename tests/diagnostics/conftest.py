"""Environments that are broken on purpose."""

import json
import sys

import pytest

from rnaexplore.diagnostics.servers import Server

MANAGER = "@jupyter-widgets/jupyterlab-manager"


@pytest.fixture
def healthy():
    """Return a function that gives a server fit for anywidget 0.11 and ipywidgets 8, changed."""

    def make(**changed):
        versions = {"jupyterlab": "4.6.6", "jupyterlab_widgets": "3.0.17", "anywidget": "0.11.0"}
        extensions = {"anywidget": "0.11.0", MANAGER: "5.0.16"}
        whole = {
            "python": "/opt/hub/bin/python",
            "known_as": "the server",
            "versions": versions,
            "extensions": extensions,
        }
        return Server(**(whole | changed))

    return make


@pytest.fixture
def other_environment(tmp_path):
    """Return a function that makes the interpreter of an environment with an older anywidget."""

    def make(version="0.9.13", shebang=None):
        data = tmp_path / "data"
        extension = data / "labextensions" / "anywidget"
        extension.mkdir(parents=True)
        (extension / "package.json").write_text(json.dumps({"version": version}))
        python = tmp_path / "bin" / "python"
        python.parent.mkdir()
        python.write_text(f'#!/bin/sh\nJUPYTER_PATH="{data}" exec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        return python

    return make
