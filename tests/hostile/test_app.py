"""Visitors of the application who mean harm: the others notice nothing."""

from __future__ import annotations

import re

import pytest

from tests.hostile import app

pytest.importorskip("voila")
websocket = pytest.importorskip("websocket")
pytestmark = pytest.mark.browser  # needs no browser, but as long


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with app.serving(tmp_path_factory.mktemp("app")) as (base, process):
        yield base, process


@pytest.fixture(scope="module")
def visitor(server):
    return app.Visitor(server[0])


def answered(connection):
    """Return the message types until the kernel said what it is."""
    connection.send_binary(app.frame("kernel_info_request"))
    kinds = []
    while "kernel_info_reply" not in kinds:
        kinds.append(app.read(connection.recv())["header"]["msg_type"])
    return kinds


def test_hostile_frames_close_their_own_connection_and_no_other(server, visitor):
    other = visitor.connect()
    for what, frame in app.hostile_frames().items():
        connection = visitor.connect()
        if isinstance(frame, str):
            connection.send(frame)
        else:
            connection.send_binary(frame)
        assert app.is_answering(server[0], within=20), what
        opcode = None
        while opcode != websocket.ABNF.OPCODE_CLOSE:  # what the kernel says to all comes first
            opcode, data = connection.recv_data()
        assert int.from_bytes(data[:2], "big") == 1003, what
        connection.shutdown()
    assert "kernel_info_reply" in answered(other)
    other.close()
    other.shutdown()


@pytest.mark.parametrize("protocol", [None, "v0.kernel.websocket.jupyter.org"])
def test_the_protocol_that_is_parsed_slowly_is_refused(visitor, protocol):
    assert visitor.upgrade(protocol) == 400
    assert visitor.upgrade(app.PROTOCOL) == 101


@pytest.mark.parametrize(
    "place",
    [
        "voila/static/voila.js", "voila/static/require.min.js",
        "voila/templates/lab/static/voila.js",
        "voila/labextensions/anywidget/package.json", "voila/api/themes/x/index.css",
        "voila/files/explorer.ipynb", "voila/static/../static/voila.js",
    ],
)  # fmt: skip
def test_a_stranger_gets_no_file(server, place):
    assert app.status(server[0], place) in {403, 404}


def test_the_login_form_keeps_its_style(server):
    form = app.page(server[0], "login")
    assert "password" in form
    named = set(re.findall(r"voila/static/[^\"'?]+", form))
    assert "voila/static/style/bootstrap.min.css" in named
    assert {app.status(server[0], place) for place in named} == {200}


def test_pages_have_a_limit_and_a_dead_process_is_noticed(tmp_path):
    with app.serving(tmp_path, "--max-pages=1") as (base, process):
        first = app.Visitor(base)
        second = app.Visitor(base)
        assert second.code == 503
        assert "You are number <b>1</b>" in second.html
        third = app.Visitor(base)
        assert "You are number <b>2</b>" in third.html
        assert f"?ticket={second.ticket}" in second.html
        kernel = first.kernel
        assert "execution_state" in first.get(f"api/kernels/{kernel}")
        (alive,) = app.kernels(process)
        alive.kill()
        app.until(lambda: first.status(f"api/kernels/{kernel}") == 404)
        assert third.ask() == 503, "the second comes first"
        assert second.ask() == 200
        assert second.kernel != kernel


def test_a_page_that_takes_too_much_memory_fails_alone(tmp_path):
    """Two gigabytes are allowed; the process itself is told by its limit."""
    with app.serving(tmp_path, "--max-gigabytes=2") as (base, process):
        app.Visitor(base)
        (kernel,) = app.kernels(process)
        import psutil

        assert kernel.rlimit(psutil.RLIMIT_DATA)[0] == 2_000_000_000
