"""The body of an answer, with an end: a server may send a byte a minute and never be silent.

``requests`` waits for each next byte only, so such a server would hold a worker for ever.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator


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
