"""Public media, a foreign host that stores files, and downloads that go wrong (§12, §16.12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, unquote

from starlette.responses import Response
from starlette.routing import Route

from runner.sandbox.data import File, Helpdesk
from runner.sandbox.kayako.answers import file_response, html_response, not_found
from runner.sandbox.mangling import drop

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

Damage = Literal["missing", "wrong_size", "longer", "other", "truncated"]
"""``missing``: 404. ``wrong_size``: fewer bytes than the record says; ``longer``: more.
``other``: as many, but not the same. ``truncated``: the connection ends in the middle."""


def public_routes(helpdesk: Helpdesk, watch: Callable[[Request], None]) -> list[Route]:
    """Pictures that need no session: ``/media/url/TOKEN``, and people's ``/avatar/get/UUID``."""

    async def media(request: Request) -> Response:
        watch(request)
        token = request.path_params["token"]
        file = helpdesk.find_media(token if "/media/" in request.url.path else f"avatar/{token}")
        if file is None:
            return html_response("Not found", 404)
        return Response(file.content, headers={"Content-Type": file.kind})

    return [Route("/media/url/{token:path}", media), Route("/avatar/get/{token}", media)]


def foreign_routes(helpdesk: Helpdesk, watch: Callable[[Request], None]) -> list[Route]:
    """What another host serves: pictures, and attachments without asking who wants them."""

    async def attachment(request: Request) -> Response:
        watch(request)
        path = request.path_params["path"].removesuffix("/download").removesuffix("/url")
        file = helpdesk.find_file(path)
        return html_response("Not found", 404) if file is None else file_response(file)

    return [
        *public_routes(helpdesk, watch),
        Route("/api/v1/{path:path}", attachment),
        Route("/storage/{path:path}", attachment),
    ]


def damaged(file: File, damage: Damage) -> Response:
    """The download of a file that is not what its record says.

    Raises:
        Problem: the file is said to be missing.
    """
    if damage == "missing":
        raise not_found("attachment")
    changed = {
        "wrong_size": file.content[:-1],
        "longer": file.content + b"!",
        "other": bytes(byte ^ 1 for byte in file.content),
    }
    if damage in changed:
        return file_response(File(file.name, file.kind, changed[damage]))
    return _Truncated(file)


class _Truncated(Response):
    """Sends half of a file and then closes the connection."""

    def __init__(self, file: File) -> None:
        whole = file_response(file)
        super().__init__(file.content)
        self.raw_headers = whole.raw_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await drop(scope, receive)


def link_header_of(url: str, *, escaped: bool) -> str:
    """The header ``Link``; ``escaped`` escapes the query twice, as Zammad's importer expects."""
    address, _, query = url.partition("?")
    if escaped:
        query = quote(quote(unquote(query), safe=""), safe="")
    return f'<{address}?{query}>; rel="next"'
