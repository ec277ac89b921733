"""The body of an answer, with an end: a server may send a byte a minute and never be silent.

``requests`` waits for each next byte only, so such a server would hold a worker for ever.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER_SECONDS = 900.0  # a whole answer; a slow page of posts takes seconds, not minutes
FILE_SECONDS = 3600.0  # a whole file that is streamed


def capped(response: requests.Response, *, whole: bool) -> float:
    """Give an answer's body an end; return how long the answer took in seconds.

    ``elapsed`` begins when the request goes out, after whatever it had to wait for before.

    Args:
        response: An answer whose body is unread.
        whole: Read it here, into memory; else it is a file, which the caller reads.

    Raises:
        requests.RequestException: the body broke off, or took too long.
    """
    began = time.monotonic()
    response.raw = CappedBody(response.raw, ANSWER_SECONDS if whole else FILE_SECONDS)
    if whole:
        response.content  # noqa: B018 - whoever comes next finds it there
    return response.elapsed.total_seconds() + time.monotonic() - began


class CappedBody:
    """Stands in for ``Response.raw``: reads what is there, and gives up after a while.

    Args:
        raw: what urllib3 gave.
        seconds: how long the whole body may take from now on.
    """

    def __init__(self, raw: Any, seconds: float) -> None:
        self._raw = raw
        self._seconds = seconds
        self._until = time.monotonic() + seconds

    def stream(self, amount: int, *, decode_content: bool | None = None) -> Iterator[bytes]:
        """Yield the body in pieces of at most ``amount`` bytes.

        Raises:
            requests.ReadTimeout: it took too long.
        """
        # read() would wait until so many bytes are there; urllib3 before 2 has nothing else.
        read = getattr(self._raw, "read1", self._raw.read)
        while piece := read(amount, decode_content=decode_content):
            yield piece
            if time.monotonic() > self._until:
                self._raw.close()
                raise requests.ReadTimeout(f"not read to its end after {self._seconds:g} s")

    def __getattr__(self, name: str) -> Any:
        """Leave everything else as it is."""
        return getattr(self._raw, name)
