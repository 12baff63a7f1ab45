"""Keys of providers, encrypted at rest: AES-GCM-SIV, bound to the workspace and the provider they are for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

_NONCE_BYTES = 12
_VERSION = "1"


class SealBroken(Exception):
    """What was sealed cannot be opened: the installation's secret is another one, or a row was swapped."""


class Sealer:
    """Seals and opens keys with a key derived from the installation's secret.

    The workspace and the provider are authenticated along (associated data), so that a sealed key that is
    copied to another row does not open there.
    """

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCMSIV(hmac.new(secret, b"leadyard provider keys", hashlib.sha256).digest())

    def seal(self, key: str, workspace_id: int, provider: str) -> str:
        """The key as it can be stored."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, key.encode(), _bind(workspace_id, provider))
        return f"{_VERSION}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, workspace_id: int, provider: str) -> str:
        """The key. Raises SealBroken."""
        try:
            data = base64.b64decode(sealed.removeprefix(f"{_VERSION}:"), validate=True)
            nonce, text = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
            return self._cipher.decrypt(nonce, text, _bind(workspace_id, provider)).decode()
        except (InvalidTag, ValueError):
            raise SealBroken(provider) from None


def _bind(workspace_id: int, provider: str) -> bytes:
    return f"{workspace_id}:{provider}".encode()
