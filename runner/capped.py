"""The body of an answer, with an end: in time and in size.

``requests`` waits for each next byte only, so a server that sends one a minute would hold a worker
for ever; and it reads into memory whatever comes, so one that never stops (or whose gzip grows a
thousandfold when it is unpacked) would fill it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER_SECONDS = 900.0  # a whole answer; a slow page of posts takes seconds, not minutes
FILE_SECONDS = 3600.0  # a whole file that is streamed
ANSWER_BYTES = 256 << 20
"""Unpacked. The largest answers that are meant well are 100 posts in a page, and all articles of a
ticket in one list; Zammad cuts a body at 1.5 MB, so that 150 of the longest still fit."""
FILE_BYTES = 1 << 30
"""What is a file and not JSON; Kayako's are streamed and have this limit of their own."""


class TooLarge(requests.RequestException):
    """An answer is larger than any that is meant well; asking again would give the same."""


def capped(response: requests.Response, *, whole: bool, most: int) -> float:
    """Give an answer's body an end; return how long the answer took in seconds.

    ``elapsed`` begins when the request goes out, after whatever it had to wait for before.

    Args:
        response: An answer whose body is unread.
        whole: Read it here, into memory; else it is a file, which the caller reads.
        most: How many bytes of it are taken where it is read here.

    Raises:
        TooLarge: the body is larger.
        requests.RequestException: the body broke off, or took too long.
    """
    began = time.monotonic()
    # Whoever wants a file reads an error as text, which has the limit of a text.
    whole = whole or response.status_code >= 300
    seconds = ANSWER_SECONDS if whole else FILE_SECONDS
    response.raw = CappedBody(response.raw, seconds, most if whole else None)
    if whole:
        response.content  # noqa: B018 - whoever comes next finds it there
    return response.elapsed.total_seconds() + time.monotonic() - began


class CappedBody:
    """Stands in for ``Response.raw``: reads what is there, and gives up after a while.

    Args:
        raw: what urllib3 gave.
        seconds: how long the whole body may take from now on.
        most: how many bytes it may have, unpacked; None where the reader counts them.
    """

    def __init__(self, raw: Any, seconds: float, most: int | None = None) -> None:
        self._raw = raw
        self._seconds = seconds
        self._most = most
        self._until = time.monotonic() + seconds

    def stream(self, amount: int, *, decode_content: bool | None = None) -> Iterator[bytes]:
        """Yield the body in pieces of at most ``amount`` bytes.

        Raises:
            requests.ReadTimeout: it took too long.
            TooLarge: it has more bytes than it may have.
        """
        # read() would wait until so many bytes are there; urllib3 before 2 has nothing else.
        read = getattr(self._raw, "read1", self._raw.read)
        length = 0
        while piece := read(amount, decode_content=decode_content):
            length += len(piece)
            if self._most is not None and length > self._most:
                self._raw.close()
                raise TooLarge(f"more than {self._most:,} bytes")
            yield piece
            if time.monotonic() > self._until:
                self._raw.close()
                raise requests.ReadTimeout(f"not read to its end after {self._seconds:g} s")

    def __getattr__(self, name: str) -> Any:
        """Leave everything else as it is."""
        return getattr(self._raw, name)
