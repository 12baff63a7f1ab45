"""What is received of another process, however that ends."""

from __future__ import annotations

import os
import struct
from multiprocessing.connection import Connection

import pytest

from leadyard.files.elsewhere import read_elsewhere


def send_one_and_a_half(message: bytes, sender: Connection) -> None:
    """One message, and of another the length with half of its bytes."""
    sender.send_bytes(message)
    os.write(sender.fileno(), struct.pack("!i", len(message)) + message[: len(message) // 2])


def test_end_in_the_middle_of_a_message_is_an_end() -> None:
    with read_elsewhere(send_one_and_a_half, b"one message") as receive:
        assert receive() == b"one message"
        with pytest.raises(EOFError):
            receive()
