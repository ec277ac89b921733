"""What goes over the wire: a call, its reply or failure, and Zammad's way to write them."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from runner.sandbox.zammad.store import Row

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_ALONE = re.compile("[\ud800-\udfff]")
JSON = "application/json; charset=utf-8"


class Failure(Exception):
    """A refused call.

    Attributes:
        status: the HTTP status.
        message: Zammad's words, as recorded.
        human: whether Zammad has a text for people; without one whoever is no administrator
            gets ``Error ID …`` instead (recording 6.5, "errors are hidden from whoever is no
            admin").
    """

    def __init__(self, status: int, message: str, *, human: bool = True) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.human = human


def unprocessable(message: str, *, human: bool = True) -> Failure:
    """Return a 422."""
    return Failure(422, message, human=human)


def forbidden(message: str = "Not authorized") -> Failure:
    """Return a 403."""
    return Failure(403, message)


def missing(model: str, identifier: object) -> Failure:
    """Return the 404 of a record that is not there."""
    return Failure(404, f"Couldn't find {model} with 'id'={identifier}")


@dataclass(slots=True)
class Call:
    """One request.

    Attributes:
        method: ``GET``, …
        path: below ``/api/v1``, without slashes at its ends.
        ids: the numbers in the path, in order.
        tail: the last part of a path that is not fixed and no number; else empty.
        params: query and JSON body together; the body wins.
        headers: by lower-case name.
        worker: which of the server processes answers.
        importing: whether that process sees import mode on.
        user: who acts (``From`` respected); set by the access check.
        token_permissions: what the token may do; None when it may do all that its user may.
    """

    method: str
    path: str
    params: dict[str, Any]
    headers: dict[str, str]
    worker: int = 0
    importing: bool = False
    ids: tuple[int, ...] = ()
    tail: str = ""
    user: Row = field(default_factory=dict)
    token_permissions: set[str] | None = None

    def flag(self, name: str) -> bool:
        """Return whether a switch such as ``expand`` or ``full`` is on."""
        return str(self.params.get(name, "")).lower() in ("true", "1")

    def text(self, name: str) -> str:
        """Return a parameter as text; empty when it is absent or null."""
        value = self.params.get(name)
        return "" if value is None else str(value)


@dataclass(slots=True)
class Reply:
    """An answer; a ``bytes`` body goes out as it is, anything else as JSON."""

    body: Any = None
    status: int = 200
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Return the bytes to send."""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


def parameters(query: bytes, body: bytes) -> dict[str, Any]:
    """Read the parameters of a request.

    Raises:
        Failure: the body is no JSON, or holds half a surrogate pair (400, as Rails answers).
    """
    params: dict[str, Any] = {}
    if query:
        params.update(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    if body:
        try:
            content = json.loads(body)
        except ValueError:
            raise Failure(400, "Error occurred while parsing request parameters") from None
        if _HALF.search(body) and _is_no_text(content):
            # A second half that is alone becomes bytes that are no UTF-8, which Rails refuses.
            # A first half Ruby's parser refuses itself: at the end of a text in every version,
            # before other signs since json 2.14; until then it becomes another sign there.
            raise Failure(400, "Error occurred while parsing request parameters")
        if isinstance(content, dict):
            params.update(content)
    return params


def _is_no_text(content: Any) -> bool:
    return bool(_ALONE.search(json.dumps(content, ensure_ascii=False)))


def wants_json(accept: str) -> bool:
    """Return whether errors go out as JSON; browsers and silent clients get a page."""
    return "application/json" in accept or accept.strip() == "*/*"


def failure_reply(failure: Failure, *, accept: str, masked: bool) -> Reply:
    """Write a failure as Zammad does.

    Args:
        failure: what went wrong.
        accept: the request's Accept header.
        masked: whether the caller may not see texts that are not meant for people.
    """
    content = {"error": failure.message}
    if failure.human:
        content["error_human"] = failure.message
    elif masked:
        content["error"] = "Error ID sandbox0: Please contact your administrator."
    headers = {"x-failure": failure.message} if failure.status in (401, 403) else {}
    if wants_json(accept):
        return Reply(content, failure.status, headers=headers)
    page = _PAGE.format(
        status=failure.status,
        title=_TITLES.get(failure.status, "Error"),
        heading=_HEADINGS.get(failure.status, "Something went wrong"),
        message=html.escape(content["error"]),
    )
    return Reply(page.encode(), failure.status, "text/html; charset=utf-8", headers)


_TITLES = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 422: "Unprocessable Entity"}
_HEADINGS = {
    401: "401: Unauthorized",
    403: "403: Forbidden",
    404: "404: Requested resource was not found",
    422: "422: The change you wanted was rejected.",
}
_PAGE = """<!DOCTYPE html>
<html>
<meta charset="utf-8">
<title>{status}: {title}</title>
<body>
  <h1>{heading}</h1>
  <div>{message}</div>
</body>
</html>
"""
