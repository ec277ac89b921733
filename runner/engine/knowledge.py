"""Changes of the knowledge base: categories, sections inside them, answers, in all languages."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from runner.engine import links
from runner.engine.change import Action, Change, Difference, plain
from runner.engine.knowledge_beside import (
    ANSWERS,
    SECTIONS,
    SOURCES,
    Draft,
    look,
    primary,
    titled,
    twin_of,
)
from runner.engine.knowledge_conflicts import conflicts
from runner.engine.knowledge_texts import Text, flat, texts_of
from runner.engine.world import NAMED
from runner.ledger import fingerprint
from runner.mapping.model import Note, Reference
from runner.mapping.transform import transform
from runner.snapshot.beside import ARTICLE_FILES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.engine.world import World

_NEVER_CHANGED = {"created_at", "name"}


def changes(world: World, entity: str) -> Iterator[Change]:
    """Yield the change of every record of an entity, each after the category that it names."""
    for record in world.snapshot.records(SOURCES[entity]):
        change = of_record(world, entity, record)
        named = list(_named(world, change))
        yield from named
        # What it lies in may be there already, with answers of its own beside this one.
        yield of_record(world, entity, record) if named else change


def of_record(
    world: World, entity: str, record: Mapping[str, Any], *, whole: bool = False
) -> Change:
    """Return what happens to one category, section or article.

    With ``whole`` it is what it should be, as if nothing of it were in Zammad yet.
    """
    source_id = str(record["id"])
    label = str(record.get("title") or "")
    why_not = look(world).held.why_not
    if why_not:
        return Change(entity, source_id, Action.SKIP, why_not, label=label)
    outcome = transform(world.mappings, entity, record, go_live=world.go_live)
    if outcome.skip is not None:
        return Change(
            entity, source_id, Action.SKIP, outcome.skip, label=label, notes=outcome.notes
        )
    texts, notes, failures = texts_of(world, record, look(world).held)
    notes = [*outcome.notes, *notes]
    failures = [*outcome.failures, *failures]
    if failures:
        return Change(
            entity, source_id, Action.FAIL, "; ".join(failures), label=label, notes=tuple(notes)
        )
    payload = _published(world, dict(outcome.payload))
    if entity == ANSWERS:
        texts = [
            _linked(world, source_id, text, notes)
            for text in _say_what_is_missing(payload, texts, notes)
        ]
        if files_unread(world, record):
            # Nothing is lost that nobody has asked for yet.
            notes = [note for note in notes if note.kind not in {"missing", "replaced"}]
    else:
        texts = [Text(text.code, text.title) for text in texts]
    return _of_draft(world, Draft(entity, source_id, payload, texts, notes), whole=whole)


def _linked(world: World, source_id: str, text: Text, notes: list[Note]) -> Text:
    """Lead the links of a text to Zammad, and remember whose texts lead to other answers."""
    body, leads_to_answers = links.in_answer(world, text.code, text.body or "", notes)
    if leads_to_answers:
        look(world).linking.add(source_id)
    return Text(text.code, text.title, body)


def files_unread(world: World, record: Mapping[str, Any]) -> bool:
    """Tell whether an article has files that were never asked for."""
    shown = any(item.get("images") for item in record["translations"])
    asked = world.snapshot.beside.answered(ARTICLE_FILES, record["id"])
    return bool(record["attachments"] or shown) and not asked


def _published(world: World, payload: dict[str, Any]) -> dict[str, Any]:
    """Keep everything among agents unless the configuration lets the world see it."""
    if world.publish == "internal" and "published_at" in payload:
        payload["internal_at"] = payload.pop("published_at")
    return payload


def _of_draft(world: World, draft: Draft, *, reason: str = "", whole: bool = False) -> Change:
    """Give the texts titles of their own, and compare with what the ledger says was written."""
    entity, source_id, payload = draft.entity, draft.source_id, draft.payload
    known = world.ledger.table(entity).get(source_id)
    twin = None if known and known.get("target_id") else twin_of(world, draft)
    texts = titled(world, draft, adopts=twin)
    payload |= {"name": texts[0].title, "texts": {text.code: text.as_json() for text in texts}}
    _tell_of_languages(world, draft)
    base: dict[str, Any] = {
        "entity": entity,
        "source_id": source_id,
        "label": texts[0].title,
        "payload": payload,
        "fingerprint": fingerprint(plain(payload)),
        "notes": tuple(draft.notes),
    }
    if whole or known is None or known["status"] in {"skipped", "failed"}:
        if twin is not None and not whole:
            _take(world, draft, twin)
            return Change(
                action=Action.UNCHANGED, reason="adopted", target_id=twin, adopted=True, **base
            )
        return Change(action=Action.CREATE, reason=reason, **base)
    if known["status"] in {"intended", "partial"}:
        return Change(
            action=Action.CREATE,
            reason="an interrupted run may have sent it",
            resume=True,
            target_id=known.get("target_id"),
            **base,
        )
    return _known(world, base, known)


def _take(world: World, draft: Draft, twin: int) -> None:
    """Remember that a category of Zammad's stands for a record from now on."""
    mark = "" if draft.source_id.startswith(NAMED) else "/"
    look(world).taken[twin] = draft.source_id
    look(world).adopted[f"{draft.entity}{mark}{draft.source_id}"] = twin


