"""What a service does when many times as much is asked of it as it can do.

`python -m benchmarks.overload [--clients 200] [--seconds 20] [--leads 10000]` starts `leadyard serve` on
SQLite on loopback, lets so many clients add leads without a pause, each to a new list, and others send a byte
a second; asks for its health meanwhile; and tells how it answered, how much memory it took, and when it was
itself again. It fails if it ever was not ready, or answered with anything but 202, 429 and 503, or needed
longer than five seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import aiohttp
import msgspec

KEY = "ly_test_" + "o" * 38
EMAIL = "admin@leadyard.example"
SLOW_CLIENTS = 50
RECOVERY_SECONDS = 5.0
HEALTH_SECONDS = 5.0


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def peak_mib(pid: int) -> float:
    """The most memory that a process has had, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


@dataclass(slots=True)
class Health:
    """How long the answers took, in seconds, and those that were not well."""

    seconds: list[float] = field(default_factory=list)
    unwell: Counter[str] = field(default_factory=Counter)


def watch(url: str, seconds: float) -> Health:
    """Asks four times a second whether the service is well, in a process with nothing else to do."""
    health = Health()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for path in ("/healthz", "/readyz"):
            begin = time.monotonic()
            try:
                with urllib.request.urlopen(url + path, timeout=HEALTH_SECONDS):
                    pass
            except OSError as error:
                health.unwell[f"{path} {error}"] += 1
            health.seconds.append(time.monotonic() - begin)
        time.sleep(0.25)
    return health


class Load:
    """The clients, and what they were answered."""

    def __init__(self, url: str, leads: int) -> None:
        self.url = url
        self.answers: Counter[int | str] = Counter()
        self.without_retry_after = 0
        rows = [{"email": f"p{n}@example.com", "first_name": "P", "last_name": str(n)} for n in range(leads)]
        self.body = msgspec.json.encode(
            {"shared": True, "owner": EMAIL, "type": "email", "visible": True, "leads": rows}
        )
        self.headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}

    async def add_for(self, seconds: float) -> None:
        """One client that makes list after list."""
        end = time.monotonic() + seconds
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < end:
                try:
                    answer = await session.post(
                        f"{self.url}/lead-lists", data=self.body, headers=self.headers
                    )
                except aiohttp.ClientError as error:
                    self.answers[type(error).__name__] += 1
                    continue
                self.answers[answer.status] += 1
                if answer.status in (429, 503) and "Retry-After" not in answer.headers:
                    self.without_retry_after += 1
                answer.release()
                await asyncio.sleep(0.05)

    async def trickle_for(self, seconds: float) -> None:
        """One client that sends a byte a second."""
        end = time.monotonic() + seconds
        host, port = self.url.removeprefix("http://").split(":")
        head = f"POST /lead-lists HTTP/1.1\r\nHost: x\r\nContent-Length: {len(self.body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in self.headers.items()) + "\r\n"
        with suppress(OSError):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(head.encode())
            while time.monotonic() < end and not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(1)
            writer.close()

    async def until_itself(self) -> float:
        """For how long adds are still refused once the load is gone."""
        begin = time.monotonic()
        async with aiohttp.ClientSession() as session:
            while True:
                async with session.post(
                    f"{self.url}/lead-lists", data=self.body, headers=self.headers
                ) as answer:
                    if answer.status == 202:
                        return time.monotonic() - begin
                await asyncio.sleep(0.05)


async def run(url: str, pid: int, clients: int, seconds: float, leads: int) -> bool:
    """Loads the service; prints what came of it. Whether it did what it must."""
    load = Load(url, leads)
    await load.until_itself()
    before = peak_mib(pid)
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(1, get_context("spawn")) as watchers:
        watching = loop.run_in_executor(watchers, watch, url, seconds)
        await asyncio.gather(
            *(load.add_for(seconds) for _ in range(clients)),
            *(load.trickle_for(seconds) for _ in range(SLOW_CLIENTS)),
        )
        health = await watching
    recovery = await load.until_itself()
    after = peak_mib(pid)
    total = load.answers.total()
    print(f"{clients} clients adding {leads:,} leads a request, ", end="")
    print(f"{SLOW_CLIENTS} sending a byte a second, {seconds:.0f} s")
    for answer, count in sorted(load.answers.items(), key=str):
        print(f"  {answer}: {count:,} ({count / total:.1%})")
    times = sorted(health.seconds)
    print(f"  refusals without Retry-After: {load.without_retry_after}")
    print(f"  health: {len(times)} asked, not well {dict(health.unwell)}, ", end="")
    print(f"median {times[len(times) // 2] * 1000:.0f} ms, slowest {times[-1] * 1000:.0f} ms")
    print(f"  memory at its peak: {before:.0f} MiB after one add, {after:.0f} MiB under load")
    print(f"  itself again after {recovery:.2f} s")
    is_ready = not health.unwell and not load.without_retry_after
    return is_ready and set(load.answers) <= {202, 429, 503} and recovery <= RECOVERY_SECONDS


def main() -> int:
    """Starts the service, loads it, ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--leads", type=int, default=10_000)
    arguments = parser.parse_args()
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "PATH": os.environ["PATH"],
            "LEADYARD_DATA_DIR": folder,
            "LEADYARD_API_KEY": KEY,
            "LEADYARD_ADMIN_EMAIL": EMAIL,
            "LEADYARD_RATE_LIMIT": "0",
            "LEADYARD_LOG_LEVEL": "error",
        }
        command = [sys.executable, "-m", "leadyard", "serve", "--port", str(port)]
        service = subprocess.Popen(command, env=environment, cwd=folder)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_it_listens(port)
            is_as_it_must = asyncio.run(
                run(url, service.pid, arguments.clients, arguments.seconds, arguments.leads)
            )
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait(30)
    return 0 if is_as_it_must else 1


def wait_until_it_listens(port: int) -> None:
    """Waits for a process to take connections."""
    end = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    sys.exit(main())
