"""Whether a body is UTF-8, which the decoder of JSON may pass over (RFC 8259 8.1)."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from leadyard.api.wire import Body
from leadyard.domain.errors import Refused, unsupported_body

_STEP_BYTES = 64 * 1024


class NotUtf8(Refused):
    """A body is no UTF-8, from the byte at this position on (400)."""

    def __init__(self, position: int) -> None:
        super().__init__(unsupported_body(f"is not valid UTF-8 (byte {position})"))


class Utf8Check:
    """A look through a body, which goes on where it was left.

    In small steps: the text of a whole body, four bytes a character, takes most of the time to get memory
    for.
    """

    def __init__(self, body: Body) -> None:
        self._body = memoryview(body)
        self._at = 0

    @property
    def is_finished(self) -> bool:
        """Whether all of it was looked at."""
        return self._at == len(self._body)

    def finish(self) -> None:
        """Looks at the rest. Raises NotUtf8."""
        for _ in self.steps():
            pass

    def steps(self) -> Iterator[None]:
        """Looks at the rest, a tenth of a millisecond or less at a time. Raises NotUtf8."""
        while not self.is_finished:
            part = self._body[self._at : self._at + _STEP_BYTES]
            is_last = self._at + len(part) == len(self._body)
            try:
                self._at += codecs.utf_8_decode(part, "strict", is_last)[1]
            except UnicodeDecodeError as error:
                raise NotUtf8(self._at + error.start) from None
            yield