def _known(world: World, base: dict[str, Any], known: Mapping[str, Any]) -> Change:
    """A record that an earlier run moved: only what changed since is written."""
    adopted = bool(known.get("adopted"))
    if adopted or known.get("fingerprint") == base["fingerprint"]:
        return Change(
            action=Action.UNCHANGED,
            reason="adopted" if adopted else "",
            target_id=known["target_id"],
            adopted=adopted,
            **base,
        )
    before, after = flat(known.get("applied") or {}), flat(base["payload"])
    differences = [
        Difference(name, before.get(name), after.get(name))
        for name in (*after, *(name for name in before if name not in after))
        if name not in _NEVER_CHANGED and before.get(name) != after.get(name)
    ]
    texts = base["payload"]["texts"]
    kept = conflicts(world, base["entity"], known, differences, texts)
    written = {d.field: d.after for d in differences if d not in kept}
    return Change(
        action=Action.UPDATE if written else Action.UNCHANGED,
        reason="conflict" if kept else "",
        target_id=known["target_id"],
        fields=written,
        differences=tuple(d for d in differences if d not in kept),
        conflicts=tuple(kept),
        **base,
    )


def _named(world: World, change: Change) -> Iterator[Change]:
    """Yield the category that a mapping names and that nothing in Kayako stands behind."""
    place = change.payload.get("category")
    if not isinstance(place, Reference) or place.source_id is not None:
        return
    name = str(place.name)
    source_id = f"{NAMED}{name}"
    document = world.ledger.table(SECTIONS).get(source_id)
    promise = f"{SECTIONS}/{source_id}"
    if promise in world.promised or (document and document["status"] == "done"):
        return
    world.promised.add(promise)
    draft = Draft(SECTIONS, source_id, {"icon": "f115"}, [Text(primary(world), name)], [])
    yield _of_draft(world, draft, reason="named in a mapping, not in Zammad yet")


def _tell_of_languages(world: World, draft: Draft) -> None:
    """Say once of each language that the knowledge base does not have yet."""
    knowledge = look(world)
    for text in draft.texts:
        if text.code in knowledge.held.locales or text.code in knowledge.told:
            continue
        knowledge.told.add(text.code)
        draft.notes.append(
            Note("created", "locale", f"the knowledge base gets the language {text.code}")
        )


def _say_what_is_missing(
    payload: Mapping[str, Any], texts: list[Text], notes: list[Note]
) -> list[Text]:
    """Put a line under each text for every file that Kayako did not hand out."""
    lines = ""
    for file in payload.get("attachments") or ():
        if file.get("sha256"):
            continue
        name, why = file.get("name") or "attachment", file.get("error") or "not read"
        notes.append(Note("missing", "attachments", f"{name}: {why}"))
        words = f"[Attachment {name} could not be read from Kayako: {why}]"
        lines += f"<p>{html.escape(words)}</p>"
    return [Text(text.code, text.title, f"{text.body}{lines}") for text in texts]
