"""Addresses and API keys that are kept for commands, each under a name, in a file of the user's own."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

from leadyard.cli.failures import NOT_LET_IN, UNUSABLE, Failure

PROFILE_VARIABLE = "LEADYARD_PROFILE"
URL_VARIABLE = "LEADYARD_URL"
KEY_VARIABLE = "LEADYARD_API_KEY"
DEFAULT_NAME = "default"


@dataclass(frozen=True, slots=True)
class Profile:
    """An address and a key; None is left to the client."""

    url: str | None
    api_key: str | None = field(repr=False)


def profiles_path() -> Path:
    """The file: in the user's folder for settings, `~/.config/leadyard` where there is no other."""
    return Path(click.get_app_dir("leadyard")) / "profiles.json"


def read_profiles() -> dict[str, Profile]:
    """Every profile that is kept. Raises Failure for a file that cannot be read."""
    path = profiles_path()
    try:
        kept = json.loads(path.read_text("utf-8"))
        return {str(name): Profile(each["url"], each["api_key"]) for name, each in kept.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Failure(f"{path} cannot be read: delete it and log in again.", UNUSABLE) from None


def write_profiles(profiles: Mapping[str, Profile]) -> None:
    """Keeps these and no others, in a file that its owner alone can read, whole or not at all."""
    path = profiles_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = json.dumps({name: asdict(profile) for name, profile in profiles.items()}, indent=2)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".profiles-")
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def choose_profile(name: str | None) -> Profile:
    """The profile of this name, else what the environment says, else the one called default.

    A key of the environment is never sent to the address of a profile.
    """
    name = name or os.environ.get(PROFILE_VARIABLE)
    if not name and os.environ.get(KEY_VARIABLE):
        return Profile(os.environ.get(URL_VARIABLE), None)
    kept = read_profiles()
    if name and name not in kept:
        raise Failure(f"There is no profile {name!r}: `leadyard login --profile {name}`.", NOT_LET_IN)
    found = kept.get(name or DEFAULT_NAME, Profile(None, None))
    address = os.environ.get(URL_VARIABLE, "").rstrip("/")
    if not name and address and address != found.url:
        return Profile(address, None)
    return found
