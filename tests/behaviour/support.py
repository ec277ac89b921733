"""A folder with a config for a sandbox, the CLI run in it as a user would, and what Zammad holds.

What Zammad holds is read over its REST API, never out of the fake's memory, and told in names
instead of ids, so that two runs can be compared.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from typer.testing import CliRunner

from runner.cli.main import app, config_first
from runner.sandbox.both import EMAIL, PASSWORD, TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_HIDDEN = ("MIGRATE_CONFIG", "KAYAKO_EMAIL", "KAYAKO_PASSWORD", "ZAMMAD_TOKEN")
_TERMINAL = {"NO_COLOR": "1", "COLUMNS": "200"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")
_HERE = re.compile(r"http://127\.0\.0\.1:\d+")
_ATTACHMENT = re.compile(r"/api/v1/ticket_attachment/\d+/\d+/\d+")


@dataclass
class Place:
    """A folder that ``migrate init`` wrote."""

    folder: Path
    kayako_url: str
    zammad_url: str

    @classmethod
    def make(cls, folder: Path, kayako_url: str, zammad_url: str) -> Place:
        place = cls(folder, kayako_url, zammad_url)
        place.init()
        config = folder / "config.yaml"
        text = config.read_text()
        text = text.replace("zammad:\n", "zammad:\n  settle_seconds: 0\n", 1)
        text = text.replace("requests_per_minute: 300", "requests_per_minute: 100000", 1)
        config.write_text(text)
        return place

    def init(self) -> subprocess.CompletedProcess[str]:
        return run(
            "init",
            str(self.folder),
            *("--kayako-url", self.kayako_url, "--zammad-url", self.zammad_url),
            *("--kayako-email", EMAIL, "--kayako-password", PASSWORD, "--zammad-token", TOKEN),
        )

    def migrate(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run("-c", str(self.folder / "config.yaml"), *arguments)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            line("-c", str(self.folder / "config.yaml"), *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )

    def succeed(self, *arguments: str) -> str:
        done = self.migrate(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def ask(self, *arguments: str) -> Any:
        return json.loads(self.succeed(*arguments, "--json"))

    def edit(self, name: str, before: str, after: str) -> None:
        file = self.folder / name
        text = file.read_text()
        assert before in text, f"{name} has no {before!r}"
        file.write_text(text.replace(before, after, 1))


def line(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "runner", *arguments]


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _HIDDEN}
    return {**kept, **_TERMINAL}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in this process: one of its own costs half a second to start.

    Whatever must be a process of its own (to be killed, or to be installed) uses ``Place.start``.
    """
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        done = CliRunner().invoke(
            app, config_first(list(arguments)), env={**dict.fromkeys(_HIDDEN), **_TERMINAL}
        )
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def without_budget(lines: Iterable[str]) -> Iterator[str]:
    """Leave out what a plan says that apply takes: it differs from moment to moment."""
    is_budget = False
    for line in lines:
        if not (is_budget and line.startswith("  ")):
            is_budget = line.startswith("What apply takes")
            yield line


