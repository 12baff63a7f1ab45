"""zstd: of the standard library since Python 3.14, and of its backport before."""

from __future__ import annotations

try:
    from compression import zstd  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    from backports import zstd

__all__ = ["zstd"]
