"""A served fake and a client that logs in once, as most tests of it need them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from runner.sandbox.kayako import FakeKayako
from runner.sandbox.serving import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.sandbox.data import Helpdesk

BASIC = ("admin@example.com", "sandbox")


@dataclass
class Client:
    kayako: FakeKayako
    url: str
    session: requests.Session

    def ask(self, path: str, /, *, headers: dict[str, str] | None = None, **query: Any) -> Any:
        return self.session.get(
            f"{self.url}/api/v1/{path}",
            params=query,
            headers=headers,
            timeout=10,
            allow_redirects=False,
        )

    def data(self, path: str, /, **query: Any) -> Any:
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]


@contextmanager
def client(helpdesk: Helpdesk, **switches: Any) -> Iterator[Client]:
    kayako = FakeKayako(helpdesk, **switches)
    with serve(kayako.app) as served, requests.Session() as session:
        first = session.get(f"{served.url}/api/v1/me", auth=BASIC, timeout=10)
        if first.status_code == 200 and "session_id" in first.text:
            session.headers["X-Session-ID"] = first.json()["session_id"]
        yield Client(kayako, served.url, session)
