"""Templates: values are escaped, a name that is not there is an error, links go to http and https only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from leadyard.dashboard.assets import asset_path
from leadyard.domain.credits import MILLI

_BARE_PROFILE = re.compile(r"(?:[a-z]+\.)?linkedin\.com/", re.IGNORECASE)
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@cache
def make_environment() -> Environment:
    """The templates, once for the process."""
    environment = Environment(
        loader=PackageLoader("leadyard.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["asset"] = asset_path
    environment.filters.update(
        number=number,
        credits=credits,
        moment=moment,
        ago=ago,
        day=day,
        web_link=web_link,
        words=words,
        profile_link=profile_link,
        plainly=plainly,
        from_milliseconds=from_milliseconds,
    )
    return environment


def number(value: float) -> str:
    """A number with separators of thousands."""
    return f"{value:,}"


def credits(milli: int) -> str:  # noqa: A001
    """Milli-credits as credits, with as many decimals as there are."""
    whole, rest = divmod(abs(milli), MILLI)
    decimals = f"{rest:03}".rstrip("0")
    sign = "\N{MINUS SIGN}" if milli < 0 else ""
    return f"{sign}{whole:,}{'.' + decimals if decimals else ''}"


def moment(value: datetime | None) -> Markup:
    """A time, in UTC; the script of the pages shows it in the reader's own time zone."""
    if value is None:
        return Markup('<span class="faint">never</span>')
    text = f"{value:%Y-%m-%d %H:%M}"
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(value.isoformat(), text, text)


def from_milliseconds(value: int) -> datetime:
    """A moment that is kept in milliseconds since 1970."""
    return datetime.fromtimestamp(value / 1000, UTC)


def day(value: datetime | None) -> str:
    """A day."""
    return "never" if value is None else f"{value:%Y-%m-%d}"


def ago(value: datetime | None, now: datetime) -> Markup:
    """How long ago something was, with the time itself as its title."""
    if value is None:
        return Markup('<span class="faint">never</span>')
    text = f"{value:%Y-%m-%d %H:%M} UTC"
    return Markup('<time datetime="{}" title="{}" data-relative>{}</time>').format(
        value.isoformat(), text, _distance(now - value)
    )


def web_link(value: object) -> str | None:
    """An address that may be linked to: what people send can be a script, too."""
    if not isinstance(value, str):
        return None
    try:
        parts = urlsplit(value.strip())
    except ValueError:
        return None
    return value.strip() if parts.scheme.lower() in ("http", "https") and parts.netloc else None


def profile_link(value: object) -> str | None:
    """The address of a profile, which people often send without its scheme."""
    text = value.strip() if isinstance(value, str) else ""
    return web_link(f"https://{text}" if _BARE_PROFILE.match(text) else text)


def words(value: Any) -> str:
    """A word of the service as people write it."""
    return str(value).replace("_", " ")


def plainly(value: Any) -> str:
    """A value of JSON as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {plainly(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(plainly, value)) or "none"
    return "none" if value is None else str(value)


def _distance(age: timedelta) -> str:
    if age < _MINUTE:
        return "just now"
    if age < _HOUR:
        return _count(age // _MINUTE, "minute")
    if age < _DAY:
        return _count(age // _HOUR, "hour")
    if age < 60 * _DAY:
        return _count(age // _DAY, "day")
    return _count(age // (30 * _DAY), "month")


def _count(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'} ago"
