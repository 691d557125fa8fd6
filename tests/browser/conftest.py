"""Headless Chromium, and a JupyterLab that no setting of the user reaches."""

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from rnaexplore.widgets.core.bundle import bundle, scope

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")
START = 120  #: seconds
WAIT = 60_000  #: milliseconds; long, for a busy machine paints slowly


def chromium():
    for name in NAMES:
        if shutil.which(name):
            return shutil.which(name)
    told = f"none of {', '.join(NAMES)} is on PATH; Debian's package is 'chromium'"
    if os.environ.get("CI") == "true":
        pytest.fail(told)
    return pytest.skip(told)


@pytest.fixture(scope="session")
def browser():
    path = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS, headless=True)
        yield running
        running.close()


@pytest.fixture
def module(page):
    """Open a page in which everything that one module exports is global."""

    def load(entry):
        script = f"{bundle(entry)}\nObject.assign(window, {scope(entry)});"
        page.set_content(f"<script>{script}</script>")

    return load


@pytest.fixture
def page(browser):
    """A page without a network: it fails the test for any request or script error."""
    context = browser.new_context(viewport={"width": 1280, "height": 1400}, offline=True)
    opened = context.new_page()
    opened.set_default_timeout(WAIT)
    requests, errors = [], []
    opened.on("request", lambda request: requests.append(request.url))
    opened.on("pageerror", lambda error: errors.append(error.stack))
    yield opened
    context.close()
    assert [url for url in requests if not url.startswith(("file://", "blob:", "data:"))] == []
    assert errors == []


@pytest.fixture(scope="session")
def colours():
    """Return a function that counts the colours of what is painted in an element."""

    def count(page, selector):
        picture = Image.open(io.BytesIO(page.locator(selector).first.screenshot())).convert("RGB")
        return len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0))

    return count


@pytest.fixture(scope="session")
def picture():
    """Return a function that keeps a screenshot, if RNAEXPLORE_SCREENSHOTS names a folder."""

    def take(page, name):
        folder = os.environ.get("RNAEXPLORE_SCREENSHOTS")
        if folder:
            page.screenshot(path=Path(folder) / f"{name}.png")

    return take


@pytest.fixture(scope="session")
def adata():
    """Three families in three corners of the map, tRNA-like sequences with their structure."""
    rng = np.random.default_rng(0)
    n = 300
    family = np.arange(n) % 3
    corners = np.array([[0, 0], [10, 0], [5, 9]], dtype=np.float32)
    sequence = "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAGAUCUGGAGGUCCUGUGUUCGAUCCACAGAAUUCGCACCA"
    structure = "(((((((..((((........)))).(((((.......))))).....(((((.......))))))))))))...."
    obs = pd.DataFrame(
        {
            "sequence": sequence,
            "structure": structure,
            "family": pd.Categorical.from_codes(family, ["tRNA", "5S_rRNA", "U1"]),
            "length": rng.integers(70, 90, n),
        },
        index=[f"rna{i:03d}" for i in range(n)],
    )
    place = corners[family] + rng.normal(scale=0.5, size=(n, 2)).astype(np.float32)
    obsm = {"X_umap": place, "X_pca": place[:, ::-1].copy()}
    return anndata.AnnData(obs=obs, obsm=obsm)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def alone():
    """Return functions that give an environment no setting of the user reaches, and a free port."""
    return environment, free_port


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Base address of a JupyterLab, and the folder that it serves."""
    yield from served(tmp_path_factory.mktemp("lab"), lambda base: command("jupyterlab", base))


@pytest.fixture(scope="session")
def notebook7(tmp_path_factory):
    """Base address of a Jupyter Notebook 7, and the folder that it serves."""
    pytest.importorskip("notebook")
    home = tmp_path_factory.mktemp("notebook")
    yield from served(home, lambda base: command("notebook", base))


@pytest.fixture(scope="session")
def voila(tmp_path_factory):
    """Base address of a Voila, and the folder that it serves."""
    pytest.importorskip("voila")
    yield from served(tmp_path_factory.mktemp("voila"), voila_command, ready="voila/static/")


def served(home, command_of, ready="api"):
    """Yield the address and the folder of a server that no setting of the user reaches."""
    folder = home / "work"
    settings = home / "config" / "labconfig"
    for path in (folder, settings):
        path.mkdir(parents=True)
    news = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (settings / "page_config.json").write_text(json.dumps(news))
    base = f"http://127.0.0.1:{free_port()}"
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            command_of(base), cwd=folder, env=environment(home), stdout=log, stderr=log
        )
        try:
            wait_for(f"{base}/{ready}", process, home / "log")
            yield base, folder
        finally:
            process.terminate()
            process.wait(20)


def environment(home: Path):
    own = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "IPYTHONDIR": home / "ipython",
    }
    return os.environ | {key: str(value) for key, value in own.items()}


def command(app, base):
    name = {"jupyterlab": "LabApp", "notebook": "JupyterNotebookApp"}[app]
    return [
        sys.executable, "-m", app, "--no-browser", "--allow-root", "--ip=127.0.0.1",
        f"--port={base.rpartition(':')[2]}", "--IdentityProvider.token=", "--ServerApp.password=",
        f"--{name}.expose_app_in_browser=True", "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--ServerApp.iopub_data_rate_limit=1e9",
    ]  # fmt: skip


def voila_command(base):
    return [
        sys.executable, "-m", "voila", "--no-browser", "--Voila.ip=127.0.0.1",
        f"--port={base.rpartition(':')[2]}", "--VoilaConfiguration.file_allowlist=.*", ".",
    ]  # fmt: skip


def wait_for(address, process, log):
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except urllib.error.HTTPError:
            return  # it answers
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.25)
    pytest.fail(f"the server did not start:\n{log.read_text()[-3000:]}")
