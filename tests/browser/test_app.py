"""The web application in a browser: from upload to download, shut doors, visitors kept apart."""

import http.client
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlsplit

import anndata
import numpy as np
import pandas as pd
import psutil
import pytest

import rnaexplore
from rnaexplore.app.frames import PROTOCOL
from tests.browser.waiting import settled
from tests.hostile.app import frame, read

pytest.importorskip("voila")
pytestmark = pytest.mark.browser

WAIT = 120_000  # milliseconds; long, for a busy machine compiles slowly
START = 120  # seconds
TOKEN = "test-token"
STEM = "GGGGCACC"


@pytest.fixture(scope="module")
def server(tmp_path_factory, alone):
    """Address and process of an application that takes at most 1 MB and 50 RNAs."""
    home = tmp_path_factory.mktemp("app")
    environment, free_port = alone
    port = free_port()
    code = "from rnaexplore.cli import main; main()"
    options = ["--max-megabytes=1", "--max-rnas=50", f"--port={port}", f"--token={TOKEN}"]
    source = str(Path(rnaexplore.__file__).parents[1])  # the same package in server and kernels
    own = environment(home) | {"OMP_NUM_THREADS": "1", "PYTHONPATH": source}
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", code, "app", "--no-browser", *options],
            env=own, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + START
            while "Open http" not in (home / "log").read_text():
                assert process.poll() is None, (home / "log").read_text()
                assert time.monotonic() < deadline, "the server did not start"
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def visit(browser, server):
    """Return a function that opens the application as a new visitor."""
    contexts, outside, errors = [], [], []

    def heard(response):
        if urlsplit(response.url).hostname not in {"127.0.0.1", None, ""}:
            outside.append(response.url)

    def new():
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        page.on("response", heard)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{server[0]}/?token={TOKEN}", wait_until="domcontentloaded")
        return page

    yield new
    for context in contexts:
        context.close()
    assert outside == []
    assert errors == []


@pytest.fixture(scope="module")
def fasta(tmp_path_factory):
    rng = np.random.default_rng(0)
    loops = ["".join(rng.choice(list("ACGT"), size=n)) for n in rng.integers(6, 40, size=24)]
    path = tmp_path_factory.mktemp("in") / "hairpins.fa"
    path.write_text("".join(f">h{k} hairpin\n{STEM}{x}GGTGCCCC\n" for k, x in enumerate(loops)))
    return path


def kernels(process):
    """Return the processes of pages; one that ends while it is looked at is not there."""
    children = psutil.Process(process.pid).children(recursive=True)
    return [child for child in children if "ipykernel_launcher" in command_line(child)]


def command_line(process):
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # also one that has ended and waits for its parent
        return ""


def test_from_upload_to_download_while_another_visitor_sees_nothing(
    visit, server, fasta, tmp_path, picture
):
    page, other = visit(), visit()
    page.locator(".rxa-panel").wait_for()
    give = page.get_by_label("File of RNAs")
    zone, alert = page.locator(".rxa-drop"), page.get_by_role("alert")

    # files that are no good are refused with the reason
    bad, large = tmp_path / "protein.fa", tmp_path / "large.fa"
    bad.write_text(">p1\nMKVLAAGIEF\n")
    large.write_text(">a\n" + "ACGU" * 300_000)
    give.set_input_files(bad)
    alert.filter(has_text="'p1'").wait_for()
    give.set_input_files(large)
    alert.filter(has_text="this server takes 1 MB").wait_for()
    assert page.get_by_role("button", name="Run").is_disabled()

    # a good one is read, what was changed is said, and the job runs to its end
    give.set_input_files(fasta)
    page.locator(".rxa-drop[data-rnas='24']").wait_for()
    assert alert.count() == 0
    assert "T read as U" in page.locator(".rxa-note").inner_text()
    page.get_by_label("Predict structures").check()
    page.get_by_role("button", name="Run").click()
    page.get_by_role("button", name="Stop").wait_for()
    seen = progress(page)
    assert alert.all_inner_texts() == []
    assert seen == sorted(seen)
    assert 0 < seen[-1] <= 1
    page.locator(".rx-root .rx-bar", has_text="24 RNAs").wait_for()

    # the other visitor has a process of their own and sees nothing of it
    other.locator(".rxa-panel").wait_for()
    assert len(kernels(server[1])) == 2
    assert other.locator(".rxa-drop").get_attribute("data-rnas") == ""
    assert other.locator(".rxa-take").count() == 0
    assert "hairpin" not in other.content()

    # a bad file afterwards takes nothing away
    give.set_input_files(bad)
    alert.filter(has_text="'p1'").wait_for()
    assert "hairpins.fa · 24 RNAs" in zone.inner_text()
    picture(page, "app-error")
    check_files(page, tmp_path, fasta)
    page.get_by_role("row").filter(has_text="h3").first.click()
    page.locator(".rx-root .rx-cells[data-side]").first.wait_for()
    settled(page)
    picture(page, "app")


def progress(page):
    """Return what the bar said, until the job has ended."""
    handle = page.wait_for_function(
        """() => {
            const bar = document.querySelector(".rxa-panel progress");
            window.said = window.said || [];
            if (window.said.at(-1) !== bar.value) window.said.push(bar.value);
            return document.querySelector(".rxa-take, .rxa-error") && window.said;
        }""",
        polling=50,
    )
    return handle.json_value()


