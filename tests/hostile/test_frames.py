"""Frames of a websocket, measured before the server reads them."""

from __future__ import annotations

import numpy as np
import pytest

from rnaexplore.app.frames import MESSAGES, is_allowed
from tests.hostile import app


@pytest.mark.parametrize("kind", MESSAGES)
@pytest.mark.parametrize("channel", [b"shell", b"control"])
def test_messages_of_a_page_pass(kind, channel):
    assert is_allowed(app.frame(kind, {"comm_id": "x", "data": {}}, channel=channel))


def test_buffers_pass():
    parts = [b"shell", b'{"msg_type": "comm_msg"}', b"{}", b"{}", b"{}", b"\x00" * 10**6, b""]
    assert is_allowed(app.framed(*parts))


@pytest.mark.parametrize("what", app.hostile_frames())
def test_hostile_frames_do_not(what):
    assert not is_allowed(app.hostile_frames()[what])


def test_no_bytes_raise_or_take_long():
    rng = np.random.default_rng(0)
    good = app.frame("comm_msg", {"comm_id": "x", "data": {}})
    for _ in range(5000):
        data = bytearray(good)
        for place in rng.integers(0, len(data), rng.integers(1, 4)):
            data[place] = rng.integers(0, 256)
        is_allowed(bytes(data[: rng.integers(0, len(data) + 1)]))
