"""Whether a body is UTF-8, which the decoder of JSON may pass over (RFC 8259 8.1)."""

from __future__ import annotations

import codecs

from leadyard.api.wire import Body
from leadyard.domain.errors import Refused, unsupported_body

_STEP_BYTES = 64 * 1024
_STEPS_AT_ONCE = 8


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

    def finish(self) -> None:
        """Looks at the rest. Raises NotUtf8."""
        while self.look_on():
            pass

    def look_on(self) -> bool:
        """Looks at some more, for less than a millisecond; whether there is a rest. Raises NotUtf8."""
        for _ in range(_STEPS_AT_ONCE):
            part = self._body[self._at : self._at + _STEP_BYTES]
            is_last = self._at + len(part) == len(self._body)
            try:
                self._at += codecs.utf_8_decode(part, "strict", is_last)[1]
            except UnicodeDecodeError as error:
                raise NotUtf8(self._at + error.start) from None
            if is_last:
                return False
        return True
