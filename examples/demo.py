"""`make demo`: a Leadyard of its own, the example directory, three lists, and what became of them.

Everything happens on this machine: the service on a free port of 127.0.0.1, its SQLite database in a
folder that is gone afterwards, people from examples/directory.csv, e-mail checks without network. With
`--stay` (that is `make dev`) it goes on until it is interrupted.
"""

from __future__ import annotations

import contextlib
import csv
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

HERE = Path(__file__).parent
ADMIN = "you@leadyard.example"
PREFERRED_PORT = 8000
LIST_TYPES = ("linkedin", "email", "titles_and_company")
OPTIONS = {"enrich": True, "validate_email": True, "reveal_phone_numbers": True}

console = Console()


def free_port() -> int:
    """Port 8000 if nobody has it, else any."""
    for port in (PREFERRED_PORT, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise SystemExit("There is no free port on 127.0.0.1.")


def make_environment(folder: str, key: str, port: int) -> dict[str, str]:
    """The settings of the demonstration: nothing is looked up outside this machine."""
    own = {
        "LEADYARD_DATA_DIR": folder,
        "LEADYARD_API_KEY": key,
        "LEADYARD_ADMIN_EMAIL": ADMIN,
        "LEADYARD_EMAIL_DNS": "off",
        "LEADYARD_RATE_LIMIT": "0",
        "LEADYARD_LOG_LEVEL": "warning",
        "LEADYARD_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEADYARD_")}
    return kept | own


