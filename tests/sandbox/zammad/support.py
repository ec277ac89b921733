"""A small client of the fake Zammad."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests

from runner.sandbox.serving import serve
from runner.sandbox.zammad import TOKEN, FakeZammad

if TYPE_CHECKING:
    from collections.abc import Iterator

PAST = "2019-01-02T03:04:05Z"
PAST_SHOWN = "2019-01-02T03:04:05.000Z"


class Client:
    """Calls with the administrator's token; answers are parsed, statuses are checked."""

    def __init__(self, url: str, fake: FakeZammad) -> None:
        self.url = url
        self.fake = fake
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Token token={TOKEN}"

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        answer = self.session.request(
            method, f"{self.url}/api/v1{path}", json=body, headers=headers, timeout=5
        )
        wanted = status or (201 if method == "POST" else 200)
        assert answer.status_code == wanted, answer.text
        return answer.json() if answer.content else None

    def set(self, **settings: object) -> None:
        for name, value in settings.items():
            identifier = self.fake.state.settings.by_name[name]["id"]
            self.call("PUT", f"/settings/{identifier}", {"state_current": {"value": value}})

    def ticket(self, *, status: int = 201, **fields: Any) -> Any:
        body = {"title": "T", "group": "Users", "customer_id": 2, "article": {"body": "x"}}
        return self.call("POST", "/tickets", {**body, **fields}, status=status)

    def user(self, name: str, *, status: int = 201, **fields: Any) -> Any:
        body = {"login": name, "email": f"{name}@example.org", "firstname": "A", "lastname": "B"}
        return self.call("POST", "/users", {**body, **fields}, status=status)


@contextmanager
def running(**switches: Any) -> Iterator[Client]:
    fake = FakeZammad(**switches)
    with serve(fake.app) as served:
        yield Client(served.url, fake)
