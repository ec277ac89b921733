"""Forms with files, as browsers and clients send them (``multipart/form-data``)."""

from __future__ import annotations

from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any

from runner.sandbox.zammad.files import Upload
from runner.sandbox.zammad.wire import Failure

_CONTENT = "Content-Type"


def read(content_type: str, body: bytes) -> dict[str, Any]:
    """Return the fields of a form; a file is an ``Upload``, anything else text.

    Raises:
        Failure: 400 for a form without a boundary or with a part that has no name.
    """
    boundary = _parameter(content_type, "boundary")
    if not boundary:
        raise Failure(400, "Error occurred while parsing request parameters")
    fields: dict[str, Any] = {}
    for part in body.split(b"--" + boundary.encode("latin-1"))[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = Message()
        for line in head.decode("utf-8", "replace").split("\r\n"):
            name, _, value = line.partition(":")
            headers[name] = value.strip()
        content = content.removesuffix(b"\r\n")
        disposition = headers["Content-Disposition"] or ""
        field = _parameter(disposition, "name")
        if field is None:
            raise Failure(400, "Error occurred while parsing request parameters")
        filename = _parameter(disposition, "filename")
        if filename is None:
            fields[field] = content.decode("utf-8", "replace")
        else:
            kind = headers[_CONTENT] or "application/octet-stream"
            fields[field] = Upload(filename, content, {_CONTENT: kind})
    return fields


def _parameter(header: str, name: str) -> str | None:
    """Return a parameter of a header, also where its name is written in another alphabet."""
    message = Message()
    message[_CONTENT] = header
    found = message.get_param(name)
    return None if found is None else collapse_rfc2231_value(found)
