"""Where the service is and what opens it, from arguments or the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

from leadyard_client.errors import ConfigurationError

URL_VARIABLE = "LEADYARD_URL"
KEY_VARIABLE = "LEADYARD_API_KEY"
DEFAULT_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Configuration:
    """How the service is reached. The key is not shown."""

    url: str
    api_key: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {
            "Authorization": f"Bearer {self.api_key}",
            "Accept": "application/json",
            "User-Agent": f"leadyard-client/{find_version()}",
        }


def find_version() -> str:
    """The version of this package."""
    try:
        return version("leadyard-client")
    except PackageNotFoundError:
        return "unknown"


def configure(url: str | None, api_key: str | None) -> Configuration:
    """What is given, else what the environment says. Raises ConfigurationError."""
    address = (url or os.environ.get(URL_VARIABLE) or DEFAULT_URL).rstrip("/")
    key = (api_key or os.environ.get(KEY_VARIABLE) or "").strip()
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ConfigurationError(f"The address must be http://… or https://…: set {URL_VARIABLE}.")
    if not key:
        raise ConfigurationError(f"There is no API key: give one, or set {KEY_VARIABLE}.")
    if not (key.isascii() and key.isprintable()):
        raise ConfigurationError("The API key has characters that no key has.")
    return Configuration(address, key)
