"""Fetches attachments and inline images into the snapshot's files.

The session goes to the configured host only. Other hosts, where Kayako redirects to one or a
picture lies on one, are asked without any credentials, only where the configuration lists them, and
only at public addresses: an answer of a helpdesk must not make us read the network we stand in.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from runner import guarding
from runner.errors import Unreachable
from runner.kayako.kinds import FILES
from runner.snapshot.writing import StoredFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.kayako.client import Kayako
    from runner.snapshot.files import Files

ATTEMPTS = 4
FOREIGN_ATTEMPTS = 3
REDIRECTS = 5
CHUNK = 1 << 16
MOST_BYTES = 1 << 30
"""A larger file is left out: Kayako takes far smaller ones, and Zammad would not have it."""
_USUAL_PORT = {"http": 80, "https": 443}


class _Lost(Exception):
    """The file cannot be had; the text says why."""


class _Broken(Exception):
    """What came is not the whole file; another attempt may bring it."""


def fetch(
    kayako: Kayako, files: Files, key: str, address: str, *, size: int | None, image: bool = False
) -> StoredFile:
    """Bring one file into the snapshot; what cannot be had is returned with its reason.

    Args:
        kayako: Whom to ask.
        files: Where it goes.
        key: Its name in the snapshot.
        address: Its address or path.
        size: How many bytes Kayako says it has, None when it does not say.
        image: An inline image: anything but an image is refused, and when our own host does not
            have it, the host that the text names is asked too.

    Raises:
        Unreachable: Kayako does not answer at all: nothing is known about the file.
        Interrupted: The run is to stop.
    """
    reason = ""
    for _ in range(ATTEMPTS):
        try:
            sha256, length = _store(kayako, files, address, size=size, image=image)
        except _Lost as lost:
            return StoredFile(key, None, None, str(lost))
        except _Broken as broken:
            reason = str(broken)
        else:
            return StoredFile(key, sha256, length, None)
    return StoredFile(key, None, None, f"{reason} ({ATTEMPTS} attempts)")


def _store(
    kayako: Kayako, files: Files, address: str, *, size: int | None, image: bool
) -> tuple[str, int]:
    response = _open(kayako, address, foreign_too=image)
    with response:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if image and kind in {"text/html", "application/json", "text/xml", "application/xml"}:
            raise _Lost(f"Kayako answered with {kind} where an image was expected")
        declared = response.headers.get("Content-Length", "")
        expected = size if size is not None else int(declared) if declared.isdigit() else None
        began = time.monotonic()
        try:
            sha256, length = files.add(_capped(response, expected))
        except requests.Timeout as error:
            raise _Lost(f"it was {error}") from error
        except requests.RequestException as error:
            raise _Broken("the transfer broke off") from error
    kayako.http.timings.lengthen(FILES, time.monotonic() - began)
    if expected is not None and length != expected:
        raise _Broken(f"{length} bytes came, {expected} were announced")
    return sha256, length


def _capped(response: requests.Response, expected: int | None) -> Iterator[bytes]:
    """Yield a body, but no more than was announced."""
    most = MOST_BYTES if expected is None else min(expected, MOST_BYTES)
    length = 0
    for chunk in response.iter_content(CHUNK):
        length += len(chunk)
        if length > MOST_BYTES:
            raise _Lost(f"it is larger than {MOST_BYTES:,} bytes")
        if length > most:
            raise _Broken(f"more bytes came than the {most} that were announced")
        yield chunk


def _open(kayako: Kayako, address: str, *, foreign_too: bool) -> requests.Response:
    parts = _split(address)
    try:
        return _followed(kayako, kayako.download(_path(parts)))
    except _Lost as lost:
        if not foreign_too or not parts.netloc or _is_own(kayako, parts):
            raise
        if not _is_listed(kayako, parts):
            raise _Lost(f"{lost}; {_unlisted(parts)}") from None
    return _followed(kayako, _foreign(kayako, parts))


def _split(address: str, base: str = "") -> SplitResult:
    try:
        parts = urlsplit(urljoin(base, address))
        _ = parts.port
    except ValueError:
        raise _Lost("its address is none") from None
    return parts


def _path(parts: SplitResult) -> str:
    """Return path and query, as a path of Kayako's: two slashes would begin with a host."""
    return "/" + parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")


def _followed(kayako: Kayako, response: requests.Response) -> requests.Response:
    for _ in range(REDIRECTS):
        if not response.is_redirect:
            break
        response.close()
        target = _split(response.headers["Location"], response.url)
        if _is_own(kayako, target):
            response = kayako.download(_path(target))
        else:
            response = _foreign(kayako, target)
    if response.status_code == 200:
        return response
    response.close()
    host = urlsplit(response.url).hostname
    raise _Lost(f"{host} answered {response.status_code}")


def _foreign(kayako: Kayako, parts: SplitResult) -> requests.Response:
    """Ask another host, if it is listed and no trap.

    What a list names as an address was decided on; a name has to lead to public addresses, here
    for a reason that can be read, and once more when the connection is made.
    """
    if parts.scheme not in _USUAL_PORT or not parts.hostname:
        raise _Lost("its address is neither http nor https")
    if not _is_listed(kayako, parts):
        raise _Lost(_unlisted(parts))
    named = guarding.literal(parts.hostname)
    if parts.scheme == "http" and not (named and named.is_loopback):
        raise _Lost(f"{parts.hostname} would send it unencrypted")
    try:
        if named is None:
            guarding.public_addresses(parts.hostname, parts.port)
        return kayako.http.send(
            "GET",
            parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl(),
            headers={"Accept-Encoding": "identity"},
            stream=True,
            authenticate=False,
            attempts=FOREIGN_ATTEMPTS,
        )
    except (guarding.NotPublic, Unreachable) as error:
        raise _Lost(str(error)) from error


def _is_own(kayako: Kayako, parts: SplitResult) -> bool:
    ours = urlsplit(kayako.url)
    return (ours.scheme, ours.netloc) == (parts.scheme, parts.netloc)


def _is_listed(kayako: Kayako, parts: SplitResult) -> bool:
    """Say whether a host may be asked for files; one that is listed without a port has the usual.

    Kayako itself under another scheme or port is another server, so it has to be listed, too.
    """
    host, port = parts.hostname or "", parts.port
    shown = f"[{host}]" if ":" in host else host
    usual = port in {None, _USUAL_PORT.get(parts.scheme)}
    return f"{shown}:{port}" in kayako.file_hosts or (usual and shown in kayako.file_hosts)


def _unlisted(parts: SplitResult) -> str:
    host = parts.hostname or "its host"
    port = "" if parts.port is None else f":{parts.port}"
    return f"{host}{port} is none of the hosts that kayako.file_hosts lists"
