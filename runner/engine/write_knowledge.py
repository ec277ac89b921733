"""Carrying out the change of a category or an answer of the knowledge base.

Nothing is read before a write on the happy path. What an earlier run may have sent, or what was
sent and not answered, is looked up by its place and title before anything is sent again; files
are compared with those that are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import results
from runner.engine.change import Action, Change
from runner.engine.knowledge import files_unread
from runner.engine.knowledge_beside import ANSWERS, look
from runner.engine.knowledge_conflicts import shown
from runner.engine.knowledge_files import sync
from runner.engine.knowledge_setup import prepare
from runner.engine.knowledge_texts import flat, slim
from runner.engine.ownership import is_ours, made_since
from runner.engine.past import check_kept
from runner.errors import OutcomeUnknown, RecordError
from runner.zammad import articles, knowledge_base

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runner.engine.world import World
    from runner.zammad.client import Zammad
    from runner.zammad.knowledge_base import Row

_ATTEMPTS = 3
_PLAIN = ("promoted", "internal_note", "internal_at", "published_at")


def write(world: World, zammad: Zammad, change: Change) -> dict[str, Any]:
    """Bring one category or answer to Zammad and return its ledger document."""
    known = world.ledger.table(change.entity).get(change.source_id)
    if change.adopted:
        return _document(change, int(change.target_id or 0), known, {})
    prepare(world, zammad, change)
    if change.entity == ANSWERS:
        return _answer(world, zammad, change, known)
    target_id, names = change.target_id, set(change.fields)
    if change.action is Action.CREATE:
        target_id = _arrived(world, zammad, change) if change.resume else None
        if target_id is None:
            body = _category(world, change, {}, None)
            path = f"{look(world).held.place}/categories"
            target_id = _sent(world, zammad, change, lambda: zammad.create(path, body)["id"])
            return _document(change, target_id, known, {})
        names = set(flat(change.payload))
    _recategorized(world, zammad, change, int(target_id or 0), names)
    return _document(change, int(target_id or 0), known, {})


def _recategorized(
    world: World, zammad: Zammad, change: Change, category_id: int, names: set[str]
) -> None:
    """Write what changed of a category that is there."""
    held = look(world).held
    path = f"{held.place}/categories/{category_id}"
    attempt = 0
    while True:
        attempt += 1
        body = _category(world, change, held.categories[category_id]["texts"], names)
        try:
            zammad.patch(path, body, adds=True)
        except OutcomeUnknown:
            # A language that was added is not added twice.
            if attempt == _ATTEMPTS:
                raise
            held.categories = knowledge_base.read(zammad).categories
        else:
            return


def _category(
    world: World, change: Change, there: Mapping[str, Row], names: set[str] | None
) -> dict[str, Any]:
    """Return a category as Zammad takes it; with ``names`` only what they name."""
    payload = change.payload
    body: dict[str, Any] = {}
    if names is None or "icon" in names:
        body["category_icon"] = payload["icon"]
    if names is None or "parent" in names:
        parent = payload.get("parent")
        body["parent_id"] = None if parent is None else world.resolve(parent)
    texts = _translations(world, change, there, names)
    return body | ({"translations_attributes": texts} if texts else {})


def _translations(
    world: World, change: Change, there: Mapping[str, Row], names: set[str] | None = None
) -> list[dict[str, Any]]:
    """Return the texts as Zammad takes them: those that are there by their id."""
    held = look(world).held
    items = []
    for code, text in change.payload["texts"].items():
        item: dict[str, Any] = {}
        known = there.get(code)
        if known is None or names is None or f"title {code}" in names:
            item["title"] = text["title"]
        if "body" in text and (known is None or names is None or f"body {code}" in names):
            item["content_attributes"] = {"body": _body(world, text["body"])}
        if not item:
            continue
        if known is not None:
            item["id"] = known["id"]
        else:
            item["kb_locale_id"] = held.locales[code]
            if "created_at" in change.payload:
                item["created_at"] = change.payload["created_at"]
        items.append(item)
    return items


def _body(world: World, text: str) -> str:
    return str(articles.build({"body": text}, world.snapshot.whole_file)["body"])


def _answer(
    world: World, zammad: Zammad, change: Change, known: Mapping[str, Any] | None
) -> dict[str, Any]:
    held = look(world).held
    record = world.snapshot.record("articles", change.source_id)
    if record is not None and files_unread(world, record):
        raise RecordError(
            "its files were never pulled",
            advice="leave --no-pull, or run migrate pull first",
        )
    children: dict[str, Any] = dict((known or {}).get("children") or {})
    if change.action is Action.CREATE:
        answer_id = change.target_id
        if answer_id is None and change.resume:
            answer_id = _arrived(world, zammad, change)
        if answer_id is None:
            answer_id, row = _posted(world, zammad, change)
        else:
            row = _rewritten(world, zammad, change, answer_id, None)
        children["shown"] = _shown(row)
        world.ledger.table(ANSWERS).put(
            {**results.partial(change, answer_id, {}), "children": children}
        )
        before: list[str] = []
    else:
        answer_id = int(change.target_id or 0)
        row = _rewritten(world, zammad, change, answer_id, set(change.fields))
        # Of a text that somebody else changed, what we wrote is remembered, not what is there.
        written = {
            code: mark for code, mark in _shown(row).items() if f"body {code}" in change.fields
        }
        children["shown"] = {**children.get("shown", {}), **written}
        before = ((known or {}).get("applied") or {}).get("tags") or []
    children["texts"] = {code: text["id"] for code, text in row["texts"].items()}
    children["files"] = sync(
        world, zammad, change, row, children.get("files") or {}, trusted=known is None
    )
    after = change.payload.get("tags") or []
    for tag in [tag for tag in after if tag not in before]:
        zammad.add_tag(answer_id, tag, kind="KnowledgeBase::Answer")
    for tag in [tag for tag in before if tag not in after]:
        zammad.remove_tag(answer_id, tag, kind="KnowledgeBase::Answer")
    if "updated_at" in change.payload:
        # Last of all: files and tags moved it; the category has to be named (recorded, 6.5).
        last = {"category_id": row["category_id"], "updated_at": change.payload["updated_at"]}
        zammad.patch(f"{held.place}/answers/{answer_id}", last)
    return _document(change, answer_id, known, children)


def _posted(world: World, zammad: Zammad, change: Change) -> tuple[int, Row]:
    payload = change.payload
    body = {name: payload[name] for name in (*_PLAIN, "created_at") if name in payload}
    body |= {
        "category_id": world.resolve(payload["category"]),
        "translations_attributes": _translations(world, change, {}),
    }
    held = look(world).held

    def send() -> int:
        answer = zammad.create(f"{held.place}/answers", body)
        rows.append(knowledge_base.row_of(held, answer["assets"], answer["id"]))
        return int(answer["id"])

    rows: list[Row] = []
    answer_id = _sent(world, zammad, change, send)
    row = rows[0] if rows else knowledge_base.answer(zammad, held, answer_id)
    check_kept(zammad, body, row, f"article {change.source_id}")
    return answer_id, row


def _rewritten(
    world: World, zammad: Zammad, change: Change, answer_id: int, names: set[str] | None
) -> Row:
    """Write what changed of an answer that is there (all of it without ``names``)."""
    held, payload = look(world).held, change.payload
    attempt = 0
    while True:
        attempt += 1
        row = knowledge_base.answer(zammad, held, answer_id)
        body = {
            name: payload.get(name)
            for name in _PLAIN
            if (name in payload if names is None else name in names)
        }
        texts = _translations(world, change, row["texts"], names)
        moved = names is None or "category" in names
        place = world.resolve(payload["category"]) if moved else row["category_id"]
        if not body and not texts and place == row["category_id"]:
            return row
        body |= {"category_id": place, **({"translations_attributes": texts} if texts else {})}
        try:
            zammad.patch(f"{held.place}/answers/{answer_id}", body, adds=True)
        except OutcomeUnknown:
            # What it has by now is read again: a language that was added is not added twice.
            if attempt == _ATTEMPTS:
                raise
        else:
            return knowledge_base.answer(zammad, held, answer_id)


def _shown(row: Row) -> dict[str, str]:
    """Return digests of what Zammad shows, to know later whether somebody changed it."""
    texts = row["texts"].items()
    return {code: shown(text["body"]) for code, text in texts if text.get("body")}


def _sent(world: World, zammad: Zammad, change: Change, send: Callable[[], int]) -> int:
    """Send; where the outcome is not known, look for the record before sending it again."""
    attempt = 0
    while True:
        attempt += 1
        try:
            return int(send())
        except OutcomeUnknown:
            found = _arrived(world, zammad, change)
            if found is not None:
                return found
            if attempt == _ATTEMPTS:
                raise


def _arrived(world: World, zammad: Zammad, change: Change) -> int | None:
    """Return the record that an earlier attempt made, by its place and titles."""
    fresh = knowledge_base.read(zammad)
    known = world.ledger.table(change.entity).get(change.source_id) or {}
    place = change.payload.get("category" if change.entity == ANSWERS else "parent")
    above = None if place is None else world.resolve(place)
    rows = fresh.answers if change.entity == ANSWERS else fresh.categories
    column = "category_id" if change.entity == ANSWERS else "parent_id"
    name = str((known.get("applied") or {}).get("name", change.payload["name"])).casefold()
    for row in rows.values():
        titles = {title for _, title in knowledge_base.titles([row])}
        if row[column] != above or name not in titles:
            continue
        if is_ours(known, row):
            look(world).held.categories.update(fresh.categories)
            return int(row["id"])
        if change.entity == ANSWERS and _is_misdated(change, known, row):
            zammad.delete(f"{fresh.place}/answers/{row['id']}")
    return None


def _is_misdated(change: Change, known: Mapping[str, Any], row: Row) -> bool:
    """Say whether we wrote an answer while import mode was off: it is made anew."""
    note = change.payload.get("internal_note")
    same = note is not None and row.get("internal_note") == note
    return same and "at" in known and made_since(known, row.get("created_at"))


def _document(
    change: Change,
    target_id: int,
    known: Mapping[str, Any] | None,
    children: dict[str, Any],
) -> dict[str, Any]:
    document = results.done(change, target_id, known=known)
    document["applied"] = slim(document["applied"])
    if known is not None and known.get("status") == "done":
        _keep_conflicts(change, known, document["applied"])
    document["deferred"] = {"values": {}, "written": True}
    if change.conflicts:
        document["fingerprint"] = ""  # so that the next run says it again
    return {**document, "children": children} if children else document


def _keep_conflicts(change: Change, known: Mapping[str, Any], applied: dict[str, Any]) -> None:
    """Let the ledger go on saying what was written where somebody else's change stays."""
    before = known.get("applied") or {}
    for conflict in change.conflicts:
        kind, _, code = conflict.field.partition(" ")
        applied.pop(conflict.field, None)
        if not code:
            applied[kind] = before.get(kind)
            continue
        name = "sha256" if kind == "body" else kind
        texts, old = applied.get("texts", {}), (before.get("texts") or {}).get(code) or {}
        if code in texts and name in old:
            texts[code][name] = old[name]
