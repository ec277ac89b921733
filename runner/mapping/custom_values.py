"""The value of one custom field as Zammad's attribute takes it: pure.

Values are text in Kayako, "" where nothing is set (kayako-api.md §11.1). What cannot be carried
over as it is leaves a note.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from runner.mapping.field_usage import is_whole, option_ids, text_of
from runner.mapping.model import Note

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.mapping.attribute import Attribute

_TRUE = frozenset({"yes", "true", "1", "on"})
_FALSE = frozenset({"no", "false", "0", "off"})

Result = tuple[Any, Note | None]


def value(attribute: Attribute, raw: Any) -> Result:
    """Return the value for Zammad, None when there is none, and what was lost on the way.

    Choices are keys, several of them a list; dates ``YYYY-MM-DD`` as written, whatever the time
    zone; numbers and yes or no are JSON's own.
    """
    text = text_of(raw)
    if not text.strip():
        return None, None
    return _READERS.get(attribute.data_type, _text)(attribute, text)


def _dropped(attribute: Attribute, text: str, why: str) -> Result:
    return None, Note("dropped", attribute.name, f"“{_short(text)}” {why}")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:79]}…"


def _text(attribute: Attribute, text: str) -> Result:
    note = None
    if attribute.labels:
        text, note = _labels(attribute, text)
    elif attribute.kind == "DATE":
        text = text.strip()[:10]
    elif attribute.kind == "FILE":
        words = f"the file itself is not carried over: Kayako names it {_short(text)}"
        note = Note("converted", attribute.name, words)
    longest = int(attribute.data_option["maxlength"])
    if len(text) > longest:
        words = f"{len(text)} characters cut to {longest}"
        return text[:longest], Note("cut", attribute.name, words)
    return text, note


def _labels(attribute: Attribute, text: str) -> tuple[str, Note | None]:
    """Write the labels of options: they are kept as text."""
    numbers = option_ids(text)
    words = ", ".join(attribute.labels.get(number, number) for number in numbers)
    return words, _of_deleted(attribute, numbers)


def _of_deleted(attribute: Attribute, numbers: list[str]) -> Note | None:
    gone = [number for number in numbers if number in attribute.deleted]
    if not gone:
        return None
    words = f"option {', '.join(gone)} was deleted in Kayako: only its number is known"
    return Note("converted", attribute.name, words)


def _one(attribute: Attribute, text: str) -> Result:
    number = text.strip()
    if number not in attribute.choices:
        return _dropped(attribute, text, "is no option of this field")
    return attribute.choices[number], _of_deleted(attribute, [number])


def _several(attribute: Attribute, text: str) -> Result:
    numbers = option_ids(text)
    unknown = [number for number in numbers if number not in attribute.choices]
    kept = [attribute.choices[number] for number in numbers if number in attribute.choices]
    if unknown:
        _, note = _dropped(attribute, ",".join(unknown), "is no option of this field")
        return kept or None, note
    return kept or None, _of_deleted(attribute, numbers)


def _integer(attribute: Attribute, text: str) -> Result:
    if not is_whole(text):
        return _dropped(attribute, text, "is no whole number that Zammad can keep")
    return int(text), None


def _date(attribute: Attribute, text: str) -> Result:
    day = text.strip()[:10]
    try:
        return date.fromisoformat(day).isoformat(), None
    except ValueError:
        return _dropped(attribute, text, "is no date")


def _boolean(attribute: Attribute, text: str) -> Result:
    word = text.strip().lower()
    if word in _TRUE:
        return True, None
    if word in _FALSE:
        return False, None
    return _dropped(attribute, text, "is neither yes nor no")


_READERS: dict[str, Callable[[Attribute, str], Result]] = {
    "select": _one,
    "tree_select": _one,
    "multiselect": _several,
    "integer": _integer,
    "date": _date,
    "boolean": _boolean,
}
