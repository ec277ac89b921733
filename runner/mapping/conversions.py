"""The steps of a rule that change a value: ``as``, ``add_days``, ``not_before``, ``cut_at``.

Each step takes a value that is not empty and a run; it returns the new value, None for empty, or
raises ``FieldFailed``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from runner.mapping.html import has_content, link_images
from runner.mapping.limits import shorten
from runner.mapping.running import FieldFailed, Reader, Run, as_text, shown

Step = Callable[[Any, Run], Any]

_TRUE = frozenset({"true", "yes", "1", "on"})
_FALSE = frozenset({"false", "no", "0", "off"})
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+\Z")
_TAG_SIGNS = re.compile(r"\s*[,*]+\s*|\s+")
_MAXIMUM_TAG = 250


def to_text(value: Any, _run: Run) -> str:
    """Write numbers, booleans and lists as text."""
    return as_text(value)


def to_integer(value: Any, run: Run) -> int:
    """Read a whole number; a fraction is rounded and noted."""
    number = _number(value)
    whole = int(number.to_integral_value())
    if whole != number:
        run.note("converted", f"{shown(value)} rounded to {whole}")
    return whole


def to_minutes(value: Any, run: Run) -> int | float:
    """Turn seconds into minutes, to the hundredth: 59 seconds are 0.98, not 0."""
    minutes = round(_number(value) / 60, 2)
    if minutes * 60 != _number(value):
        run.note("converted", f"{shown(value)} seconds rounded to {minutes} minutes")
    return int(minutes) if minutes == minutes.to_integral_value() else float(minutes)


def to_boolean(value: Any, _run: Run) -> bool:
    """Read yes and no, true and false, 1 and 0."""
    word = as_text(value).lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise FieldFailed(f"{shown(value)} is neither yes nor no")


def to_date(value: Any, _run: Run) -> str:
    """Take the day as written: a time zone must not move a birthday."""
    day = as_text(value)[:10]
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        raise FieldFailed(f"{shown(value)} is no date") from None


def to_datetime(value: Any, _run: Run) -> str:
    """Write a moment in UTC, to the second."""
    return _written(moment(value))


def to_html(value: Any, run: Run) -> str | None:
    """Keep HTML as it is but for its images; HTML that shows nothing is empty.

    An image that Kayako held points to its file (``snapshot:SHA256``); one that is no longer there
    becomes a link.
    """
    text = value if isinstance(value, str) else as_text(value)
    if not has_content(text):
        return None
    images = run.record.get("images")

    def replaced(url: str) -> None:
        run.note("replaced", f"the image {shown(url)} could not be fetched: a link stands for it")

    return link_images(text, images if isinstance(images, dict) else {}, replaced)


def to_email(value: Any, run: Run) -> str | None:
    """Keep an email address; what is none is dropped with a note."""
    text = as_text(value)
    if _EMAIL.match(text):
        return text
    run.note("dropped", f"{shown(value)} is no email address")
    return None


def to_tag(value: Any, run: Run) -> str | list[str] | None:
    """Make text fit for a tag, of several lines several tags.

    Zammad refuses commas and asterisks, and the whole ticket with them (reference §k4).
    """
    lines = [line.strip() for line in as_text(value).splitlines()]
    tags = [tag for tag in (_tag(line, run) for line in lines if line) if tag]
    return tags if len(tags) > 1 else next(iter(tags), None)


def _tag(text: str, run: Run) -> str:
    tag = _TAG_SIGNS.sub(lambda found: " " if found[0].isspace() else "-", text).strip("- ")
    if len(tag) > _MAXIMUM_TAG:
        tag = shorten(tag, _MAXIMUM_TAG, run).strip()
    elif tag != text:
        run.note("replaced", f"the tag {shown(text)} is written {shown(tag)}")
    return tag


CONVERSIONS: dict[str, Step] = {
    "text": to_text,
    "integer": to_integer,
    "minutes": to_minutes,
    "boolean": to_boolean,
    "date": to_date,
    "datetime": to_datetime,
    "html": to_html,
    "email": to_email,
    "tag": to_tag,
}


def add_days(days: int) -> Step:
    """Return what moves a date or a moment by days."""

    def step(value: Any, _run: Run) -> str:
        text = as_text(value)
        try:
            moved = moment(value) + timedelta(days=days)
        except OverflowError:
            raise FieldFailed(f"{shown(value)} moved by {days} days is no date") from None
        written = _written(moved)
        return written if len(text) > 10 else written[:10]

    return step


def not_before(earliest: Reader) -> Step:
    """Return what replaces a date that is too early; without an earliest date it does nothing."""

    def step(value: Any, run: Run) -> Any:
        limit = earliest(run)
        if limit is None or moment(value) >= moment(limit):
            return value
        written = _written(moment(limit))
        return written if len(as_text(value)) > 10 else written[:10]

    return step


def cut_at(length: int) -> Step:
    """Return what cuts text, with a note."""
    return lambda value, run: shorten(as_text(value), length, run)


def moment(value: Any) -> datetime:
    """Read a date or a moment; without a time zone it is UTC.

    Raises:
        FieldFailed: It is neither.
    """
    try:
        read = datetime.fromisoformat(as_text(value))
        if read.tzinfo is None:
            return read.replace(tzinfo=UTC)
        return read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise FieldFailed(f"{shown(value)} is no date") from None


def _written(when: datetime) -> str:
    """Write a moment as payloads hold it: ``strftime`` would write the year 202 with 3 digits."""
    return f"{when.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _number(value: Any) -> Decimal:
    """Read a number of ordinary size."""
    if not isinstance(value, bool):
        try:
            number = Decimal(as_text(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite() and abs(number) < Decimal(10) ** 15:
            return number
    raise FieldFailed(f"{shown(value)} is no number")
