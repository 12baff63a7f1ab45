"""Public ids."""

from __future__ import annotations

import secrets


def new_id(now_ms: int) -> str:
    """A UUIDv7 (RFC 9562 §5.7) of this millisecond: ids sort in the order they were made."""
    random = secrets.randbits(74)
    value = (now_ms & (1 << 48) - 1) << 80 | 0x7 << 76 | (random >> 62) << 64
    value |= 0b10 << 62 | random & (1 << 62) - 1
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
