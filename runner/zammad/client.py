"""Zammad's REST API: one place that speaks JSON with it and names its refusals.

Facts from Zammad's API reference, §d (auth) and §e (errors): errors are JSON only with an
``Accept`` header; wordings differ between versions, so only statuses are looked at.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from runner import __version__
from runner.capped import FILE_BYTES
from runner.errors import (
    AnswerTooLarge,
    Exchange,
    MigrateError,
    OutcomeUnknown,
    PreflightError,
    RecordError,
    Refused,
    Unreachable,
)
from runner.http import Http
from runner.zammad.exchange import answered, exchange
from runner.zammad.kinds import kind_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Mapping

    import requests

    from runner.config.model import ZammadConfig

GARBLED_ATTEMPTS = 3
READ_TIMEOUT = 300.0
_WRITES = frozenset({"POST", "PUT", "PATCH"})
_HOW_TO_LOG_IN = (
    "make a token with the permissions admin and ticket.agent for a user with the roles Admin"
    " and Agent (your avatar, Profile, Token Access) and put it into .env"
)


class Zammad:
    """A Zammad server; safe to use from several threads.

    Attributes:
        halted: why nobody writes any more, see ``halt``; None while all may.
    """

    def __init__(
        self,
        config: ZammadConfig,
        *,
        stop: threading.Event | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self.url = config.url
        self.host = urlsplit(config.url).netloc
        self.halted: MigrateError | None = None
        self.http = Http(
            f"{config.url}/api/v1",
            requests_per_minute=config.requests_per_minute,
            headers={
                "Authorization": f"Token token={config.token.reveal()}",
                "Accept": "application/json",
            },
            workers=config.workers,
            read_timeout=READ_TIMEOUT,
            user_agent=f"kayako-to-zammad/{__version__}",
            secrets=(config.token.reveal(),),
            ca_bundle=config.ca_bundle,
            stop=stop,
            sleep=sleep,
            kind_of=kind_of,
        )

    def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        fresh_connection: bool = False,
    ) -> Any:
        """Read; repeated on passing errors."""
        return self._ask(
            "GET", path, params=params, headers=headers, fresh_connection=fresh_connection
        )

    def search(self, path: str, body: Mapping[str, Any]) -> Any:
        """Read by POST (``/tickets/search``); repeated on passing errors."""
        return self._ask("POST", path, json=body)

    def create(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        headers: Mapping[str, str] | None = None,
        fresh_connection: bool = False,
    ) -> Any:
        """POST once.

        Raises:
            OutcomeUnknown: it was sent and no answer came; look it up before sending again.
            Refused: Zammad said no.
        """
        return self._ask(
            "POST",
            path,
            json=body,
            headers=headers,
            repeatable=False,
            fresh_connection=fresh_connection,
        )

    def upload(self, path: str, filename: str, content: bytes, mime: str) -> Any:
        """POST one file as a form, once; raises as ``create``."""
        file = {"file": (filename, content, mime)}
        return self._ask("POST", path, files=file, repeatable=False)

    def patch(self, path: str, body: Mapping[str, Any], *, adds: bool = False) -> Any:
        """PATCH, where Zammad takes no PUT; repeated like one, but not where it ``adds`` rows.

        Raises:
            OutcomeUnknown: it adds, it was sent, and no answer came.
        """
        return self._ask("PATCH", path, json=body, repeatable=not adds)

    def get_own(self, path: str) -> Any:
        """Read what belongs to one record and may be of any length.

        Raises:
            RecordError: it is too large to be read: that record's failure, and not the run's.
        """
        with _of_one_record():
            return self.get(path)

    def update(self, path: str, body: Mapping[str, Any], *, fresh_connection: bool = False) -> Any:
        """PUT; the same PUT twice leaves the same record, so it is repeated on passing errors."""
        return self._ask("PUT", path, json=body, fresh_connection=fresh_connection)

    def delete(self, path: str, body: Mapping[str, Any] | None = None) -> bool:
        """DELETE; True when it was there. Repeated on passing errors (gone then counts)."""
        try:
            self._ask("DELETE", path, json=body)
        except Refused as refusal:
            if refusal.status == 404:
                return False
            raise
        return True

    def add_tag(self, target_id: int, tag: str, *, kind: str = "Ticket") -> None:
        """Put one tag on a ticket or answer; without effect when it is there (reference §b12)."""
        self._ask("POST", "/tags/add", json={"object": kind, "o_id": target_id, "item": tag})

    def remove_tag(self, target_id: int, tag: str, *, kind: str = "Ticket") -> None:
        """Take one tag off a ticket or answer; without effect when it is not there."""
        body = {"object": kind, "o_id": target_id, "item": tag}
        self._ask("DELETE", "/tags/remove", json=body)

    def download(self, path: str) -> bytes:
        """Return a file's bytes; raises as ``get_own``."""
        with _of_one_record():
            response = self.http.send("GET", path, most=FILE_BYTES)
        self._raise_for(response, "GET", path)
        return response.content

    def pages(self, path: str, *, per_page: int, **params: Any) -> Iterator[dict[str, Any]]:
        """Yield every row of a listing.

        Zammad silently lowers ``per_page`` to its own maximum and sends no count (reference §b,
        Pagination), so the last page is the one without a new id.
        """
        page = 1
        last: set[int] = set()
        while True:
            rows = self.get(path, {"page": page, "per_page": per_page, **params})
            ids = {row["id"] for row in rows}
            if not ids or ids == last:
                return
            yield from (row for row in rows if row["id"] not in last)
            last = ids
            page += 1

    def halt(self, error: MigrateError) -> MigrateError:
        """Let nobody write any more, in whichever thread: the next one to try gets ``error``.

        Reading and deleting stay possible. Returns ``error``, to be raised.
        """
        self.halted = error
        return error

    def close(self) -> None:
        """Close all connections."""
        self.http.close()

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        """Send and read; a failure of a record keeps the request at fault."""
        try:
            return self._answer(method, path, **options)
        except RecordError as error:
            sent = exchange(method, path, options, scrub=self.http.scrub)
            if error.exchange is not None:
                sent = replace(sent, status=error.exchange.status, answer=error.exchange.answer)
            elif isinstance(error, Refused):
                sent = replace(sent, status=error.status)
            error.exchange = sent
            raise

    def _answer(self, method: str, path: str, *, repeatable: bool = True, **options: Any) -> Any:
        if self.halted is not None and method in _WRITES:
            raise self.halted
        for attempt in range(1, GARBLED_ATTEMPTS + 1):
            response = self._sent(method, path, repeatable=repeatable, **options)
            if response.status_code == 422 and repeatable and attempt == 1:
                # Zammad's answer to a deadlock, too (a failed SQL statement is 422, and its words
                # differ): what makes nothing new may be tried once more.
                continue
            self._raise_for(response, method, path)
            if not response.content:
                return None
            try:
                return response.json()
            except (ValueError, RecursionError):
                if not repeatable:
                    raise self._cut_off(method, path) from None
        raise self._not_zammad(response)

    def _sent(self, method: str, path: str, **options: Any) -> requests.Response:
        try:
            return self.http.send(method, path, **options)
        except Unreachable as error:
            if error.status == 500:
                # One record that Zammad cannot take, not a Zammad that is away.
                raise Refused(str(error), status=500, advice="look into Zammad's log") from error
            raise

    def _cut_off(self, method: str, path: str) -> OutcomeUnknown:
        return OutcomeUnknown(
            f"{method} {path} was sent to {self.host}, and its answer cannot be read",
            advice="run again: it is looked up before anything is sent",
        )

    def _raise_for(self, response: requests.Response, method: str, path: str) -> None:
        status = response.status_code
        if status < 300:
            return
        if status < 400:
            raise PreflightError(
                f"{self.host} redirects to {_origin(response)}",
                advice="write that address into zammad.url; logins are never sent along",
            )
        words = self._words(response)
        if status == 401 and words is not None and words.startswith("["):
            # Zammad says it in a sentence; a list of codes comes from somebody else.
            raise self._not_zammad(response)
        if status == 401:
            raise PreflightError(f"Zammad refuses the token: {words}", advice=_HOW_TO_LOG_IN)
        if words is None and status not in {404, 413}:
            raise self._not_zammad(response)
        advice = ""
        if status == 413:
            words = "the request is larger than the web server in front of Zammad accepts"
            advice = "raise client_max_body_size in its nginx configuration and apply again"
        refusal = Refused(
            f"Zammad answered {status} to {method} {path}: {words or 'not found'}",
            status=status,
            advice=advice,
        )
        said = answered(response, scrub=self.http.scrub)
        refusal.exchange = Exchange(method, path, "", status, said)
        raise refusal

    def _words(self, response: requests.Response) -> str | None:
        """Return Zammad's own explanation, None when this is no answer of Zammad's."""
        try:
            body = response.json()
        except (ValueError, RecursionError):
            return None
        if not isinstance(body, dict):
            return None
        words = body.get("error_human") or body.get("error") or body.get("errors")
        return None if words is None else self.http.scrub(str(words))[:500]

    def _not_zammad(self, response: requests.Response) -> PreflightError:
        return PreflightError(
            f"{self.host} answered {response.status_code} with something that is not from"
            " Zammad's REST API",
            advice="check zammad.url: open it in a browser; a path such as /zammad belongs to it",
        )


@contextmanager
def _of_one_record() -> Iterator[None]:
    try:
        yield
    except AnswerTooLarge as error:
        advice = "open this record in Zammad; the others are not concerned"
        raise RecordError(str(error), advice=advice) from error


def _origin(response: requests.Response) -> str:
    """Return where a redirect leads to, without a login and a query that may be in it."""
    if not response.headers.get("Location"):
        return "elsewhere"
    try:
        target = urlsplit(urljoin(response.url, response.headers["Location"]))
        port = f":{target.port}" if target.port else ""
    except ValueError:
        return "an address that is none"
    return f"{target.scheme}://{target.hostname or ''}{port}{target.path}"
