"""Fetches attachments and inline images into the snapshot's files.

The session goes to the configured host only. Redirects and other hosts are asked without any
credentials, over http or https, and only at public addresses: an answer of a helpdesk must not
make us read the network we stand in.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import requests

from runner.errors import Unreachable
from runner.kayako.kinds import FILES
from runner.snapshot.writing import StoredFile

if TYPE_CHECKING:
    from runner.kayako.client import Kayako
    from runner.snapshot.files import Files

ATTEMPTS = 4
FOREIGN_ATTEMPTS = 3
REDIRECTS = 5
CHUNK = 1 << 16


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
            sha256, length = files.add(response.iter_content(CHUNK))
        except requests.Timeout as error:
            raise _Lost(f"it was {error}") from error
        except requests.RequestException as error:
            raise _Broken("the transfer broke off") from error
    kayako.http.timings.lengthen(FILES, time.monotonic() - began)
    if expected is not None and length != expected:
        raise _Broken(f"{length} bytes came, {expected} were announced")
    return sha256, length


def _open(kayako: Kayako, address: str, *, foreign_too: bool) -> requests.Response:
    parts = urlsplit(address)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        return _followed(kayako, kayako.download(path))
    except _Lost:
        if not foreign_too or not parts.netloc or _is_own(kayako, address):
            raise
    return _followed(kayako, _foreign(kayako, address))


def _followed(kayako: Kayako, response: requests.Response) -> requests.Response:
    for _ in range(REDIRECTS):
        if not response.is_redirect:
            break
        target = urljoin(response.url, response.headers["Location"])
        response.close()
        if _is_own(kayako, target):
            parts = urlsplit(target)
            response = kayako.download(parts.path + (f"?{parts.query}" if parts.query else ""))
        else:
            response = _foreign(kayako, target)
    if response.status_code == 200:
        return response
    response.close()
    host = urlsplit(response.url).hostname
    raise _Lost(f"{host} answered {response.status_code}")


def _foreign(kayako: Kayako, address: str) -> requests.Response:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _Lost("its address is neither http nor https")
    own = urlsplit(kayako.url).hostname or ""
    if not _is_public(parts.hostname, loopback_too=_is_loopback(own)):
        raise _Lost(f"{parts.hostname} is not a public address")
    try:
        return kayako.http.send(
            "GET",
            address,
            headers={"Accept-Encoding": "identity"},
            stream=True,
            authenticate=False,
            attempts=FOREIGN_ATTEMPTS,
        )
    except Unreachable as error:
        raise _Lost(str(error)) from error


def _is_own(kayako: Kayako, address: str) -> bool:
    ours, theirs = urlsplit(kayako.url), urlsplit(address)
    return (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_public(host: str, *, loopback_too: bool) -> bool:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    addresses = [ipaddress.ip_address(str(item[4][0]).partition("%")[0]) for item in found]
    return all(address.is_global or (loopback_too and address.is_loopback) for address in addresses)
