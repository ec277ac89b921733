"""JSON bodies whose files are read and encoded while they are sent.

A file of 50 MB in a body would else be in memory five times over: as it is, in base64, as text, in
the body's text and in its bytes; and that for each worker.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK = 3 * 64 * 1024
"""A multiple of three bytes, so that the pieces' base64 joins to that of the whole."""


class FileContent:
    """A value in a JSON body: a file's bytes in base64; ``len`` is the length of that text.

    Raises:
        OSError: There is no such file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._size = path.stat().st_size

    def __len__(self) -> int:
        return 4 * -(-self._size // 3)

    def pieces(self) -> Iterator[bytes]:
        """Yield the text in pieces."""
        with self.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield base64.b64encode(chunk)


class JsonBody:
    """A body in pieces, which can be sent again; ``len`` is its length in bytes."""

    def __init__(self, parts: list[bytes | FileContent]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
            else:
                yield from part.pieces()


def encode(value: Any) -> bytes | JsonBody:
    """Return a body for a value: in pieces where it holds a ``FileContent``, else its bytes.

    Raises:
        TypeError: Something in it is no JSON.
        ValueError: A number in it is none.
    """
    # Nobody who writes texts can know the word that stands for a file until it is cut out.
    word = secrets.token_hex(16)
    files: list[FileContent] = []

    def stand_in(item: Any) -> str:
        if not isinstance(item, FileContent):
            raise TypeError(f"{type(item).__name__} is no JSON")
        files.append(item)
        return word

    text = json.dumps(value, default=stand_in, allow_nan=False).encode()
    if not files:
        return text
    first, *others = re.split(word.encode(), text)
    parts: list[bytes | FileContent] = [first]
    for file, following in zip(files, others, strict=True):
        parts += [file, following]
    return JsonBody(parts)
