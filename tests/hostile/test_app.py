"""Visitors of the application who mean harm: the others notice nothing."""

from __future__ import annotations

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
