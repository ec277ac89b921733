"""Titles and bodies by language, and a payload laid flat for comparing it field by field."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.engine.change import plain
from runner.mapping.model import Note
from runner.mapping.transform import transform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.engine.world import World
    from runner.zammad.knowledge_base import Held


@dataclass(frozen=True, slots=True)
class Text:
    """What something says in one language; ``code`` is Zammad's. Categories have no body."""

    code: str
    title: str
    body: str | None = None

    def as_json(self) -> dict[str, str]:
        """Return it as part of a payload."""
        return {"title": self.title, **({} if self.body is None else {"body": self.body})}


def texts_of(
    world: World, record: Mapping[str, Any], held: Held
) -> tuple[list[Text], list[Note], list[str]]:
    """Return the texts of a record in languages that Zammad knows, notes, and what fails.

    There is at least one text where nothing fails: what is in no language that Zammad knows comes
    in the one that the knowledge base falls back to.
    """
    found: dict[str, Text] = {}
    unknown: list[Text] = []
    notes: list[Note] = []
    failures: list[str] = []
    for item in record["translations"]:
        outcome = transform(world.mappings, "kb_texts", item, parent=record, go_live=world.go_live)
        notes += outcome.notes
        if outcome.skip is not None or outcome.failures:
            failures += outcome.failures
            continue
        text = _text(outcome.payload)
        if not item["title"]:
            words = f"{text.code}: Kayako has no title; {text.title} is taken"
            notes.append(Note("defaulted", "title", words))
        if held.system and text.code not in held.system:
            unknown.append(text)
        elif text.code in found:
            words = f"{item['language']}: there is another text in {text.code}; it is left out"
            notes.append(Note("dropped", "locale", words))
        else:
            found[text.code] = text
    if not found and not failures:
        found = _fall_back(unknown, held, notes)
        if not found:
            failures.append("locale: no text is left in any language")
    for text in unknown:
        if text.title not in {one.title for one in found.values()}:
            words = f"Zammad does not know the language {text.code}: {text.title} is left out"
            notes.append(Note("dropped", "locale", words))
    return list(found.values()), notes, failures


def _fall_back(unknown: list[Text], held: Held, notes: list[Note]) -> dict[str, Text]:
    """Put a text of an unknown language under the one that readers fall back to."""
    if not unknown:
        return {}
    first, code = unknown[0], held.primary or "en-us"
    words = f"Zammad does not know the language {first.code}: the text is put under {code}"
    notes.append(Note("converted", "locale", words))
    return {code: Text(code, first.title, first.body)}


def _text(payload: Mapping[str, Any]) -> Text:
    return Text(payload["locale"], payload["title"], payload.get("body") or "")


def flat(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload as plain values by name: ``title fr-fr``, ``body fr-fr`` as a digest.

    Takes a payload as transform made it, and one that ``slim`` made for the ledger.
    """
    values: dict[str, Any] = plain(
        {name: value for name, value in payload.items() if name != "texts"}
    )
    if "attachments" in values:
        values["attachments"] = [
            [file.get("name"), file["sha256"]]
            for file in values["attachments"]
            if file.get("sha256")
        ]
    for code, text in (payload.get("texts") or {}).items():
        values[f"title {code}"] = text["title"]
        if text.get("body") is not None:
            values[f"body {code}"] = sha256(text["body"])
        elif text.get("sha256"):
            values[f"body {code}"] = text["sha256"]
    return values


def slim(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload for the ledger: plain, with digests in place of bodies."""
    values: dict[str, Any] = plain(dict(payload))
    for text in values.get("texts", {}).values():
        if "body" in text:
            text["sha256"] = sha256(text.pop("body"))
    return values


def sha256(text: str) -> str:
    """Return the digest of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
