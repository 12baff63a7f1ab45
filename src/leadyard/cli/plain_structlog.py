"""Loads structlog without rich, which it takes to draw tracebacks: ours are names of functions, in a line.

Whatever imports structlog after this has it without; rich itself can be imported as ever.
"""

from __future__ import annotations

import sys

if "rich" not in sys.modules:
    # None is Python's own way to say that a module cannot be had.
    sys.modules["rich"] = None  # type: ignore[assignment]
    import structlog  # noqa: F401

    del sys.modules["rich"]
