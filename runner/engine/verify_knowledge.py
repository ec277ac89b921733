"""Compare the knowledge base with what the Help Center says: places, titles, texts, files, dates.

Records are walked in the order of an apply, because titles that are equal in Kayako get their
numbers in that order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import knowledge
from runner.engine.change import Action, Change, plain
from runner.engine.knowledge_beside import ANSWERS, CATEGORIES, SOURCES, look
from runner.engine.knowledge_texts import flat
from runner.engine.parts import last_part
from runner.engine.verified import Kind, Verified
from runner.engine.verify_answer import compare as compare_answer
from runner.errors import Interrupted, RecordError
from runner.zammad import kept

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

    from runner.engine.world import World
    from runner.zammad.client import Zammad
    from runner.zammad.knowledge_base import Row

    Progress = Callable[[str, int, int | None], None]

_PLAIN = ("promoted", "internal_note")
_TIMES = ("internal_at", "published_at", "created_at", "updated_at")


def compare(
    world: World,
    zammad: Zammad,
    result: Verified,
    *,
    progress: Progress,
    stop: threading.Event,
) -> None:
    """Compare categories, sections and answers; nothing is written.

    Raises:
        Interrupted: ``stop`` was set.
    """
    for entity in SOURCES:
        step = _Step(world, zammad, result, entity)
        total = world.snapshot.count(SOURCES[entity])
        for number, record in enumerate(world.snapshot.records(SOURCES[entity]), start=1):
            if stop.is_set():
                raise Interrupted(
                    "stopped; nothing was written", advice="run the same command again"
                )
            step.record(record)
            progress(entity, number, total)
        step.rest()


class _Step:
    """One of the three entities."""

    def __init__(self, world: World, zammad: Zammad, result: Verified, entity: str) -> None:
        self._world = world
        self._zammad = zammad
        self._result = result
        self._entity = entity
        self._table = world.ledger.table(entity)
        self._part = last_part(world.ledger.runs())
        held = look(world).held
        self._rows = held.answers if entity == ANSWERS else held.categories
        result.count(entity, "wanted", 0)

    def record(self, record: dict[str, Any]) -> None:
        """Compare one record of Kayako's."""
        change = knowledge.of_record(self._world, self._entity, record, whole=True)
        known = self._table.get(change.source_id) or {}
        target_id = known.get("target_id")
        if change.action in {Action.SKIP, Action.FAIL}:
            self._left_out(change, target_id)
            return
        if known.get("status") == "failed":
            self._result.count(self._entity, "failed")
            return
        if not known and self._part:
            self._result.not_due(self._entity, self._part)
            return
        self._result.count(self._entity, "wanted")
        row = self._rows.get(target_id) if target_id is not None else None
        if row is None:
            self._differs(change, "record", Kind.MISSING, wanted=change.label)
            return
        self._result.count(self._entity, "there")
        self._result.look(self._entity)
        if not known.get("adopted"):
            self._compare(change, known, row)

    def rest(self) -> None:
        """Count what nobody in Kayako stands behind (any more)."""
        gone = {str(number) for number in self._world.snapshot.gone(SOURCES[self._entity])}
        for document in self._table:
            source_id = document["source_id"]
            if document.get("target_id") is None or (source_id.isdigit() and source_id not in gone):
                continue
            word = "gone" if source_id in gone else "there"
            self._result.count(self._entity, word)
            if word == "there":
                self._result.count(self._entity, "wanted")
            if document["target_id"] not in self._rows:
                change = Change(
                    self._entity, source_id, Action.UNCHANGED, target_id=document["target_id"]
                )
                self._differs(change, "record", Kind.MISSING)
        tables = [ANSWERS] if self._entity == ANSWERS else [CATEGORIES, "kb_sections"]
        ours = {
            document.get("target_id")
            for name in tables
            for document in self._world.ledger.table(name)
        }
        if self._entity in {ANSWERS, CATEGORIES}:
            self._result.count(self._entity, "not ours", len(self._rows.keys() - ours))

    def _left_out(self, change: Change, target_id: int | None) -> None:
        if target_id is None or target_id not in self._rows:
            word = "skipped" if change.action is Action.SKIP else "failed"
            self._result.count(self._entity, word)
            return
        kind = Kind.EXTRA if change.action is Action.SKIP else Kind.OUTDATED
        self._differs(change, "record", kind, wanted=change.reason, there=target_id)

    def _compare(self, change: Change, known: dict[str, Any], row: Row) -> None:
        """Compare the values of a record, and the texts and files of an answer."""
        before, wanted = flat(known.get("applied") or {}), flat(change.payload)
        for name, one, other in self._values(change, row):
            kind = Kind.OUTDATED if before.get(name) != wanted.get(name) else Kind.CHANGED
            self._differs(change, name, kind, wanted=one, there=other)
        if self._entity != ANSWERS:
            return
        try:
            found = list(compare_answer(self._world, self._zammad, self._result, change))
        except RecordError as error:
            self._differs(change, "record", Kind.UNREADABLE, there=str(error))
            return
        for name, kind, one, other in found:
            old = name.startswith("body ") and before.get(name) != wanted.get(name)
            what = Kind.OUTDATED if old else kind
            self._differs(change, name, what, wanted=one, there=other)

    def _values(self, change: Change, row: Row) -> Iterator[tuple[str, Any, Any]]:
        """Yield name, wanted and there of each value that differs."""
        payload = change.payload
        for code, text in payload["texts"].items():
            there = (row["texts"].get(code) or {}).get("title")
            if there != text["title"]:
                yield f"title {code}", text["title"], there
        name = "category" if self._entity == ANSWERS else "parent"
        place = payload.get(name)
        above = None if place is None else self._world.target_id(place)
        if row[f"{name}_id"] != above:
            yield name, {"ref": plain(place), "id": above}, {"id": row[f"{name}_id"]}
        if self._entity != ANSWERS:
            if row["category_icon"] != payload["icon"]:
                yield "icon", payload["icon"], row["category_icon"]
            return
        yield from _of_answer(payload, row)

    def _differs(
        self, change: Change, field: str, kind: Kind, *, wanted: Any = None, there: Any = None
    ) -> None:
        known = self._table.get(change.source_id) or {}
        self._result.differs(
            self._entity,
            change.source_id,
            known.get("target_id"),
            field,
            kind,
            wanted=wanted,
            there=there,
        )


def _of_answer(payload: dict[str, Any], row: Row) -> Iterator[tuple[str, Any, Any]]:
    """Yield the plain values, dates and tags of an answer that differ."""
    for name in _PLAIN:
        if name in payload and (row.get(name) or "") != (payload[name] or ""):
            yield name, payload[name], row.get(name)
    for name in _TIMES:
        one, other = payload.get(name), row.get(name)
        known_time = name not in {"created_at", "updated_at"} or one is not None
        if known_time and kept.moment(str(one)) != kept.moment(str(other)):
            yield name, one, other
    wanted, there = sorted(payload.get("tags") or []), sorted(row.get("tags") or [])
    if set(wanted) - set(there):
        yield "tags", wanted, there