class Seen:
    """Zammad as its REST API tells it."""

    def __init__(self, url: str, token: str = TOKEN) -> None:
        self._url = f"{url}/api/v1"
        self._session = requests.Session()
        self._session.mount("http://", HTTPAdapter(max_retries=2))
        self._session.headers.update(
            {"Authorization": f"Token token={token}", "Accept": "application/json"}
        )

    def ask(self, method: str, path: str, **options: Any) -> Any:
        response = self._session.request(method, f"{self._url}{path}", timeout=30, **options)
        response.raise_for_status()
        return response.json() if response.content else None

    def get(self, path: str, **params: Any) -> Any:
        return self.ask("GET", path, params=params)

    def rows(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        page = 1
        while rows := self.get(path, page=page, per_page=100):
            found += rows
            page += 1
        return found

    def setting(self, name: str) -> Any:
        row = next(row for row in self.get("/settings") if row["name"] == name)
        return row["state_current"]["value"]

    def everything(self) -> dict[str, Any]:
        """Groups, organizations, users, tickets with articles, and the like: by name, no ids."""
        users = {row["id"]: row["login"] for row in self.rows("/users")}
        groups = {row["id"]: row["name"] for row in self.rows("/groups")}
        roles = {row["id"]: row["name"] for row in self.get("/roles")}
        organizations = {row["id"]: row["name"] for row in self.rows("/organizations")}
        return {
            "groups": {row["name"]: row["active"] for row in self.rows("/groups")},
            "organizations": {
                row["name"]: _pick(row, "shared", "domain", "domain_assignment", "note")
                for row in self.rows("/organizations")
            },
            "users": {
                row["login"]: {
                    **_pick(row, "firstname", "lastname", "email", "phone", "note", "active"),
                    "roles": sorted(roles[number] for number in row["role_ids"]),
                    "groups": sorted(groups[int(n)] for n in row.get("group_ids") or {}),
                    "organization": organizations.get(row["organization_id"]),
                }
                for row in self.rows("/users")
            },
            "tickets": {row["number"]: self._ticket(row, users) for row in self.rows("/tickets")},
            **{
                kind: sorted((row["name"], row.get("active")) for row in self.rows(f"/{kind}"))
                for kind in ("calendars", "macros", "text_modules")
            },
        }

    def ticket(self, number: str) -> dict[str, Any]:
        found = self.ask(
            "POST",
            "/tickets/search",
            json={"condition": {"ticket.number": {"operator": "is", "value": number}}},
        )
        rows = found if isinstance(found, list) else list(found["assets"]["Ticket"].values())
        (row,) = rows
        return self._ticket(row, {user["id"]: user["login"] for user in self.rows("/users")})

    def _ticket(self, row: dict[str, Any], users: dict[int, str]) -> dict[str, Any]:
        full = self.get(f"/tickets/{row['id']}", expand="true")
        tags = self.get("/tags", object="Ticket", o_id=row["id"])["tags"]
        articles = self.get(f"/ticket_articles/by_ticket/{row['id']}")
        return {
            **_pick(full, "title", "group", "owner", "customer", "organization", "state"),
            **_pick(full, "priority", "type", "pending_time", "close_at"),
            **_pick(full, "created_at", "updated_at", "first_response_at", "time_unit"),
            "tags": sorted(tags),
            "articles": [self._article(row["id"], article, users) for article in articles],
        }

    def _article(
        self, ticket_id: int, row: dict[str, Any], users: dict[int, str]
    ) -> dict[str, Any]:
        names = ("type", "sender", "internal", "from", "to", "cc", "subject", "message_id")
        files = [
            (file["filename"], self._digest(ticket_id, row["id"], file["id"]))
            for file in row.get("attachments", [])
        ]
        return {
            **_pick(row, *names, "content_type", "created_at"),
            "body": _HERE.sub("HERE", _ATTACHMENT.sub("ATTACHMENT", row["body"])),
            "origin_by": users.get(row["origin_by_id"]),
            "attachments": files,
        }

    def _digest(self, ticket_id: int, article_id: int, file_id: int) -> str:
        path = f"{self._url}/ticket_attachment/{ticket_id}/{article_id}/{file_id}"
        return hashlib.sha256(self._session.get(path, timeout=30).content).hexdigest()


def _pick(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: _timeless(row.get(name)) for name in names}


def _timeless(value: Any) -> Any:
    """Tell every moment of the last hour as "now": two runs cannot agree on it to the second."""
    if isinstance(value, str) and _MOMENT.match(value):
        hour_ago = datetime.now(UTC) - timedelta(hours=1)
        return "now" if value[:19] > hour_ago.strftime("%Y-%m-%dT%H:%M:%S") else value
    return value


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Return where two results differ, a line each; an empty list when they are the same."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            line
            for key in sorted(one.keys() | other.keys(), key=str)
            for line in differences(one.get(key), other.get(key), f"{path}/{key}")
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            line
            for number, (left, right) in enumerate(zip(one, other, strict=True))
            for line in differences(left, right, f"{path}/{number}")
        ]
    return [] if one == other else [f"{path}: {one!r} is not {other!r}"]