def check_files(page, folder, fasta):
    for kind in ("h5ad", "csv", "dbn", "svg", "pdf", "py"):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=f".{kind}", exact=True).click()
        assert waiting.value.suggested_filename == f"hairpins.{kind}"
        waiting.value.save_as(folder / f"out.{kind}")
    adata = anndata.read_h5ad(folder / "out.h5ad")
    assert adata.obs_names.tolist() == [f"h{k}" for k in range(24)]
    assert adata.obsm["X_mini"].shape == (24, 256)
    assert len(np.unique(adata.obsm["X_umap"], axis=0)) == 24
    table = pd.read_csv(folder / "out.csv", index_col="name")
    np.testing.assert_allclose(table["umap_1"], adata.obsm["X_umap"][:, 0], rtol=1e-5)
    lines = (folder / "out.dbn").read_text().splitlines()
    assert lines[2::3] == adata.obs["structure_mini"].tolist()
    assert "<text" in (folder / "out.svg").read_text()
    assert (folder / "out.pdf").read_bytes().startswith(b"%PDF")
    assert "rx.read_fasta(source)" in (folder / "out.py").read_text()


def test_nothing_but_the_page_is_served(server, tmp_path):
    base, process = server
    before = {kernel.pid for kernel in kernels(process)}
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    with opener.open(f"{base}/?token={TOKEN}", timeout=START) as answer:
        html = answer.read().decode()
    assert "rnaexplore.app import" not in html  # the notebook's source
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    found = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', html, re.S)[1])
    kernel = found["kernelId"]
    for place in (
        "explorer.ipynb", "voila/files/explorer.ipynb", "voila/files/server.py", "voila/tree",
        "voila/files/..%2F__init__.py", "voila/render/explorer.ipynb", "voila/api/contents",
        "api/contents", "api/contents/explorer.ipynb", "api/kernels", "api/sessions", "tree",
        "api/terminals", "files/explorer.ipynb", "edit/server.py", "lab",
        "nbconvert/html/explorer.ipynb",
    ):  # fmt: skip
        assert status(opener, f"{base}/{place}") in {403, 404}, place
    for place in ("", "voila/tree", "api/contents", f"api/kernels/{kernel}"):
        url = urlsplit(base)
        stranger = http.client.HTTPConnection(url.hostname, url.port, timeout=START)
        stranger.request("GET", f"/{place}")
        answer = stranger.getresponse()
        assert answer.status in {302, 403}, place  # to the login form
        assert b"rxa" not in answer.read()
        stranger.close()
    run_nothing(base, kernel, tmp_path / "made-by-a-visitor")
    mine = [k for k in kernels(process) if k.pid not in before]
    assert mine  # the visit above started one


def status(opener, url):
    try:
        with opener.open(url, timeout=START) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def run_nothing(base, kernel, mark):
    """Ask a kernel to run code, which it never hears, and what it is, which it answers."""
    from websocket import ABNF, create_connection

    url = f"{base.replace('http', 'ws')}/api/kernels/{kernel}/channels?token={TOKEN}"
    for kind, content in (
        ("execute_request", {"code": f"open({str(mark)!r}, 'w')", "silent": False}),
        ("complete_request", {"code": "import o", "cursor_pos": 8}),
    ):
        socket = create_connection(url, timeout=START, subprotocols=[PROTOCOL])
        socket.send_binary(frame(kind, content))
        opcode = None
        while opcode != ABNF.OPCODE_CLOSE:
            opcode, _ = socket.recv_data()
        socket.shutdown()
    socket = create_connection(url, timeout=START, subprotocols=[PROTOCOL])
    socket.send_binary(frame("kernel_info_request"))
    answers = []
    while "kernel_info_reply" not in answers:
        answers.append(read(socket.recv())["header"]["msg_type"])
    socket.close()
    assert not {"execute_reply", "execute_result", "complete_reply"} & set(answers)
    assert not mark.exists()


def test_the_process_of_a_page_ends_with_it(visit, server):
    _, process = server
    before = {kernel.pid for kernel in kernels(process)}
    page = visit()
    page.locator(".rxa-panel").wait_for()
    (own,) = {kernel.pid for kernel in kernels(process)} - before
    page.goto("about:blank")
    deadline = time.monotonic() + START
    while own in {kernel.pid for kernel in kernels(process)} and time.monotonic() < deadline:
        time.sleep(0.2)
    assert own not in {kernel.pid for kernel in kernels(process)}


def test_a_dead_process_is_told_and_the_file_is_sent_again(visit, server, fasta):
    _, process = server
    before = {kernel.pid for kernel in kernels(process)}
    page = visit()
    page.get_by_label("File of RNAs").set_input_files(fasta)
    page.locator(".rxa-drop[data-rnas='24']").wait_for()
    (own,) = [kernel for kernel in kernels(process) if kernel.pid not in before]
    own.kill()
    told = page.get_by_role("alert").filter(has_text="The process of this page ended")
    told.wait_for()
    assert "hairpins.fa is kept in this browser and will be sent again" in told.inner_text()
    assert page.get_by_role("button", name="Run").is_disabled()
    page.get_by_role("button", name="Start again").click()
    page.locator(".rxa-drop[data-rnas='24']").wait_for()
    assert "hairpins.fa" in page.locator(".rxa-drop").inner_text()
    assert page.get_by_role("alert").count() == 0
