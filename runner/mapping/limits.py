"""What Zammad's fields take (``schemas/targets.json``), applied before anything is sent.

Zammad cuts over-long text, turns wrong kinds into zeros and drops what it does not know, all with
a success status; so the limits are kept here, and what they do to a value is noted.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner import resources
from runner.mapping.model import NOBODY, UNKNOWN_PERSON, Reference
from runner.mapping.running import FieldFailed, Run, as_text, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BREAKS = re.compile(r"[\r\n\t\v\f\u2028\u2029]+")
_HALF = re.compile(r"(?:<[^<>]*|&[#\w]{0,9})\Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)\Z")


@dataclass(frozen=True, slots=True)
class Target:
    """One field of a Zammad object: see ``schemas/targets.json``."""

    name: str
    type: str
    description: str = ""
    max_length: int | None = None
    reference: str | None = None
    deferred: bool = False
    ownership: bool = False
    console: bool = False
    required: bool = False


@functools.cache
def targets(zammad: str) -> Mapping[str, Target]:
    """Return the fields of a Zammad object (group, organization, user, ticket, …)."""
    text = (resources.path("schemas") / "targets.json").read_text(encoding="utf-8")
    fields = json.loads(text).get(zammad, {})
    return {name: Target(name=name, **about) for name, about in fields.items()}


def deferred_fields(zammad: str) -> frozenset[str]:
    """Return the fields of a Zammad object that only ``finish`` writes."""
    return frozenset(name for name, target in targets(zammad).items() if target.deferred)


def console_fields(zammad: str) -> frozenset[str]:
    """Return the fields of a Zammad object that no request can set: the console script does."""
    return frozenset(name for name, target in targets(zammad).items() if target.console)


def literal(target: Target, value: Any) -> Any:
    """Turn a value that a mapping file gives into a payload's: names into references.

    Args:
        target: The field that it is for.
        value: A Zammad value, a list of them, or a reserved word.

    Returns:
        The value; None for ``nothing``.
    """
    if isinstance(value, list):
        items = [literal(target, item) for item in value]
        return [item for item in items if item is not None]
    if value is None or value in ("", "nothing"):
        return None
    if target.reference is None or isinstance(value, Reference):
        return value
    if target.reference == "users":
        if value in ("nobody", "system"):
            return Reference("users", name=NOBODY)
        if value == "placeholder":
            return Reference("users", name=UNKNOWN_PERSON, placeholder=True)
    return Reference(target.reference, name=as_text(value))


def fit(target: Target) -> Callable[[Any, Run], Any]:
    """Return what makes a value fit its field, or fails."""
    if target.type in ("line", "text", "html"):
        return functools.partial(_text, target)
    if target.type == "list":
        return functools.partial(_list, target)
    if target.type in ("reference", "references"):
        return functools.partial(_reference, target)
    return {"boolean": _boolean, "integer": _integer, "datetime": _datetime}.get(
        target.type, _unchanged
    )


def shorten(text: str, length: int, run: Run) -> str:
    """Cut text that is too long, and note it."""
    if len(text) <= length:
        return text
    run.note("cut", f"{len(text)} characters cut to {length}")
    return text[:length]


def _text(target: Target, value: Any, run: Run) -> str | None:
    text = value if isinstance(value, str) else as_text(value)
    if target.type == "line":
        if _BREAKS.search(text):
            text = _BREAKS.sub(" ", text)
        text = text.strip()
    if target.max_length is not None and len(text) > target.max_length:
        text = shorten(text, target.max_length, run)
        if target.type == "html":
            # Half a tag, or half a sign, would take what stands before it along.
            text = _HALF.sub("", text)
    return text or None


def _list(target: Target, value: Any, run: Run) -> list[str]:
    line = Target(target.name, "line", max_length=target.max_length)
    texts = [_text(line, item, run) for item in (value if isinstance(value, list) else [value])]
    return list(dict.fromkeys(text for text in texts if text))


def _reference(target: Target, value: Any, _run: Run) -> Any:
    if target.type == "references":
        items = value if isinstance(value, list) else [value]
        found = {str(item): item for item in (literal(target, item) for item in items) if item}
        return list(found.values())
    if isinstance(value, list):
        if len(value) != 1:
            raise FieldFailed(f"takes one value, not a list: {shown(value)}")
        return literal(target, value[0])
    return literal(target, value)


def _boolean(value: Any, _run: Run) -> bool:
    if isinstance(value, bool):
        return value
    raise FieldFailed(f"takes true or false, not {shown(value)} (as: boolean turns words into it)")


def _integer(value: Any, _run: Run) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise FieldFailed(f"takes a whole number, not {shown(value)} (as: integer turns text into it)")


def _datetime(value: Any, _run: Run) -> str:
    text = value if isinstance(value, str) else as_text(value)
    if _MOMENT.match(text):
        return text
    if _DAY.match(text):
        return f"{text}T00:00:00Z"
    raise FieldFailed(f"takes a date with time, not {shown(value)}")


def _unchanged(value: Any, _run: Run) -> Any:
    return value
