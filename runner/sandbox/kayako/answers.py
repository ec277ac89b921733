"""What a request can be answered with, and its form on the wire (kayako-api.md §3, §4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.responses import Response

from runner.sandbox.kayako.rendering import Renderer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.sandbox.data import File
    from runner.sandbox.data.table import Record


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: ``paging`` are the keys of its envelope that say which part of the list it is."""

    resource: str
    records: list[Record]
    total: int
    paging: dict[str, Any] = field(default_factory=dict)
    next_url: str | None = None


@dataclass(frozen=True, slots=True)
class Single:
    """One record."""

    resource: str
    record: Record


@dataclass(frozen=True, slots=True)
class Download:
    """The bytes of a file; ``path`` is the attachment's."""

    file: File
    path: str


class Problem(Exception):
    """A refusal: ends the request from wherever it is found."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        notification: str = "",
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.notification = notification
        self.headers = headers or {}
        self.more = more

    def body(self) -> str:
        """The error envelope."""
        error = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://developer.kayako.com/api/v1/reference/errors/{self.code}",
        }
        envelope: dict[str, Any] = {"status": self.status, "errors": [error], **self.more}
        if self.notification:
            envelope["notifications"] = [
                {"type": "ERROR", "message": self.notification, "sticky": False}
            ]
        return Renderer(lambda _kind, _key: None, "*").value(envelope, 0)


Answer = Listing | Single | Download


def not_found(what: str = "The resource") -> Problem:
    """The 404 for anything that is not there."""
    return Problem(404, "RESOURCE_NOT_FOUND", f"{what} does not exist or has been removed")


def body(answer: Listing | Single, renderer: Renderer, session_id: str | None) -> str:
    """The whole envelope as text; ``session_id`` where the request created a session."""
    envelope: dict[str, Any] = {"resource": answer.resource}
    if isinstance(answer, Listing):
        data = renderer.records(answer.records)
        envelope |= {
            **{key: value for key, value in answer.paging.items() if not key.endswith("_url")},
            "total_count": answer.total,
            **{key: value for key, value in answer.paging.items() if key.endswith("_url")},
        }
    else:
        data = renderer.record(answer.record)
    if session_id:
        envelope["session_id"] = session_id
    rest = ",".join(f'\n    "{key}": {renderer.value(value)}' for key, value in envelope.items())
    return f'{{\n    "status": 200,\n    "data": {data},{rest}\n}}'


def json_response(
    text: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer with the headers of all recorded ones; its type carries no character set."""
    response = Response(text.encode(), status)
    response.headers.update(
        {
            "Content-Type": "application/json",
            "Cache-Control": "private, max-age=0, must-revalidate",
            "X-Api-Version": "1",
            "Date-Iso": datetime.now(UTC).isoformat(timespec="seconds"),
            **(headers or {}),
        }
    )
    return response


def html_response(text: str, status: int) -> Response:
    """A page for people: what proxies, Kayako Classic and unknown addresses answer."""
    return Response(
        f"<!DOCTYPE html><html><body>{text}</body></html>", status, media_type="text/html"
    )


def file_response(file: File) -> Response:
    """A download as recorded: the file's own type and no API headers at all (§12)."""
    plain = file.name.encode("ascii", "ignore").decode()
    plain = "".join(sign for sign in plain if sign.isprintable() and sign not in '"\\') or "file"
    disposition = f'attachment; filename="{plain}"'
    if plain != file.name:
        disposition += f"; filename*=UTF-8''{quote(file.name, safe='')}"
    response = Response(file.content)
    response.headers["Content-Type"] = file.kind
    response.headers["Content-Disposition"] = disposition
    response.headers["Content-Transfer-Encoding"] = "binary"
    return response
