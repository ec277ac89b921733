"""The server: from a request to the bytes of its answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from starlette.applications import Starlette
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from runner.sandbox.data.shapes import FOREIGN_HOST, HOST
from runner.sandbox.faults import Faults
from runner.sandbox.kayako import answers, catalogue
from runner.sandbox.kayako.answers import Answer, Download, Listing, Problem
from runner.sandbox.kayako.asking import Ask
from runner.sandbox.kayako.files import (
    Damage,
    damaged,
    foreign_routes,
    link_header_of,
    public_routes,
)
from runner.sandbox.kayako.paging import Pages
from runner.sandbox.kayako.rendering import Renderer
from runner.sandbox.kayako.sessions import Sessions

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from runner.sandbox.data import Helpdesk
    from runner.sandbox.data.table import Record

SANDBOX_PASSWORD = "sandbox"
"""What opens the fake: no secret."""

_API = "/api/v1/"
_REMEMBERED_REQUESTS = 20_000
_KEPT_RENDERERS = 16
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived; names of headers are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


class FakeKayako:
    """A Kayako to serve with ``runner.sandbox.serving.serve(kayako.app)``.

    All switches are attributes too and may be changed while it serves.

    Args:
        helpdesk: the data; may be changed while it serves, by its own methods.
        email: of the one account that may log in.
        password: of that account.
        page_cap: the largest page, however much a request asks for.
        links: whether bodies say where the next page is.
        link_header: whether the header ``Link`` does; ``escaped`` escapes its query twice, as
            Zammad's importer expects it.
        session_seconds: how long a session lives; None for ever.
        expired_status: 401 or 454, for a session that is unknown or over.
        faults: what goes wrong on the way.
        role: type of the role of the account: OWNER, ADMIN, AGENT…; agents see own cases only.
        otp: the account wants a second factor.
        unlicensed: paths that the plan does not have, with their status (426 if only named).
        classic: the address is a Kayako Classic: pages or XML instead of this API.
        missing_instance: the address belongs to no Kayako at all.
        foreign_media_host: address of another server that some files are said to lie on.
        redirect_downloads: attachments are redirected to ``foreign_media_host``.

    Attributes:
        app: the application with its faults in front.
        foreign_app: what to serve as the foreign host; ``foreign_requests`` is what it saw.
        requests: the last requests, faulty ones not included.
        on_request: called with each request before it is answered, outside the lock: the place
            to change the helpdesk in the middle of somebody's reading.
        damages: attachment path → how its download is damaged.
    """

    def __init__(
        self,
        helpdesk: Helpdesk,
        *,
        email: str = "admin@example.com",
        password: str = SANDBOX_PASSWORD,
        page_cap: int = 100,
        links: bool = True,
        link_header: bool | Literal["escaped"] = False,
        session_seconds: float | None = None,
        expired_status: int = 454,
        faults: Faults | None = None,
        role: str = "ADMIN",
        otp: bool = False,
        unlicensed: tuple[str, ...] | Mapping[str, int] = (),
        classic: bool | Literal["html", "xml"] = False,
        missing_instance: bool = False,
        foreign_media_host: str | None = None,
        redirect_downloads: bool = False,
    ) -> None:
        self.helpdesk = helpdesk
        self.sessions = Sessions(
            email, password, seconds=session_seconds, expired_status=expired_status, otp=otp
        )
        self.page_cap = page_cap
        self.links = links
        self.link_header = link_header
        self.role = role
        self.unlicensed = unlicensed
        self.classic = classic
        self.missing_instance = missing_instance
        self.foreign_media_host = foreign_media_host
        self.redirect_downloads = redirect_downloads
        self.requests: deque[Seen] = deque(maxlen=_REMEMBERED_REQUESTS)
        self.foreign_requests: deque[Seen] = deque(maxlen=_REMEMBERED_REQUESTS)
        self.on_request: Callable[[Seen], object] | None = None
        self.damages: dict[str, Damage] = {}
        self.faults = faults or Faults()
        self.faults.error_body = _error_body
        self._renderers: dict[tuple[str, str], Renderer] = {}
        self._rendered_version = -1
        routes = [Route("/{path:path}", self._serve, methods=_METHODS)]
        self.app: ASGIApp = self.faults.wrap(
            Starlette(routes=[*public_routes(helpdesk, self._watch), *routes])
        )
        self.foreign_app = Starlette(routes=foreign_routes(helpdesk, self._watch_foreign))

    @property
    def logins(self) -> int:
        """How many sessions were created."""
        return self.sessions.logins

    def end_sessions(self) -> None:
        """Forget all sessions, as if their hours were over: the next request has to log in."""
        self.sessions.end_all()

    def _watch(self, request: Request) -> None:
        arrived = seen(request)
        self.requests.append(arrived)
        if self.on_request:
            self.on_request(arrived)

    def _watch_foreign(self, request: Request) -> None:
        self.foreign_requests.append(seen(request))

    async def _serve(self, request: Request) -> Response:
        self._watch(request)
        try:
            return self._answer(request)
        except Problem as problem:
            return answers.json_response(problem.body(), problem.status, problem.headers)

    def _answer(self, request: Request) -> Response:
        other = self._other_system(request.url.path)
        if other is not None:
            return other
        if not request.url.path.startswith(_API):
            return answers.html_response("Page not found", 404)
        path = request.url.path.removeprefix(_API).removesuffix(".json").strip("/")
        query = dict(request.query_params)
        created = self.sessions.admit(request.headers, query.pop("_session_id", ""))
        self._check_method(request)
        self._check_licence(path)
        with self.helpdesk.lock:
            answer = catalogue.answer(self._ask(request, path, query), path)
            if isinstance(answer, Download):
                return self._download(answer)
            _check_accept(request.headers.get("accept", "*/*"))
            text = answers.body(answer, self._renderer(query), created)
        return self._json(request, answer, text, created)

    def _json(self, request: Request, answer: Answer, text: str, created: str | None) -> Response:
        base = _base(request)
        text = text.replace(FOREIGN_HOST, self.foreign_media_host or base).replace(HOST, base)
        headers = {"X-Csrf-Token": f"csrf-{created}"} if created else {}
        if self.link_header and isinstance(answer, Listing) and answer.next_url:
            headers["Link"] = link_header_of(answer.next_url, escaped=self.link_header == "escaped")
        return answers.json_response(text, headers=headers)

    def _ask(self, request: Request, path: str, query: Mapping[str, str]) -> Ask:
        pages = Pages(f"{_base(request)}{_API}{path}", query, self.page_cap, self.links)
        sees_all = self.role in {"OWNER", "ADMIN"}
        return Ask(query, self.helpdesk, pages, self._me(), sees_all)

    def _me(self) -> Record:
        roles = {key: role["type"] for key, role in self.helpdesk.table("role").items()}
        staff = {"OWNER", "ADMIN"}
        user = next(
            user
            for user in self.helpdesk.users.values()
            if roles.get(user["role"]["id"]) in staff and user["is_enabled"]
        )
        if roles[user["role"]["id"]] == self.role or self.role == "ADMIN":
            return user
        key = next((key for key, kind in roles.items() if kind == self.role), None)
        return {**user, "role": {"id": key, "resource_type": "role"}}

    def _renderer(self, query: Mapping[str, str]) -> Renderer:
        if self._rendered_version != self.helpdesk.version or (
            len(self._renderers) >= _KEPT_RENDERERS
        ):
            self._renderers.clear()
            self._rendered_version = self.helpdesk.version
        choice = (query.get("include", ""), query.get("fields", ""))
        if choice not in self._renderers:
            self._renderers[choice] = Renderer(self.helpdesk.find, *choice)
        return self._renderers[choice]

    def _download(self, answer: Download) -> Response:
        if self.redirect_downloads and self.foreign_media_host:
            return RedirectResponse(f"{self.foreign_media_host}/storage/{answer.path}", 302)
        damage = self.damages.get(answer.path)
        return damaged(answer.file, damage) if damage else answers.file_response(answer.file)

    def _other_system(self, path: str) -> Response | None:
        if self.missing_instance:
            return answers.html_response(
                "Either this Kayako instance does not exist or we are facing temporary problems",
                490,
            )
        if self.classic == "xml":
            text = f'<?xml version="1.0" encoding="UTF-8"?><error>No controller: {path}</error>'
            return Response(text, media_type="text/xml")
        if self.classic:
            return answers.html_response("Kayako Classic: Help Desk Software", 200)
        return None

    def _check_method(self, request: Request) -> None:
        if request.method in {"GET", "HEAD"}:
            return
        if not request.headers.get("x-csrf-token"):
            raise Problem(403, "CSRF_FAILED", "The CSRF token is missing or wrong")
        raise Problem(405, "METHOD_NOT_SUPPORTED", "This path cannot be written to")

    def _check_licence(self, path: str) -> None:
        refused = self.unlicensed
        status = refused if isinstance(refused, Mapping) else dict.fromkeys(refused, 426)
        for start, code in status.items():
            if f"{path}/".startswith(f"{start.strip('/')}/"):
                word = "LICENSE_REQUIRED" if code == 426 else "PERMISSION_DENIED"
                raise Problem(code, word, "Your plan or your role does not include this")


def seen(request: Request) -> Seen:
    """The request as it is remembered."""
    return Seen(request.method, request.url.path, dict(request.query_params), dict(request.headers))


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers.get('host', 'localhost')}"


def _check_accept(accept: str) -> None:
    if not any(kind in accept for kind in ("application/json", "application/*", "*/*")):
        raise Problem(406, "NOT_ACCEPTABLE", "This path is available as application/json only")


def _error_body(status: int, message: str) -> tuple[str, bytes]:
    code = "RATE_LIMIT_REACHED" if status == 429 else "INTERNAL_ERROR"
    return "application/json", Problem(status, code, message).body().encode()
