"""Whose word is taken on where a request came from."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.support import call_raw, with_settings
from tests.support.installation import Service, make_settings

from leadyard.api.proxies import Peer, TrustedProxies, parse_networks
from leadyard.app import build
from leadyard.settings import InvalidSetting

TRUSTED = TrustedProxies(parse_networks("10.0.0.0/8, 2001:db8::/32,192.0.2.7"))


def peer(client: str | None, *headers: tuple[str, str], proxies: TrustedProxies = TRUSTED) -> Peer:
    scope: dict[str, Any] = {
        "client": (client, 1) if client else None,
        "scheme": "http",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
    }
    return proxies.find_peer(scope)


def forwarded(value: str) -> tuple[str, str]:
    return "x-forwarded-for", value


def proto(value: str) -> tuple[str, str]:
    return "x-forwarded-proto", value


def test_forwarded_headers_of_strangers_are_not_believed() -> None:
    told = (forwarded("203.0.113.9"), proto("https"))
    assert peer("198.51.100.1", *told) == Peer("198.51.100.1", is_https=False)
    assert peer("10.0.0.1", *told, proxies=TrustedProxies()) == Peer("10.0.0.1", is_https=False)
    assert peer(None, *told) == Peer(None, is_https=False)


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.1.1.1, 192.0.2.7", "203.0.113.9"),
        ("203.0.113.9:5000", "203.0.113.9"),
        ("[2001:db9::1]:5000", "2001:db9::1"),
        ("2001:db9::1", "2001:db9::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("10.9.9.9", "10.9.9.9"),
        ("203.0.113.9, unknown", "10.0.0.1"),
        ("203.0.113.9, nonsense, 10.1.1.1", "10.1.1.1"),
        ("", "10.0.0.1"),
        ("\xe9", "10.0.0.1"),
    ],
)
def test_address_is_the_last_that_no_trusted_proxy_has(value: str, address: str) -> None:
    assert peer("10.0.0.1", forwarded(value)).address == address


def test_header_may_come_several_times() -> None:
    assert peer("10.0.0.1", forwarded("1.1.1.1"), forwarded("203.0.113.9")).address == "203.0.113.9"


def test_last_proxy_says_whether_it_was_https() -> None:
    assert peer("10.0.0.1", proto("https")).is_https
    assert peer("2001:db8::5", proto("HTTPS")).is_https
    assert not peer("10.0.0.1", proto("https, http")).is_https
    assert not peer("10.0.0.1").is_https


@pytest.mark.parametrize("text", ["10.0.0.1/8", "proxy.example", "10.0.0.0/33", "*"])
def test_setting_that_names_no_network_stops_the_start(text: str, tmp_path: Any) -> None:
    with pytest.raises(InvalidSetting, match="LEADYARD_TRUSTED_PROXIES"):
        build(make_settings(tmp_path, TRUSTED_PROXIES=text))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@with_settings(trusted_proxies="192.0.2.0/24")
async def test_https_is_insisted_on_where_the_proxy_speaks_it(service: Service) -> None:
    for value, sent in (("https", "max-age=31536000"), ("http", None)):
        answer = await call_raw(service, "GET", "/healthz", headers={"X-Forwarded-Proto": value})
        assert answer.headers.get("strict-transport-security") == sent
