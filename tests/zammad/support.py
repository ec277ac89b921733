"""A fake Zammad of its own for each test, behind one port, and our client of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from runner.config.model import Secret, ZammadConfig
from runner.sandbox.serving import serve
from runner.sandbox.zammad import TOKEN, FakeZammad
from runner.zammad.client import Zammad

PAST = "2019-03-01T10:00:00Z"


class Port:
    """One served port; which fake answers there is changed from test to test."""

    def __init__(self) -> None:
        self.url = ""
        self.app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@dataclass
class Desk:
    """A pristine Zammad and our client; the client's pauses are noted, not made."""

    fake: FakeZammad
    zammad: Zammad
    pauses: list[float]

    def set(self, **settings: object) -> None:
        for name, value in settings.items():
            self.fake.state.settings.write(name, value)

    def importing(self) -> Desk:
        self.set(import_mode=True)
        return self

    def group(self, name: str, **values: Any) -> int:
        return int(self.zammad.create("/groups", {"name": name, "active": True, **values})["id"])

    def user(self, login: str, *roles: str, **values: Any) -> int:
        body = {"login": login, "email": login, "firstname": "A", "lastname": "B"}
        body |= {"roles": list(roles) or ["Customer"], **values}
        return int(self.zammad.create("/users", body)["id"])

    def ticket(self, number: str, **values: Any) -> int:
        article = {"body": "x", "type": "note", "internal": True, **values.pop("article", {})}
        body = {"title": "T", "group": "Users", "customer_id": 2, "number": number, **values}
        return int(self.zammad.create("/tickets", {**body, "article": article})["id"])

    def writes(self) -> list[str]:
        """Requests that changed something, as ``METHOD /path``."""
        return [
            f"{request.method} {request.path.removeprefix('/api/v1')}"
            for request in self.fake.requests
            if request.method != "GET" and not request.path.endswith(("/search", "/init"))
        ]


@contextmanager
def port() -> Iterator[Port]:
    made = Port()
    with serve(made) as served:
        made.url = served.url
        yield made


def config(url: str, *, token: str = TOKEN, workers: int = 2) -> ZammadConfig:
    return ZammadConfig(url, Secret(token), workers, 0.0, None)


@contextmanager
def desk(at: Port, **switches: Any) -> Iterator[Desk]:
    fake = FakeZammad(**switches)
    at.app = fake.app
    pauses: list[float] = []
    client = Zammad(config(at.url), sleep=pauses.append)
    try:
        yield Desk(fake, client, pauses)
    finally:
        client.close()
