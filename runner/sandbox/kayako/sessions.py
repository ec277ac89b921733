"""Who asks: Basic login, sessions and their end (kayako-api.md §2, §16.1-2)."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.sandbox.kayako.answers import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

WRONG_PASSWORDS = 10
"""How many wrong passwords lock the account: setting ``agent.login_attempt_limit``."""

LOCKED_SECONDS = 600


@dataclass(slots=True)
class Sessions:
    """The open sessions of the one account that may log in.

    Attributes:
        seconds: how long a session lives after its login; None for ever.
        expired_status: the answer to a session that is unknown or over, 401 or 454.
        logins: how many sessions were created.
        wrong: how many wrong passwords were sent since the last right one.
    """

    email: str
    password: str
    seconds: float | None = None
    expired_status: int = 454
    otp: bool = False
    logins: int = 0
    wrong: int = 0
    opened: dict[str, float] = field(default_factory=dict)

    def admit(self, headers: Mapping[str, str], query_session: str = "") -> str | None:
        """Let a request in; returns the id of the session that it created, if it did.

        Raises:
            Problem: no credentials, wrong ones, or a session that does not exist (any more).
        """
        session = headers.get("x-session-id", "").strip() or query_session
        basic = headers.get("authorization", "")
        if session and basic:
            raise _session_lost(454)
        if session:
            self._check(session)
            return None
        if not basic.lower().startswith("basic "):
            raise Problem(
                401,
                "AUTHORIZATION_REQUIRED",
                "Used authentication method is not allowed or no credentials were provided",
                headers={"Www-Authenticate": 'Basic realm="Kayako"'},
            )
        return self._login(basic[6:])

    def end_all(self) -> None:
        """Forget all sessions, as if their hours were over."""
        self.opened.clear()

    def _check(self, session: str) -> None:
        opened = self.opened.get(session)
        over = self.seconds is not None and opened is not None
        if opened is None or (over and time.monotonic() - opened > (self.seconds or 0)):
            self.opened.pop(session, None)
            raise _session_lost(self.expired_status)

    def _login(self, credentials: str) -> str:
        if self.wrong >= WRONG_PASSWORDS:
            raise Problem(
                429,
                "AUTHENTICATION_LOCKED",
                "Too many wrong passwords: this account is locked for a while",
                headers={"Retry-After": str(LOCKED_SECONDS)},
            )
        try:
            email, _, password = (
                base64.b64decode(credentials, validate=True).decode().partition(":")
            )
        except (binascii.Error, UnicodeDecodeError):
            email = password = ""
        if email.lower() != self.email.lower() or password != self.password:
            self.wrong += 1
            attempt = f"(attempt: {self.wrong}/{WRONG_PASSWORDS})"
            raise Problem(
                401,
                "AUTHENTICATION_FAILED",
                "Invalid credentials",
                notification=f"Invalid email or password {attempt}",
            )
        if self.otp:
            raise Problem(
                403,
                "OTP_EXPECTED",
                "A one-time password is expected",
                auth_token=secrets.token_hex(8),
            )
        self.wrong = 0
        self.logins += 1
        session = secrets.token_urlsafe(24)
        self.opened[session] = time.monotonic()
        return session


def _session_lost(status: int) -> Problem:
    if status == 401:
        return Problem(401, "AUTHORIZATION_REQUIRED", "The session has expired")
    return Problem(status, "SESSION_LOADING_FAILED", "Session Not Found")
