"""Reads Kayako's answers: the v1 envelope, its error codes, and what each means for the user.

Codes and statuses: kayako-api.md §2 and §4.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from runner.errors import MigrateError, PreflightError, Refused
from runner.snapshot.values import storable

if TYPE_CHECKING:
    import requests

Json = dict[str, Any]

LINK = "Link header"  # where ``envelope`` puts the header among the body's keys
_RARE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")  # NUL and surrogates, paired ones as well
SESSION_GONE = frozenset({401, 454})
NOT_OFFERED = frozenset({403, 404, 405, 426})

_BY_CODE = {
    "AUTHENTICATION_LOCKED": (
        "Kayako has locked this login after too many wrong passwords",
        "Wait ten minutes, log in with a browser to see that the password is right, run again.",
    ),
    "AUTHENTICATION_FAILED": (
        "Kayako does not accept this email and password",
        (
            "Check KAYAKO_EMAIL and KAYAKO_PASSWORD: ten wrong attempts lock the login. A login "
            "through single sign-on has no password: use an administrator with one."
        ),
    ),
    "OTP_EXPECTED": (
        "Kayako asks this login for a one-time password",
        "Use an administrator of its own for the migration, without two-factor authentication.",
    ),
    "CREDENTIAL_EXPIRED": (
        "The password of this Kayako login has expired",
        "Log in with a browser, set a new password, put it into KAYAKO_PASSWORD.",
    ),
}
_BY_CODE["OTP_EXPIRED"] = _BY_CODE["OTP_EXPECTED"]
_BY_CODE["AUTHORIZATION_REQUIRED"] = _BY_CODE["AUTHENTICATION_FAILED"]
_BY_STATUS = {
    403: (
        "Kayako does not permit this login to read it",
        "Use a login with the role Owner or Administrator.",
    ),
    426: (
        "This Kayako plan does not include it",
        "Ask Kayako to enable API access for the time of the migration.",
    ),
    490: (
        "There is no Kayako at this address, or it is out of service",
        "Check kayako.url: https://NAME.kayako.com as you see it in the browser.",
    ),
}
_NOT_KAYAKO_ADVICE = (
    "Check kayako.url. Only Kayako's cloud product is supported (https://NAME.kayako.com, "
    "REST API v1), not Kayako Classic, which is hosted by its users and has another API."
)


class Unavailable(PreflightError):
    """Kayako's plan or this login's role does not include a resource."""


def envelope(response: requests.Response) -> Json | None:
    """Return the answer as v1 JSON, None when it is anything else."""
    try:
        body = response.json()
        if _RARE.search(response.content):
            # SQLite refuses halves of surrogate pairs, and Zammad NUL: one would end the pull.
            body = storable(body)
    except (ValueError, RecursionError):  # brackets without end are no envelope either
        return None
    if isinstance(body, dict) and ("data" in body or "errors" in body) and "status" in body:
        return {**body, LINK: response.headers.get("Link")}
    return None


def code(response: requests.Response) -> str:
    """Return the first error code of an answer, '' when there is none."""
    body = envelope(response) or {}
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    return str(first.get("code") or "") if isinstance(first, dict) else ""


def raise_if_locked(response: requests.Response) -> None:
    """Raise when a 429 is no rate limit but a locked login: waiting in a loop prolongs it.

    Raises:
        PreflightError: The login is locked.
    """
    if code(response) == "AUTHENTICATION_LOCKED":
        raise _explained(response, "AUTHENTICATION_LOCKED")


def login_error(response: requests.Response) -> PreflightError:
    """Return what a refused login means."""
    found = code(response)
    if found in _BY_CODE:
        return _explained(response, found)
    if response.is_redirect:
        place, ours = _place(response.headers.get("Location", "")), urlsplit(response.url)
        if place and place != f"{ours.scheme}://{ours.netloc}":
            return PreflightError(
                f"{_host(response)} sends us on to {place}.",
                advice=f"Set kayako.url to {place}, if that is your Kayako.",
            )
    if response.status_code in _BY_STATUS:
        return _by_status(response)
    if envelope(response) is None:
        kind = "XML" if "xml" in response.headers.get("Content-Type", "") else "no REST API v1"
        return PreflightError(
            f"{_host(response)} answers, but with {kind}: this is not Kayako's cloud product.",
            advice=_NOT_KAYAKO_ADVICE,
        )
    return PreflightError(
        f"{_host(response)} refused the login with {response.status_code} {found}".rstrip() + ".",
        advice=_NOT_KAYAKO_ADVICE,
    )


def error(response: requests.Response) -> MigrateError:
    """Return the error for a refused request other than the login."""
    path = urlsplit(response.url).path
    if response.status_code in {403, 426}:
        words = _by_status(response)
        return Unavailable(f"{words} ({path})", advice=words.advice)
    if response.status_code == 490:
        return _by_status(response)
    found = code(response)
    return Refused(
        f"{_host(response)} answered {response.status_code}{' ' + found if found else ''} "
        f"to GET {path}.",
        status=response.status_code,
        advice="Run again; if it stays, open this record in Kayako and see whether it shows there.",
    )


def _place(address: str) -> str:
    """Return scheme and host of an address, without a login in it; '' where it has none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}" if host else ""


def _explained(response: requests.Response, found: str) -> PreflightError:
    words, advice = _BY_CODE[found]
    return PreflightError(f"{_host(response)}: {words}.", advice=advice)


def _by_status(response: requests.Response) -> PreflightError:
    words, advice = _BY_STATUS[response.status_code]
    status = response.status_code
    return PreflightError(f"{_host(response)}: {words} ({status}).", advice=advice)


def _host(response: requests.Response) -> str:
    return urlsplit(response.url).netloc.rpartition("@")[2]
