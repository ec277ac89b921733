"""Inline images: Zammad keeps only ``data:`` URIs of png and jpeg (reference §0.10)."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

if TYPE_CHECKING:
    from pathlib import Path

# MPO is the JPEG of many telephones: a JPEG with a second picture behind it.
_KEPT = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg"}
_MOST_PIXELS = 50_000_000


def data_uri(file: Path) -> tuple[str, bool] | None:
    """Return the file as a ``data:`` URI and whether it had to be converted.

    gif (its first frame), webp, bmp and whatever else Pillow reads become png. None when it is no
    picture that can be read, or too large a one: the caller then keeps the file as an attachment.
    """
    content = file.read_bytes()
    try:
        with Image.open(io.BytesIO(content)) as image:
            mime = _KEPT.get(image.format or "")
            if mime is not None:
                return _uri(mime, content), False
            if image.width * image.height > _MOST_PIXELS:
                return None
            converted = io.BytesIO()
            image.convert("RGBA").save(converted, "PNG")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return None
    return _uri("image/png", converted.getvalue()), True


def loss(file: Path) -> str:
    """Say what is lost of a file as an inline image; nothing where it stays as it is.

    Only its beginning is read, so a file that is damaged further on is promised too much.
    """
    try:
        with Image.open(file) as image:
            kind = str(image.format).lower()
            if image.format in _KEPT:
                return ""
            if image.width * image.height > _MOST_PIXELS:
                return f"{kind} too large to be shown is attached"
            if getattr(image, "is_animated", False):
                return f"animated {kind} becomes png, of its first picture"
            return f"{kind} becomes png"
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return "a file that is no picture is attached"


def _uri(mime: str, content: bytes) -> str:
    return f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}"
