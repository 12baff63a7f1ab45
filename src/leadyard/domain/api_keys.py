"""The form of API keys: which data a key opens, and whether it was mistyped."""

from __future__ import annotations

import re
import string
import zlib

from leadyard.domain.accounts import Mode

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_LENGTH = 32
CHECKSUM_LENGTH = 6

_MADE_HERE = re.compile(
    rf"ly_(?:live|test)_([0-9A-Za-z]{{{RANDOM_LENGTH}}})_([0-9A-Za-z]{{{CHECKSUM_LENGTH}}})"
)


def compose_key(mode: Mode, random: str) -> str:
    """A key: what it opens, 32 random characters (190 bits), and a checksum that finds typing errors."""
    return f"ly_{mode}_{random}_{_checksum(random)}"


def is_mistyped(key: str) -> bool:
    """Whether a key looks as if it was made here, and was not. Keys of the operator's own look otherwise."""
    made = _MADE_HERE.fullmatch(key)
    return made is not None and _checksum(made[1]) != made[2]


def key_mode(key: str) -> Mode:
    """Which workspace a key opens, by its prefix (contract §4)."""
    return Mode.TEST if key.startswith("ly_test_") else Mode.LIVE


def _checksum(random: str) -> str:
    rest = zlib.crc32(random.encode())
    digits = []
    for _ in range(CHECKSUM_LENGTH):
        rest, digit = divmod(rest, len(BASE62))
        digits.append(BASE62[digit])
    return "".join(reversed(digits))
