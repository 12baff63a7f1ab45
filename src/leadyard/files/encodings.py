"""In which encoding a text is: by its first bytes, by looking whether it is UTF-8, else by likelihood."""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO, NamedTuple

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
_SIGNS_ARE_RARER = 200
"""In bytes: of so many in a text of 16 bits, at least one belongs to a sign, a digit or a plain letter."""
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_LATIN_LETTERS = re.compile(rb"(?<![\x80-\xff])[\xc0-\xff](?![\x80-\xff])")
_ODD_SIGNS = re.compile(
    rb"[\x81\x83\x86-\x90\x98\x9a-\x9f\xa1-\xa6\xa8-\xaa\xac-\xaf\xb1-\xb3\xb5\xb6\xb8-\xba\xbc-\xbf]"
)
_CENTRAL_LETTERS = re.compile(
    rb"[\xc0\xc3\xc5\xc6\xc8\xca\xcc\xcf-\xd2\xd5\xd8\xd9\xdb\xde"
    rb"\xe0\xe3\xe5\xe6\xe8\xea\xec\xef-\xf2\xf5\xf8\xf9\xfb\xfd\xfe\xff]"
)
_CENTRAL_SHARE = 0.4
_STRAY = re.compile("[\udc80-\udcff]")
_OTHER_LETTERS = re.compile(rb"[\x80-\xff]")


class Encoding(NamedTuple):
    """How bytes become text: the name of a codec and of what is done with bytes that it does not know."""

    name: str
    errors: str = "replace"


class _Scan:
    """What a look at all bytes tells: whether they are UTF-8, or mostly, and lines with other letters.

    `more_bytes` are those of letters of several bytes beyond the first of each.
    """

    def __init__(self) -> None:
        self.more_bytes = 0
        self.stray_bytes = 0
        self.sample = bytearray()

    def see(self, lines: bytes) -> None:
        """Looks at some whole lines."""
        if lines.isascii():
            return
        text = lines.decode("utf-8", "surrogateescape")
        strays = len(_STRAY.findall(text)) if _STRAY.search(text) else 0
        self.stray_bytes += strays
        self.more_bytes += len(lines) - len(text)
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
    """UTF-16 or UTF-32 without a mark: signs and plain letters have zeros there.

    Letters of other scripts have none, but hardly a file is without what parts its cells and lines.
    """
    if head.count(0) <= len(head) // _SIGNS_ARE_RARER:
        return None
    return next((Encoding(name) for name in _WIDE if _has_lines(head, name)), None)


def _has_lines(head: bytes, name: str) -> bool:
    try:
        text = codecs.getincrementaldecoder(name)().decode(head)
    except UnicodeDecodeError:
        return False
    return "\n" in text or "\r" in text


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
    if scan.more_bytes > _MOSTLY * scan.stray_bytes:
        return Encoding("utf-8", BYTES_AS_WRITTEN_BEFORE)
    return Encoding(_guess(bytes(scan.sample)))


def _guess(sample: bytes) -> str:
    """The likeliest encoding; the usual one where its letters stand alone among plain ones.

    Unless there are many that would be others in Central Europe, or signs that no language has in words.
    """
    others = len(_OTHER_LETTERS.findall(sample))
    stands_alone = 2 * len(_LATIN_LETTERS.findall(sample)) > others
    is_few = others < _ENOUGH_LETTERS
    is_odd = len(_ODD_SIGNS.findall(sample)) > others // _MOSTLY
    is_central = len(_CENTRAL_LETTERS.findall(sample)) > others * _CENTRAL_SHARE
    if stands_alone and (is_few or not (is_odd or is_central)):
        return _USUAL
    # Most files are UTF-8, and never come here.
    from charset_normalizer import from_bytes  # noqa: PLC0415

    best = from_bytes(sample, cp_isolation=list(_LIKELY)).best()
    return _USUAL if best is None else best.encoding


def _read_as_before(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    stray = error.object[error.start : error.start + 1]
    return stray.decode(_USUAL, "replace"), error.start + 1


codecs.register_error(BYTES_AS_WRITTEN_BEFORE, _read_as_before)
