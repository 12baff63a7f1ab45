"""Secrets, encrypted at rest: AES-GCM-SIV, bound to the workspace and to what they are for.

They are the keys of providers, the secrets of webhooks, and answers that hold such a secret.
"""

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
    """Seals and opens secrets with a key derived from the installation's secret.

    The workspace and the purpose (a provider's name, or `webhook:` or `answer:` and an id) are authenticated
    along (associated data), so that a sealed secret that is copied to another row does not open there.
    """

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCMSIV(hmac.new(secret, b"leadyard provider keys", hashlib.sha256).digest())

    def seal(self, secret: str, workspace_id: int, purpose: str) -> str:
        """The secret as it can be stored."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, secret.encode(), _bind(workspace_id, purpose))
        return f"{_VERSION}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, workspace_id: int, purpose: str) -> str:
        """The secret. Raises SealBroken."""
        try:
            data = base64.b64decode(sealed.removeprefix(f"{_VERSION}:"), validate=True)
            nonce, text = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
            return self._cipher.decrypt(nonce, text, _bind(workspace_id, purpose)).decode()
        except (InvalidTag, ValueError):
            raise SealBroken(purpose) from None


def _bind(workspace_id: int, purpose: str) -> bytes:
    return f"{workspace_id}:{purpose}".encode()
