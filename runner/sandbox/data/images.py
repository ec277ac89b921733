"""Small pictures and files to attach."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image

KINDS = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
}
"""The formats that mails bring along, with their media types."""


@lru_cache(maxsize=256)
def picture(number: int, kind: str = "png", side: int = 12) -> bytes:
    """A square picture whose colour follows from ``number``; always the same bytes for the same.

    Args:
        number: chooses the colour, so that different numbers give different files.
        kind: one of ``KINDS``.
        side: width and height in pixels.
    """
    colour = (number * 53 % 256, number * 97 // 7 % 256, number * 31 // 3 % 256)
    target = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(target, kind.upper())
    return target.getvalue()


def filler(number: int, size: int) -> bytes:
    """``size`` bytes of text that differ by ``number``."""
    line = f"line of sample file {number}\n".encode()
    return (line * (size // len(line) + 1))[:size]
