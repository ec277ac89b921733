"""Headers of the mails that posts came as, read from Kayako's copy (kayako-api.md §11.4).

Mails are what strangers send: whatever stands in them, reading it raises nothing.
"""

from __future__ import annotations

import re
from email.errors import MessageError
from email.header import decode_header, make_header
from email.parser import HeaderParser
from email.utils import getaddresses
from typing import TYPE_CHECKING

from runner.snapshot.values import Json, address, distinct

if TYPE_CHECKING:
    from email.message import Message

READ = 1 << 18
"""Characters of a mail that are looked at: its headers come first."""

_IDENTIFIER = re.compile(r"<[^<>\s]+>")
_LEADING = "\ufeff\r\n\t "


def headers(source: object) -> Json:
    """Return what identifies a mail and who got it.

    Args:
        source: Headers or the whole mail, as ``source_content`` holds it.

    Returns:
        ``message_id``, ``in_reply_to``, ``references`` (ids in angle brackets, several joined by
        a space), ``to`` and ``cc`` (lists of ``Name <address>``); None for what it does not say.
    """
    text = source if isinstance(source, str) else ""
    head = re.split(r"\r?\n\r?\n", text[:READ].lstrip(_LEADING), maxsplit=1)[0]
    try:
        message: Message = HeaderParser().parsestr(head)
    except (MessageError, ValueError, LookupError):
        message = HeaderParser().parsestr("")
    found = _identifiers(message, "Message-ID")
    replied = _identifiers(message, "In-Reply-To")
    return {
        "message_id": found[0] if found else None,
        "in_reply_to": replied[0] if replied else None,
        "references": " ".join(dict.fromkeys(_identifiers(message, "References"))) or None,
        "to": _people(message, "To"),
        "cc": _people(message, "Cc"),
    }


def _values(message: Message, name: str) -> list[str]:
    return [str(value) for value in message.get_all(name, [])]


def _identifiers(message: Message, name: str) -> list[str]:
    return [found for value in _values(message, name) for found in _IDENTIFIER.findall(value)]


def _people(message: Message, name: str) -> list[str] | None:
    values = [" ".join(value.split()) for value in _values(message, name)]
    # Addresses first, words after: an encoded name may hold a comma.
    pairs = [(_decoded(word), mail) for word, mail in getaddresses(values) if "@" in mail]
    found = [text for word, mail in pairs if (text := address(word, mail))]
    return distinct(found) or None


def _decoded(word: str) -> str:
    try:
        return str(make_header(decode_header(word)))
    except (MessageError, ValueError, LookupError):
        return word
