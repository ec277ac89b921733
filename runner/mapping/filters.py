"""Filters and tests that templates may use; none can make a large result of a small value."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any

from runner.mapping.html import has_content
from runner.mapping.running import as_text, is_empty

MAXIMUM_RESULT = 1_500_000
"""Characters; what Zammad keeps of an article's body."""

_TAG = re.compile(r"<[^<>]*>")
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else as_text(value)


def _refuse_large(length: int) -> None:
    """Raise before a result is made that is longer than any field."""
    if length > MAXIMUM_RESULT:
        raise ValueError(f"the result would have {length} characters")


def lower(value: Any) -> str:
    """Write in lower case."""
    return _text(value).lower()


def upper(value: Any) -> str:
    """Write in upper case."""
    return _text(value).upper()


def capitalize(value: Any) -> str:
    """Write the first letter in upper case, the rest in lower case."""
    return _text(value).capitalize()


def trim(value: Any) -> str:
    """Remove white space at both ends."""
    return _text(value).strip()


def replace(value: Any, old: str, new: str) -> str:
    """Replace every ``old`` by ``new``."""
    text = _text(value)
    if not old:
        return text
    _refuse_large(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


def truncate(value: Any, length: int = 255) -> str:
    """Keep the first ``length`` characters."""
    return _text(value)[: max(0, int(length))]


def default(value: Any, instead: Any = "") -> Any:
    """Take ``instead`` where the value is empty."""
    return instead if is_empty(value) else value


def first(value: Any) -> Any:
    """Return the first item of a list, or nothing."""
    return value[0] if isinstance(value, list) and value else None


def last(value: Any) -> Any:
    """Return the last item of a list, or nothing."""
    return value[-1] if isinstance(value, list) and value else None


def length(value: Any) -> int:
    """Count the items of a list or the characters of a text."""
    return len(value) if isinstance(value, list | dict) else len(_text(value))


def join(value: Any, between: str = ", ") -> str:
    """Write the items of a list one after the other."""
    items = [_text(item) for item in value] if isinstance(value, list) else [_text(value)]
    _refuse_large(sum(len(item) for item in items) + len(between) * len(items))
    return between.join(items)


def plain(value: Any) -> str:
    """Remove HTML tags and resolve entities."""
    return html.unescape(_TAG.sub("", _text(value)))


def escape(value: Any) -> str:
    """Write text so that it is shown as it is inside HTML."""
    text = _text(value)
    _refuse_large(len(text) + 5 * sum(text.count(sign) for sign in "&<>\"'"))
    return html.escape(text)


def date(value: Any) -> str:
    """Return the day of a time stamp, as YYYY-MM-DD."""
    return _text(value)[:10]


def slug(value: Any) -> str:
    """Write in lower case letters, digits and dashes: ``Waiting for vendor`` as tag or name."""
    text = unicodedata.normalize("NFKC", _text(value)).casefold()
    return _BETWEEN_WORDS.sub("-", text).strip("-")


FILTERS = {
    "capitalize": capitalize,
    "date": date,
    "default": default,
    "escape": escape,
    "first": first,
    "join": join,
    "last": last,
    "length": length,
    "lower": lower,
    "plain": plain,
    "replace": replace,
    "slug": slug,
    "trim": trim,
    "truncate": truncate,
    "upper": upper,
}
TESTS = {
    "empty": is_empty,
    "none": lambda value: value is None,
    "visible": has_content,
}
