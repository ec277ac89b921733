"""A small client of the fake Zammad."""

from __future__ import annotations

import asyncio
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter

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


class InProcess(BaseAdapter):
    """Hands requests to an application without a socket: ten times faster than a server."""

    def __init__(self, app: Any) -> None:
        super().__init__()
        self._app = app

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        url = urlsplit(request.url or "")
        answer = requests.Response()
        content = io.BytesIO()
        body = request.body or b""
        scope = {
            "type": "http",
            "method": request.method,
            "path": unquote(url.path),
            "query_string": url.query.encode(),
            "headers": [
                (name.lower().encode(), value.encode()) for name, value in request.headers.items()
            ],
        }

        async def receive() -> Any:
            sent = body.encode() if isinstance(body, str) else body
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status_code = message["status"]
                for name, value in message["headers"]:
                    answer.headers[name.decode()] = value.decode("latin-1")
            content.write(message.get("body", b""))

        asyncio.run(self._app(scope, receive, send))
        content.seek(0)
        answer.raw, answer.url, answer.request = content, request.url or "", request
        return answer

    def close(self) -> None:
        """Nothing is open."""


def in_process(**switches: Any) -> Client:
    """Return a client of a fake Zammad that has no port."""
    fake = FakeZammad(**switches)
    client = Client("http://zammad.test", fake)
    client.session.mount("http://", InProcess(fake.app))
    return client
