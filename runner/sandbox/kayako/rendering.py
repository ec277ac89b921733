"""Records as Kayako's pretty-printed JSON, nested ones expanded as the request asks.

A nested record is written in full when its type is in ``include``, as a reference otherwise
(kayako-api.md §7). Text is built directly and shared records are kept as text, because a page of
conversations repeats the same people and fields hundreds of times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as quote
from typing import Any

from runner.sandbox.data.table import Key, Record

Find = Callable[[str, Key], Record | None]

_STEP = "    "
_KEPT_TEXTS = 4000
_CONSTANTS = {None: "null", True: "true", False: "false"}
_OPTIONAL = {"case": frozenset({"tags"})}
"""Keys that an answer has only when ``fields=+NAME`` asks for them."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The parameter ``fields``: what to add, to leave out, or to give alone (None: everything)."""

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    only: frozenset[str] | None = None

    @classmethod
    def parse(cls, text: str) -> Fields:
        """Read ``+tags,-portal`` or ``id,subject``; what stands in brackets is not looked at."""
        names = [name.split("(")[0] for name in text.split(",") if name.strip()]
        plain = {name.strip() for name in names if name[0] not in "+-"} - {"*"}
        return cls(
            frozenset(name[1:] for name in names if name[0] == "+"),
            frozenset(name[1:] for name in names if name[0] == "-"),
            frozenset(plain | {"id", "resource_type"}) if plain else None,
        )

    def apply(self, record: Record) -> Record:
        """The keys of a listed record that the request wants."""
        optional = _OPTIONAL.get(record["resource_type"], frozenset())
        if self.only is not None:
            return {key: value for key, value in record.items() if key in self.only}
        dropped = (optional - self.added) | self.removed
        if not dropped:
            return record
        return {key: value for key, value in record.items() if key not in dropped}


class Renderer:
    """Writes records for one choice of ``include`` and ``fields``.

    Args:
        find: looks a referenced record up; None when it leads nowhere.
        include: the value of the parameter: resource types with commas, or ``*`` for all.
        fields: the value of the parameter ``fields``.
    """

    def __init__(self, find: Find, include: str = "", fields: str = "") -> None:
        self._find = find
        self._all = include == "*"
        self._include = frozenset(name.strip() for name in include.split(","))
        self._fields = Fields.parse(fields)
        self._texts: dict[tuple[str, Key, int], str] = {}

    def records(self, records: list[Record], depth: int = 1) -> str:
        """A list of records, as the value of ``data``."""
        pad = "\n" + _STEP * depth
        return self._list([self._fields.apply(record) for record in records], pad, listed=True)

    def record(self, record: Record, depth: int = 1) -> str:
        """One record, as the value of ``data``."""
        return self._members(self._fields.apply(record), "\n" + _STEP * depth)

    def value(self, value: Any, depth: int = 1) -> str:
        """Any JSON value that is not a record."""
        return self._text(value, "\n" + _STEP * depth)

    def _text(self, value: Any, pad: str) -> str:
        if isinstance(value, str):
            return quote(value)
        if value is None or value is True or value is False:
            return _CONSTANTS[value]
        if isinstance(value, dict):
            return self._object(value, pad)
        if isinstance(value, list):
            return self._list(value, pad)
        return repr(value)

    def _list(self, values: list[Any], pad: str, *, listed: bool = False) -> str:
        if not values:
            return "[]"
        inner = pad + _STEP
        write = self._members if listed else self._text
        return "[" + ",".join([inner + write(value, inner) for value in values]) + pad + "]"

    def _members(self, record: Record, pad: str) -> str:
        if not record:
            return "{}"
        inner = pad + _STEP
        text = self._text
        parts = [
            f'{inner}"{key}": {quote(value) if isinstance(value, str) else text(value, inner)}'
            for key, value in record.items()
        ]
        return "{" + ",".join(parts) + pad + "}"

    def _object(self, record: Record, pad: str) -> str:
        kind = record.get("resource_type")
        if kind is None:
            return self._members(record, pad)
        key = record["id"] if "id" in record else record.get("uuid")
        if key is None:
            return self._members(record, pad)
        if len(record) > 2:
            if self._all or kind in self._include:
                return self._members(record, pad)
            record = {"id" if "id" in record else "uuid": key, "resource_type": kind}
        place = (kind, key, len(pad))
        text = self._texts.get(place)
        if text is None:
            full = self._find(kind, key) if self._all or kind in self._include else None
            text = self._members(record if full is None else full, pad)
            if len(self._texts) >= _KEPT_TEXTS:
                self._texts.clear()
            self._texts[place] = text
        return text
