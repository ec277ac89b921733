"""Small conversions of Kayako's values: timestamps, packing, names."""

from __future__ import annotations

import json
import re
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner.errors import StoreUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

Json = dict[str, Any]
LARGEST = 2**63 - 1
"""What SQLite counts to."""

_NUL = rb"\u0000"
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
NESTED = (dict, list)
"""What holds further values; as a tuple, for ``dict | list`` is made anew each time."""

_LENGTH = len("2021-08-27T10:49:56+00:00")


def timestamp(value: object) -> str | None:
    """Return ``value`` as ``2021-08-27T10:49:56Z``, or None when it is empty or no time.

    Kayako sends ISO 8601 with any offset, and Unix seconds in time entries (kayako-api.md §1).
    """
    if isinstance(value, bool) or not value:
        return None
    try:
        if isinstance(value, int | float):
            moment = datetime.fromtimestamp(value, UTC)
        else:
            text = str(value)
            moment = datetime.fromisoformat(text)
            if len(text) == _LENGTH and text.endswith("+00:00") and text[10] == "T":
                # What Kayako sends nearly always: writing it anew takes ten times as long.
                return f"{text[:19]}Z"
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    # strftime would write the year 202 with three digits.
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def with_timestamps(value: Any) -> Any:
    """Return ``value`` with every ``…_at`` in it, however deep, as ``timestamp`` writes it.

    What cannot be read as a time stays as Kayako sent it.
    """
    if isinstance(value, list):
        return [with_timestamps(item) if isinstance(item, NESTED) else item for item in value]
    if not isinstance(value, dict):
        return value
    # Records are mostly plain values: a copy of all at once, and a call for none of those.
    found = dict(value)
    for key, item in value.items():
        if isinstance(item, NESTED):
            found[key] = with_timestamps(item)
        elif item and key.endswith("_at"):
            found[key] = timestamp(item) or item
    return found


def canonical(value: Any) -> str:
    """Return ``value`` as JSON that is the same for equal values."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def pack(value: Any) -> bytes:
    """Return ``value`` as compressed JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate is legal in JSON and not in UTF-8: it must survive, not stop the pull.
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 6)


def unpack(blob: bytes) -> Any:
    """Undo ``pack``, but for signs that no database holds: each is U+FFFD from here on.

    Answers are made storable when they come; this is for what was kept before that. Whatever leaves
    for Zammad, is compared with it or is shown comes through here, and means the same text.

    Raises:
        StoreUnreadable: the disk changed it.
    """
    try:
        text = zlib.decompress(blob)
        try:
            found = json.loads(text.decode())
        except UnicodeDecodeError:
            return storable(json.loads(text.decode("utf-8", "surrogatepass")))
        # Nearly no record has one, and all would pay for looking at each of its texts.
        return storable(found) if _NUL in text else found
    except (zlib.error, ValueError) as error:
        raise StoreUnreadable(
            f"a row of the snapshot is damaged: {error}",
            advice="run migrate doctor --deep --repair, then migrate pull",
        ) from error


def storable(value: Any) -> Any:
    """Make each NUL and each half of a surrogate pair U+FFFD, in names of fields as well."""
    if isinstance(value, str):
        return _NOT_STORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value


def number(value: object) -> int | None:
    """Return an id as a number, None for what is none (social ids may be text).

    What SQLite cannot count to is no id either.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) <= LARGEST else None
    text = str(value)
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(LARGEST)):
        return None
    return number(int(text))


def address(name: str | None, mail: str | None) -> str | None:
    """Return ``Name <mail>``, or whichever of the two there is, or None."""
    mail = (mail or "").strip()
    plain = " ".join((name or "").split())
    if not mail:
        return plain or None
    if not plain or plain.casefold() == mail.casefold():
        return mail
    if any(character in plain for character in '"\\()<>[]:;@,.'):
        escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
        plain = f'"{escaped}"'
    return f"{plain} <{mail}>"


def split_name(full_name: object) -> tuple[str | None, str | None]:
    """Split a full name: the last word is the last name, a single word is the first name."""
    words = str(full_name or "").split()
    if len(words) < 2:
        return (words[0] if words else None), None
    return " ".join(words[:-1]), words[-1]


def distinct(values: Iterable[str]) -> list[str]:
    """Return ``values`` stripped, without empty ones and repetitions in another case."""
    kept: dict[str, str] = {}
    for value in values:
        plain = value.strip()
        if plain:
            kept.setdefault(plain.casefold(), plain)
    return list(kept.values())
