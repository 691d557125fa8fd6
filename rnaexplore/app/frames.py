"""What a browser may send over the websocket of its page; anything else ends the connection.

The server beneath trusts lengths in a frame: eight bytes can keep it busy for ever, and with it the
pages of all others. Frames are therefore measured here before it sees them.
"""

from __future__ import annotations

import json
import struct
from itertools import pairwise
from typing import Any

__all__ = ["MESSAGES", "PROTOCOL", "is_allowed"]

PROTOCOL = "v1.kernel.websocket.jupyter.org"  #: the only one; the one before is parsed slowly
#: What a browser may say to its kernel; ``execute_request`` is not among it.
MESSAGES = ("comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request")
CHANNELS = (b"shell", b"control")
WORD = 8  #: bytes of a number in a frame
FEWEST, MOST = 6, 128  #: numbers in front: channel, four parts, buffers, end
LONGEST_HEADER = 10_000  #: bytes


def is_allowed(frame: object) -> bool:
    """Return whether a frame is well formed, and a message that a page may send.

    Parameters
    ----------
    frame
        What came over the websocket: numbers of 8 bytes (their count, then where each part begins,
        then where the last ends), channel, header, parent header, metadata, content, buffers.
    """
    if not isinstance(frame, bytes) or len(frame) < WORD:
        return False
    (n,) = struct.unpack_from("<Q", frame)
    if not FEWEST <= n <= MOST or len(frame) < WORD * (n + 1):
        return False
    places = struct.unpack_from(f"<{n}Q", frame, WORD)
    in_order = all(a <= b for a, b in pairwise(places))
    if not in_order or places[0] != WORD * (n + 1) or places[-1] != len(frame):
        return False
    channel, header = frame[places[0] : places[1]], frame[places[1] : places[2]]
    return channel in CHANNELS and _kind(header) in MESSAGES


def _kind(header: bytes) -> Any:
    """Return the type of a message, ``None`` if the header is none."""
    if len(header) > LONGEST_HEADER:
        return None
    try:
        fields = json.loads(header)
    except (ValueError, RecursionError):
        return None
    return fields.get("msg_type") if isinstance(fields, dict) else None
