"""One hash for equal values, whatever order their keys came in."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any


def _plain(value: Any) -> Any:
    """Return the JSON value that stands for an object JSON does not know."""
    to_json = getattr(value, "to_json", None)
    if callable(to_json):
        return to_json()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {type(value).__name__: dataclasses.asdict(value)}
    message = f"a {type(value).__name__} has no fingerprint: it is no JSON value"
    raise TypeError(message)


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain
)


def fingerprint(value: Any) -> str:
    """Return the sha256 (64 hexadecimal digits) of ``value`` as canonical JSON.

    Canonical: keys sorted, no spaces, characters as they are. Objects with ``to_json()`` count
    as what it returns, other dataclass instances as their name and fields.

    Raises:
        TypeError: for a value that is neither.
        ValueError: for NaN and the infinities, which JSON cannot say.
    """
    # Mails hold halves of surrogate pairs now and then; they must not stop the run here.
    return hashlib.sha256(_ENCODER.encode(value).encode("utf-8", "surrogatepass")).hexdigest()
