"""Takes secrets out of text that somebody may read: messages, logs, what is kept of requests.

A secret is found as it stands and as it travels (percent-encoded, in base64, inside JSON). Short
ones are replaced only where they stand as a word of their own: a password ``test`` must not turn
``latest`` into ``la***``, which would both mutilate the text and tell the password.
"""

from __future__ import annotations

import base64
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

HIDDEN = "***"
SHORT = 8
"""Characters below which a secret may be a part of an ordinary word."""

_LOGIN_IN_ADDRESS = re.compile(r"(?<=://)[^\s/@\"'<>]*:[^\s/@\"'<>]*(?=@)")


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """Return ``text`` with every secret, and every login inside an address, replaced by ``***``."""
    text = _LOGIN_IN_ADDRESS.sub(HIDDEN, text)
    pattern = _pattern(tuple(secrets))
    return pattern.sub(HIDDEN, text) if pattern else text


@lru_cache(maxsize=16)
def _pattern(secrets: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return what finds all forms of all secrets, the longest first; None where there is none."""
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    parts = [_part(form) for form in sorted(forms, key=len, reverse=True)]
    return re.compile("|".join(parts)) if parts else None


def _part(form: str) -> str:
    if len(form) >= SHORT:
        return re.escape(form)
    return rf"(?<![^\W_]){re.escape(form)}(?![^\W_])"


def _forms(secret: str) -> set[str]:
    plain = secret.encode("utf-8", "surrogatepass")
    escaped = json.dumps(secret)[1:-1]
    encoded = base64.b64encode(plain).decode()
    percent = {quote(plain, safe=""), quote(plain), quote_plus(plain)}
    return {secret, escaped, encoded, *percent}
