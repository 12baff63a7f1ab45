"""In which encoding a text is: by its first bytes, by looking whether it is UTF-8, else by likelihood."""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO, NamedTuple

from charset_normalizer import from_bytes

READ_BYTES = 1_048_576
SAMPLE_BYTES = 65_536
BYTES_AS_WRITTEN_BEFORE = "leadyard-cp1252"
"""The error handler that reads single bytes that are no UTF-8 as Windows-1252."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LIKELY = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "mac_roman", "cp437"),
    *("cp850", "koi8_r", "iso8859_2", "cp932", "euc_jp", "gb18030", "big5", "cp949", "cp874"),
)
_USUAL = "cp1252"
_MOSTLY = 10
_ENOUGH_LETTERS = 20
_LATIN_LETTERS = re.compile(rb"(?<![\x80-\xff])[\xc0-\xff](?![\x80-\xff])")
_OTHER_LETTERS = re.compile(rb"[\x80-\xff]")


class Encoding(NamedTuple):
    """How bytes become text: the name of a codec and of what is done with bytes that it does not know."""

    name: str
    errors: str = "replace"


class _Scan:
    """What a look at all bytes tells: whether they are UTF-8, or mostly, and lines with other letters."""

    def __init__(self) -> None:
        self.letters = 0
        self.stray_bytes = 0
        self.sample = bytearray()

    def see(self, lines: bytes) -> None:
        """Looks at some whole lines."""
        if lines.isascii():
            return
        text = lines.decode("utf-8", "surrogateescape")
        strays = sum(1 for letter in text if "\udc80" <= letter <= "\udcff")
        self.stray_bytes += strays
        self.letters += sum(1 for letter in text if letter > "\x7f") - strays
        if strays:
            for line in lines.splitlines():
                if len(self.sample) < SAMPLE_BYTES and not line.isascii():
                    self.sample += line[:SAMPLE_BYTES] + b"\n"


def detect_encoding(file: BinaryIO) -> Encoding:
    """The encoding of the file, which is read from its beginning and left there."""
    file.seek(0)
    head = file.read(READ_BYTES)
    found = _by_mark(head) or _by_zeros(head[:SAMPLE_BYTES])
    if found is None:
        found = _by_look(file, head)
    file.seek(0)
    return found


def _by_mark(head: bytes) -> Encoding | None:
    return next((Encoding(name) for mark, name in _MARKS if head.startswith(mark)), None)


def _by_zeros(head: bytes) -> Encoding | None:
    """UTF-16 without a mark: every other byte of plain letters is zero."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) // 5 or min(even, odd) > max(even, odd) // 10:
        return None
    return Encoding("utf-16-le" if odd > even else "utf-16-be")


def _by_look(file: BinaryIO, head: bytes) -> Encoding:
    scan = _Scan()
    part, rest = head, b""
    while part:
        lines, end, rest = (rest + part).rpartition(b"\n")
        if len(rest) > READ_BYTES:
            lines, end, rest = rest, b"", b""
        scan.see(lines + end)
        part = file.read(READ_BYTES)
    scan.see(rest)
    if not scan.stray_bytes:
        return Encoding("utf-8")
    if scan.letters > _MOSTLY * scan.stray_bytes:
        return Encoding("utf-8", BYTES_AS_WRITTEN_BEFORE)
    return Encoding(_guess(bytes(scan.sample)))


def _guess(sample: bytes) -> str:
    """The likeliest encoding. Few single letters within plain ones are taken for Western."""
    others = len(_OTHER_LETTERS.findall(sample))
    if others < _ENOUGH_LETTERS and 2 * len(_LATIN_LETTERS.findall(sample)) > others:
        return _USUAL
    best = from_bytes(sample, cp_isolation=list(_LIKELY)).best()
    return _USUAL if best is None else best.encoding


def _read_as_before(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    stray = error.object[error.start : error.start + 1]
    return stray.decode(_USUAL, "replace"), error.start + 1


codecs.register_error(BYTES_AS_WRITTEN_BEFORE, _read_as_before)