@contextlib.contextmanager
def run_service(environment: dict[str, str], port: int) -> Iterator[httpx2.Client]:
    """The service as a process of its own, asked to end when the block does; a client for it."""
    command = [sys.executable, "-m", "leadyard", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    headers = {"Authorization": f"Bearer {environment['LEADYARD_API_KEY']}"}
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
            _wait_until_ready(client, process)
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(30)
        console.print(f"The service has stopped (exit status {status}).")


def _wait_until_ready(client: httpx2.Client, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        with contextlib.suppress(httpx2.TransportError):
            if client.get("/readyz").is_success:
                return
        if process.poll() is not None:
            raise SystemExit("The service did not start; `leadyard serve` tells why.")
        time.sleep(0.1)
    raise SystemExit("The service did not get ready in 30 seconds.")


def load_directory(environment: dict[str, str]) -> None:
    """Loads the example people with the command that anybody would use."""
    command = [sys.executable, "-m", "leadyard", "directory", "load", str(HERE / "directory.csv")]
    subprocess.run(command, env=environment, check=True)


def read_prospects() -> dict[str, list[dict[str, Any]]]:
    """The rows of prospects.csv by the type of list that can take them; every column goes along."""
    with (HERE / "prospects.csv").open(encoding="utf-8", newline="") as file:
        rows = [{name: value for name, value in row.items() if value} for row in csv.DictReader(file)]
    return {list_type: [row for row in rows if identifies(row, list_type)] for list_type in LIST_TYPES}


def identifies(row: dict[str, Any], list_type: str) -> bool:
    """Whether a row has what a list of this type knows its leads by."""
    if list_type == "titles_and_company":
        return "title" in row and ("company_name" in row or "company_domain" in row)
    return ("linkedin_url" if list_type == "linkedin" else "email") in row


def post_list(client: httpx2.Client, list_type: str, leads: list[dict[str, Any]]) -> tuple[str, str]:
    """Makes a list and posts the leads to it; returns its path and that of the record of the addition."""
    body = {
        "name": f"Prospects by {list_type}",
        "shared": True,
        "owner": ADMIN,
        "type": list_type,
        "leads": [],
        "options": OPTIONS,
    }
    created = client.post("/lead-lists", json=body).raise_for_status().json()
    path = f"/lead-lists/{created['id']}"
    answer = client.post(f"{path}/leads", json={"type": list_type, "leads": leads}).raise_for_status()
    counts = answer.json()
    console.print(
        f"  {list_type}: {counts['total']} sent, {counts['total_added_to_lead_list']} added "
        f"in {answer.elapsed.total_seconds() * 1000:.0f} ms"
    )
    return path, answer.headers["Location"]


def watch(client: httpx2.Client, paths: dict[str, str]) -> None:
    """Progress bars until every list has ended."""
    columns = (TextColumn("  {task.description:20}"), BarColumn(40), MofNCompleteColumn())
    with Progress(*columns, console=console) as progress:
        bars = {list_type: progress.add_task(list_type, total=None) for list_type in paths}
        pending = set(paths)
        while pending:
            for list_type in sorted(pending):
                found = client.get(f"{paths[list_type]}?page[size]=1").raise_for_status().json()
                done = found["progress"]["done"] + found["progress"]["failed"]
                progress.update(bars[list_type], total=found["progress"]["total"], completed=done)
                if found["status"] == "completed":
                    pending.discard(list_type)
            time.sleep(0.1)


def read_entries(client: httpx2.Client, path: str) -> list[dict[str, Any]]:
    """All leads of a list, page by page."""
    entries: list[dict[str, Any]] = []
    link: str | None = f"{path}?page[size]=500"
    while link is not None:
        page = client.get(link).raise_for_status().json()
        entries.extend(page["leads"])
        link = page["_links"].get("next", {}).get("href")
    return entries


def show_results(client: httpx2.Client, paths: dict[str, str], additions: dict[str, str]) -> None:
    """A table of what became of the leads, and one of them in full."""
    table = Table("", *paths, title="What became of them")
    rows: dict[str, list[str]] = {}
    sample: tuple[str, dict[str, Any]] | None = None
    for list_type, path in paths.items():
        record = client.get(additions[list_type]).raise_for_status().json()
        entries = read_entries(client, path)
        for label, value in summarize(record, entries).items():
            rows.setdefault(label, []).append(value)
        rich_entry = next((entry for entry in entries if entry["email"] and entry["phone_numbers"]), None)
        sample = sample or (rich_entry and (path, rich_entry)) or None
    for label, values in rows.items():
        table.add_row(label, *values)
    console.print(table)
    if sample is not None:
        show_sample(client, *sample)
    left = client.get("/credits").raise_for_status().json()
    console.print(
        f"Left: {left['email']['balance']:,} e-mail and {left['phone']['balance']:,} phone credits; "
        f"held: {left['email']['held']} and {left['phone']['held']}."
    )


def summarize(record: dict[str, Any], entries: list[dict[str, Any]]) -> dict[str, str]:
    """One column of the table: counts of one list."""
    verdicts = Counter(
        entry["email_validation_result"]["result"] for entry in entries if entry["email_validation_result"]
    )
    counts = record["counts"]
    return {
        "sent": str(record["total"]),
        "added": str(counts["added"]),
        "duplicates dropped": str(counts["duplicate_in_batch"] + counts["duplicate_in_list"]),
        "person found": str(sum(entry["person_id"] is not None for entry in entries)),
        "phone revealed": str(sum(bool(entry["phone_numbers"]) for entry in entries)),
        "e-mail verdicts": ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common()),
        "e-mail credits spent": f"{record['credits']['email']['spent']:g}",
        "phone credits spent": f"{record['credits']['phone']['spent']:g}",
    }


def show_sample(client: httpx2.Client, path: str, entry: dict[str, Any]) -> None:
    """One lead, value by value, with where each came from."""
    detail = client.get(f"{path}/entries/{entry['id']}").raise_for_status().json()
    table = Table("field", "value", "came from", title="One of them")
    for field in ("first_name", "last_name", "title", "company_name", "email", "linkedin_url", "industry"):
        source = detail["provenance"].get(field)
        origin = f"{source['provider']}, {source['fetched_at'][:19]}" if source else "you"
        table.add_row(field, str(detail[field]), origin if detail[field] else "")
    phones = ", ".join(f"{phone['number']} ({phone['type']})" for phone in detail["phone_numbers"])
    table.add_row("phone_numbers", phones, detail["provenance"]["phone_numbers"]["provider"])
    for name, value in detail["data"].items():
        table.add_row(f"data.{name}", str(value), "you, as sent")
    console.print(table)


def show_next_steps(client: httpx2.Client, key: str, *, stay: bool) -> None:
    """Where to look next."""
    console.print("\n[bold]Where to look next[/bold]")
    if stay:
        console.print(f"  API reference   {client.base_url}/docs", highlight=False)
        console.print(f"  API key         {key}", highlight=False)
        console.print(f"  Your lists      curl -H 'Authorization: Bearer {key}' {client.base_url}/lead-lists")
        console.print("  Ctrl-C ends it.")
    else:
        console.print(
            "  make dev                     the same, and it stays up: with its API reference at /docs"
        )
        console.print("  docs/tutorial.md             your own first list, with curl")
        console.print("  ARCHITECTURE.md              the path of a lead through the code")


def main() -> None:
    """Runs the demonstration."""
    stay = "--stay" in sys.argv[1:]
    key, port = f"ly_live_{secrets.token_hex(19)}", free_port()
    with tempfile.TemporaryDirectory(prefix="leadyard-demo-") as folder:
        environment = make_environment(folder, key, port)
        console.print(f"[bold]1. Leadyard starts[/bold] on http://127.0.0.1:{port}, with SQLite in {folder}")
        with run_service(environment, port) as client:
            console.print("[bold]2. Your people and companies[/bold] are loaded from examples/directory.csv")
            load_directory(environment)
            console.print("[bold]3. Prospects[/bold] from examples/prospects.csv are posted to three lists")
            posted = {kind: post_list(client, kind, leads) for kind, leads in read_prospects().items()}
            console.print("[bold]4. Each is enriched, validated and revealed[/bold]")
            paths = {kind: path for kind, (path, _) in posted.items()}
            watch(client, paths)
            show_results(client, paths, {kind: location for kind, (_, location) in posted.items()})
            show_next_steps(client, key, stay=stay)
            if stay:
                with contextlib.suppress(KeyboardInterrupt):
                    signal.pause()


if __name__ == "__main__":
    main()
