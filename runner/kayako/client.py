"""One Kayako: logs in once for all threads, reads JSON and streams files.

The session (``X-Session-ID``) goes to the configured host and nowhere else.
"""

from __future__ import annotations

import base64
import threading
from typing import TYPE_CHECKING, Any, Protocol

from runner.errors import PreflightError, Unreachable
from runner.http import Http
from runner.kayako import answers
from runner.kayako.kinds import kind_of
from runner.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import requests

    from runner.config.hours import OfficeHours
    from runner.kayako.answers import Json

API = "api/v1/"
ADMINISTRATORS = frozenset({"OWNER", "ADMIN"})
GARBLED_ATTEMPTS = 3
# A page of posts takes seconds (kayako-api.md §5); Zammad's importer waits 600 s.
READ_TIMEOUT = 300.0


class Secret(Protocol):
    """A value that shows itself only when asked."""

    def reveal(self) -> str:
        """Return the value."""
        ...


class Kayako:
    """A Kayako seen through one login.

    Args:
        url: ``https://NAME.kayako.com``.
        email: The login, an Owner or Administrator.
        password: Its password.
        requests_per_minute: What Kayako's plan allows.
        workers: How many threads will ask.
        ca_bundle: Certificates to trust for it, in place of those of the system.
        file_hosts: Other hosts that may be asked for files: ``HOST`` or ``HOST:PORT``.
        office_hours: When a lower rate holds, and which.
        stop: When set, the next request raises ``Interrupted``.
        sleep: Replaces waiting (tests).
    """

    def __init__(
        self,
        url: str,
        email: str | Secret,
        password: str | Secret,
        *,
        requests_per_minute: float | None = None,
        workers: int = 8,
        ca_bundle: Path | None = None,
        file_hosts: tuple[str, ...] = (),
        office_hours: OfficeHours | None = None,
        stop: threading.Event | None = None,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        login, word = _plain(email), _plain(password)
        basic = base64.b64encode(f"{login}:{word}".encode()).decode()
        self.url = url.rstrip("/")
        self.file_hosts = frozenset(name.casefold() for name in file_hosts)
        self._login_headers = {"Authorization": f"Basic {basic}"}
        self._lock = threading.Lock()
        self._session: dict[str, str] | None = None
        self._refused: PreflightError | None = None
        self._me: Json = {}
        self.http = Http(
            self.url,
            requests_per_minute=requests_per_minute,
            workers=workers,
            read_timeout=READ_TIMEOUT,
            user_agent="kayako-to-zammad",
            secrets=(word, basic),
            ca_bundle=ca_bundle,
            stop=stop,
            sleep=sleep,
            on_hold=answers.raise_if_locked,
            kind_of=kind_of,
            throttle=None if office_hours is None else Throttle(office_hours),
        )

    def check(self) -> dict[str, Any]:
        """Log in and say who we are.

        Returns:
            ``url``, ``id``, ``name``, ``role``, ``language`` and ``timezone``.

        Raises:
            PreflightError: Not Kayako, not logged in, or not an administrator.
            Unreachable: No answer.
        """
        self._session_headers(None)
        settings = self.settings()
        return {
            "url": self.url,
            "id": self._me.get("id"),
            "name": self._me.get("full_name"),
            "role": (self._me.get("role") or {}).get("type"),
            "language": settings.get("account.default_language"),
            "timezone": settings.get("account.timezone"),
        }

    def settings(self) -> dict[str, Any]:
        """Return Kayako's settings by ``category.name``; {} where they may not be read."""
        try:
            data = self.get("settings")["data"]
        except answers.Unavailable:
            return {}
        return {
            f"{item.get('category')}.{item.get('name')}": item.get("value")
            for item in data
            if isinstance(item, dict)
        }

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Json:
        """Return the v1 envelope of a GET below ``/api/v1/`` (or of a whole path).

        Raises:
            Unavailable: 403 or 426: plan or role do not include it.
            Refused: Another final answer, 404 for one.
            Unreachable: No useful answer.
        """
        response = None
        for _ in range(GARBLED_ATTEMPTS):
            response = self._request(path, params, stream=False)
            body = answers.envelope(response)
            if response.status_code != 200:
                raise answers.error(response)
            if body is not None and "data" in body:
                return body
        raise Unreachable(
            f"{self.http.host} answered GET {path} with something that is not its API.",
            advice="Look at Kayako in a browser: it may be in maintenance. Then run again.",
        )

    def download(self, path: str) -> requests.Response:
        """Return the open answer to a GET of a file on the configured host; the caller closes it.

        Its body is never read as the API's: a customer's file may be JSON.
        """
        return self._request(path, None, stream=True)

    def close(self) -> None:
        """Close all connections."""
        self.http.close()

    def _request(
        self, path: str, params: Mapping[str, Any] | None, *, stream: bool
    ) -> requests.Response:
        full = path if path.startswith("/") else API + path
        headers = {"Accept-Encoding": "identity"} if stream else {"Accept": "application/json"}
        used = None
        for last in (False, True):
            used = self._session_headers(used)
            response = self.http.send(
                "GET", full, params=params, headers={**headers, **used}, stream=stream
            )
            if response.status_code not in answers.SESSION_GONE or last:
                break
            response.close()
        if response.status_code in answers.SESSION_GONE:
            response.close()
            raise PreflightError(
                f"{self.http.host} refused a session that it had just opened.",
                advice="Check that this login may use the API and that no rule on addresses "
                "(security.agent.ip_restriction) stands in the way.",
            )
        return response

    def _session_headers(self, refused: dict[str, str] | None) -> dict[str, str]:
        """Return the session's headers, logged in anew if ``refused`` are still the current."""
        with self._lock:
            if self._refused is not None:
                raise self._refused
            if self._session is None or self._session is refused:
                self._session = None
                try:
                    self._session = self._log_in()
                except Unreachable:
                    raise
                except PreflightError as error:
                    # Ten wrong passwords lock the login: the other threads must not try theirs.
                    self._refused = error
                    raise
            return self._session

    def _log_in(self) -> dict[str, str]:
        response = self.http.send(
            "GET", API + "me", params={"include": "role"}, headers=self._login_headers
        )
        body = answers.envelope(response)
        if response.status_code != 200 or body is None or not isinstance(body.get("data"), dict):
            raise answers.login_error(response)
        self._me = body["data"]
        session = body.get("session_id")
        headers = {"X-Session-ID": str(session)} if session else dict(self._login_headers)
        self._require_administrator(headers)
        return headers

    def _require_administrator(self, headers: dict[str, str]) -> None:
        role = self._me.get("role") or {}
        if "type" not in role and role.get("id") is not None:
            response = self.http.send("GET", f"{API}roles/{role['id']}", headers=headers)
            role = (answers.envelope(response) or {}).get("data") or role
            self._me["role"] = role
        if role.get("type") not in ADMINISTRATORS:
            raise PreflightError(
                f"{self.http.host}: this login has the role "
                f"{role.get('title') or role.get('type') or 'unknown'}, which does not see "
                "everything.",
                advice="Use a login with the role Owner or Administrator: others silently miss "
                "conversations, fields and settings.",
            )


def _plain(value: str | Secret) -> str:
    return value if isinstance(value, str) else value.reveal()
