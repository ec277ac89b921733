"""When a failed request is sent again, how long to wait before, and what to say in the end.

Exponential backoff as described in the AWS Architecture Blog, "Exponential Backoff And Jitter":
full jitter at first, equal jitter from the fourth failure on, so that chance cannot make eight
attempts end within the half minute that a server needs to restart. ``Retry-After`` as seconds or
as a date (RFC 9110, section 10.2.3).
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from math import isfinite

import requests
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from runner.errors import AnswerTooLarge, MigrateError, OutcomeUnknown, Unreachable

LONGEST_HOLD_SECONDS = 600.0
LONGEST_BACKOFF_SECONDS = 30.0
UNSAID_HOLD_SECONDS = 5.0
HOLDS_PER_ATTEMPT = 5  # a 429 is no failure: it has a larger budget than other answers
SOON = 3  # so many failures may pass at once; more of them are a server that restarts
QUICK_ATTEMPTS = 3  # a wrong name or a closed port rarely heals while we wait

_JITTER = random.SystemRandom()
ADVICE = "Check the address, the network and the state of the server, then run again."


class Call:
    """One request and what happened to it so far: each method says how long to wait, or raises.

    Args:
        method: The request's method, for messages.
        path: The request's path without its query, which may hold tokens.
        host: Whom it is sent to, for messages.
        repeatable: Whether it may be sent again after the server may have carried it out.
        attempts: How often it may fail.
        answered_before: Whether this server answered earlier in this run.
    """

    def __init__(
        self,
        method: str,
        path: str,
        host: str,
        *,
        repeatable: bool,
        attempts: int,
        answered_before: bool,
    ) -> None:
        self._what = f"{method} {path}"
        self._host = host
        self._repeatable = repeatable
        self._attempts = attempts
        # It is restarting, then, and given time.
        self._answered_before = answered_before
        self._failures = 0
        self._holds = 0

    def failed(self, error: requests.RequestException) -> float:
        """No answer came. Return seconds to wait before the next attempt.

        Raises:
            OutcomeUnknown: The request may have been carried out and must not be repeated.
            Unreachable: All attempts failed, or trying again is pointless.
        """
        cause = describe(error)
        unsent = _never_sent(error)
        if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE" in str(error).upper():
            raise Unreachable(
                f"The certificate of {self._host} cannot be trusted.",
                advice="Install a valid certificate, or set REQUESTS_CA_BUNDLE to your CA file.",
            ) from error
        if isinstance(error, ValueError):  # requests' kind for an address that cannot be one
            raise Unreachable(f"{self._host}: {cause}.", advice=ADVICE) from error
        if not self._repeatable and not unsent:
            raise self._unknown(cause) from error
        self._failures += 1
        quick = unsent and not self._answered_before
        if self._failures >= (min(self._attempts, QUICK_ATTEMPTS) if quick else self._attempts):
            raise self._given_up(cause) from error
        return self._backoff()

    def broken(self, status: int, retry_after: float | None) -> float:
        """The server failed with ``status``. Return seconds to wait before the next attempt.

        Raises:
            OutcomeUnknown: As in ``failed``.
            Unreachable: As in ``failed``.
        """
        cause = f"the server answered {status} {_phrase(status)}".rstrip()
        if not self._repeatable:
            raise self._unknown(cause)
        self._failures += 1
        if self._failures >= self._attempts:
            raise self._given_up(cause, status)
        return self._backoff() if retry_after is None else retry_after

    def too_large(self, error: Exception) -> MigrateError:
        """Return what to raise for an answer that is too large: it is not asked for again."""
        if not self._repeatable:
            return self._unknown(f"its answer is too large ({error})")
        return AnswerTooLarge(
            f"{self._host} answered {self._what} with {error}, larger than any answer should be;"
            " the rest was not read.",
            advice="Check that the address leads to the right server and what stands between you"
            " and it (a proxy, a firewall), then run again.",
        )

    def held(self, retry_after: float | None) -> float:
        """The server asks for a pause (429). Return how long everybody is to wait.

        Raises:
            Unreachable: It asked too often.
        """
        self._holds += 1
        if self._holds >= self._attempts * HOLDS_PER_ATTEMPT:
            raise Unreachable(
                f"{self._host} kept answering 429 Too Many Requests to {self._what}.",
                advice="Lower requests_per_minute in the config, then run again.",
            )
        return UNSAID_HOLD_SECONDS if retry_after is None else retry_after

    def _backoff(self) -> float:
        longest = min(LONGEST_BACKOFF_SECONDS, 2.0 ** (self._failures - 1))
        return _JITTER.uniform(longest / 2 if self._failures > SOON else 0, longest)

    def _unknown(self, cause: str) -> MigrateError:
        return OutcomeUnknown(
            f"{self._what} was sent to {self._host}, and whether it was carried out is not "
            f"known: {cause}.",
            advice="Run again: it is looked up before anything is sent.",
        )

    def _given_up(self, cause: str, status: int | None = None) -> MigrateError:
        times = "once" if self._failures == 1 else f"{self._failures} times"
        return Unreachable(
            f"{self._host} could not be reached: {self._what} failed {times}, last because "
            f"{cause}.",
            advice=ADVICE,
            status=status,
        )


def retry_after(response: requests.Response) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, at most 600; None where it is absent."""
    value = response.headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except (ValueError, OverflowError):  # a year that no calendar has
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_HOLD_SECONDS) if isfinite(seconds) else None


def describe(error: requests.RequestException) -> str:
    """Say in plain words why no answer came; never with an address, which may hold a token."""
    text = str(error).lower()
    reason = _reason(error)
    checks = {
        "its name is not known (DNS)": isinstance(reason, NameResolutionError),
        "the proxy did not let us through": isinstance(error, requests.exceptions.ProxyError),
        "no connection came about in time": isinstance(error, requests.ConnectTimeout),
        "it refused the connection": isinstance(reason, NewConnectionError) and "refused" in text,
        "no connection came about": isinstance(reason, NewConnectionError),
        "the TLS handshake failed": isinstance(error, requests.exceptions.SSLError),
        "no answer came in time": isinstance(error, requests.Timeout) or "timed out" in text,
        "this address cannot be used": isinstance(error, ValueError),
    }
    return next((words for words, holds in checks.items() if holds), "the connection was lost")


def _reason(error: requests.RequestException) -> BaseException | None:
    inner = error.args[0] if error.args else None
    return inner.reason if isinstance(inner, MaxRetryError) else None


def _never_sent(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    return isinstance(_reason(error), NewConnectionError)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
