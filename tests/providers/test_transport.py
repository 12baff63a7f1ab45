"""Where requests may go, and what of an answer is read."""

from __future__ import annotations

import gzip
import socket
from ipaddress import ip_address

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from tests.support.vendors.server import Request, Response, open_transport, serve_vendor

from leadyard.domain.providers import CallFailed, Failure
from leadyard.providers.addresses import AllowedHosts, is_public
from leadyard.providers.reply import Reply

LOOPBACK = ["127.0.0.0/8"]


class Zone(AbstractResolver):
    """Names and their addresses."""

    def __init__(self, **names: list[str]) -> None:
        self._names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._names[host.partition(".")[0]]
        ]

    async def close(self) -> None: ...


def hello(request: Request) -> Response:
    return Response(200, {"path": request.path, "params": request.params, "headers": request.headers})


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "168.63.129.16",
        "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::", "::1", "fe80::1",
        "fc00::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::a00:1",
        "64:ff9b:1::808:808", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:f5ff:fffe", "2001:db8::1",
    ],
)  # fmt: skip
def test_address_within_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"],
)
def test_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_networks_addresses_and_names_can_be_allowed() -> None:
    allowed = AllowedHosts(["10.0.0.0/8", "::1", "CRM.internal."])
    assert allowed.allow_address(ip_address("10.200.0.1"))
    assert allowed.allow_address(ip_address("::1"))
    assert not allowed.allow_address(ip_address("192.168.0.1"))
    assert allowed.allow_name("crm.INTERNAL")
    assert not allowed.allow_name("other.internal")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1", "localhost"]
)
async def test_address_within_is_refused_however_it_is_written(host: str) -> None:
    async with serve_vendor(hello) as server, open_transport() as transport:
        with pytest.raises(CallFailed) as caught:
            await transport.send("GET", f"http://{host}:{server.port}/", headers={})
        assert (caught.value.failure, caught.value.may_have_bought) == (Failure.DOWN, False)
        assert server.requests == []


async def test_name_with_one_address_within_is_refused() -> None:
    zone = Zone(rebind=["93.184.216.34", "127.0.0.1"], plain=["127.0.0.1"])
    async with serve_vendor(hello) as server:
        for name in ("rebind", "plain"):
            async with open_transport(resolver=zone) as transport:
                with pytest.raises(CallFailed):
                    await transport.send("GET", f"http://{name}.example:{server.port}/", headers={})
        assert server.requests == []


async def test_name_that_is_allowed_leads_anywhere() -> None:
    async with (
        serve_vendor(hello) as server,
        open_transport(["crm.example"], resolver=Zone(crm=["127.0.0.1"])) as transport,
    ):
        reply = await transport.send("GET", f"http://crm.example:{server.port}/x", headers={})
        assert (reply.status, reply.json()["path"]) == (200, "/x")
        with pytest.raises(CallFailed):
            await transport.send("GET", f"http://127.0.0.1:{server.port}/", headers={})


async def test_redirect_is_not_followed() -> None:
    def send_away(request: Request) -> Response:
        return Response(302, b"", {"Location": "/elsewhere"})

    async with serve_vendor(send_away) as server, open_transport(LOOPBACK) as transport:
        assert (await transport.send("GET", server.url, headers={})).status == 302
        assert len(server.requests) == 1


async def test_answer_that_is_too_long_is_not_read_to_its_end() -> None:
    async with (
        serve_vendor(lambda request: Response(200, b"[" + b"1," * 10_000_000)) as server,
        open_transport(LOOPBACK, max_body_bytes=100_000) as transport,
    ):
        with pytest.raises(CallFailed) as caught:
            await transport.send("POST", server.url, headers={}, body={})
        assert (caught.value.failure, caught.value.may_have_bought) == (Failure.GARBLED, True)


async def test_answer_that_unpacks_to_too_much_is_not_read_to_its_end() -> None:
    packed = gzip.compress(b"[" + b"1," * 20_000_000)
    async with (
        serve_vendor(lambda request: Response(200, packed, {"Content-Encoding": "gzip"})) as server,
        open_transport(LOOPBACK, max_body_bytes=100_000) as transport,
    ):
        with pytest.raises(CallFailed, match="garbled"):
            await transport.send("POST", server.url, headers={}, body={})


async def test_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with serve_vendor(hello) as server, open_transport(LOOPBACK) as transport:
        assert (await transport.send("GET", server.url, headers={})).status == 200


async def test_encoded_parts_of_an_address_arrive_as_they_were() -> None:
    async with serve_vendor(hello) as server, open_transport(LOOPBACK) as transport:
        url = f"{server.url}/a%2Fb%20c?q=a%2Bb%26c%3Dd%40x"
        told = (await transport.send("GET", url, headers={})).json()
        assert (told["path"], told["params"]) == ("/a/b c", {"q": "a+b&c=d@x"})


async def test_header_that_is_none_sends_nothing() -> None:
    async with serve_vendor(hello) as server, open_transport(LOOPBACK) as transport:
        with pytest.raises(CallFailed):
            await transport.send("GET", server.url, headers={"X-Key": "a\r\nX-Other: b"})
        assert server.requests == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("Thu, 01 Jan 1970 00:02:00 GMT", 20.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("999999999", 86_400.0),
        ("soon", None),
        ("", None),
        ("-3", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    reply = Reply(429, {"Retry-After": value}, b"", can_buy=True, now=100.0)
    assert reply.retry_after == seconds


def test_body_may_begin_with_a_mark() -> None:
    assert Reply(200, {}, b'\xef\xbb\xbf{"a": 1}', can_buy=True, now=0.0).json() == {"a": 1}
