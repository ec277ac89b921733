"""Small mappings for tests: written as YAML, made as the program makes them."""

from __future__ import annotations

import textwrap
from datetime import date
from pathlib import Path
from typing import Any

from runner.documents import check, load
from runner.mapping.build import build_mapping, build_vocabulary
from runner.mapping.checks import KINDS
from runner.mapping.compiling import compile_entity
from runner.mapping.load import load_mappings, schema
from runner.mapping.model import Mappings, Outcome, Vocabulary
from runner.mapping.transform import transform

ROOT = Path(__file__).parents[2]
GO_LIVE = date(2026, 12, 5)
MOMENT = "2021-08-27T10:49:56Z"

STATES = """
vocabulary: states
kayako: cases/statuses
key: type
label: label
zammad: ticket_state
kayako_to_zammad:
  NEW: new
  PENDING: pending reminder
custom:
  Answered: closed
  Vendor:
    becomes: pending close
    remember_as: note
  Escalated:
    new: Escalated
    like: pending reminder
  anything_else:
    becomes: open
    remember_as: tag
"""


def vocabulary(text: str) -> Vocabulary:
    document = load(Path("vocabulary.yaml"), text=text)
    assert check(document, schema("vocabulary.json")) == []
    return build_vocabulary(document.data)


def mapping(fields: str, *, entity: str = "tickets", head: str = "", tables: str = "") -> Mappings:
    """Make one entity's mapping; ``tables`` holds vocabularies, each after a line ``===``."""
    kayako, zammad = KINDS[entity]
    text = f"entity: {entity}\nkayako: {kayako}\nzammad: {zammad}\n"
    text += textwrap.dedent(head) + "\nzammad_fields:\n"
    text += textwrap.indent(textwrap.dedent(fields), "  ")
    document = load(Path(f"{entity}.yaml"), text=text)
    assert check(document, schema("mapping.json")) == []
    made = build_mapping(document.data, document.file)
    vocabularies = {
        found.name: found
        for found in (vocabulary(part) for part in tables.split("===") if part.strip())
    }
    program = compile_entity(made, vocabularies)
    return Mappings({entity: made}, vocabularies, {entity: program})


def run(
    fields: str,
    record: dict[str, Any],
    *,
    entity: str = "tickets",
    head: str = "",
    tables: str = "",
    parent: dict[str, Any] | None = None,
) -> Outcome:
    mappings = mapping(fields, entity=entity, head=head, tables=tables)
    return transform(mappings, entity, record, parent=parent, go_live=GO_LIVE)


def shipped() -> Mappings:
    return load_mappings(ROOT / "mappings")


def person(number: int, role: str | None = "CUSTOMER", **changes: Any) -> dict[str, Any]:
    return {
        "type": "user",
        "id": number,
        "name": f"Customer {number}",
        "email": f"customer-{number}@example.org",
        "role": role,
        "known": True,
        **changes,
    }


def team(number: int, title: str | None, *, known: bool = True) -> dict[str, Any]:
    return {"type": "team", "id": number, "title": title, "known": known}


def case(**changes: Any) -> dict[str, Any]:
    """Return an ordinary open conversation."""
    people = {
        "requester": person(17),
        "creator": person(17),
        "assigned_agent": person(2, "AGENT"),
        "last_replier": None,
        "last_updated_by": None,
    }
    times = {
        f"last_{word}_at": None
        for word in ("pending", "closed", "completed", "reply_by_agent", "replied", "opened")
    }
    return {
        "id": 42,
        "subject": "Where is my order?",
        "state": "ACTIVE",
        "source_channel": {"type": "MAIL", "account": "support@acme.example"},
        **people,
        "assigned_team": team(1, "General"),
        "organization": None,
        "brand": {"id": 1, "name": "Acme"},
        "status": {"id": 2, "label": "Open", "type": "OPEN"},
        "priority": {"id": 2, "label": "Normal", "level": 2},
        "type": {"id": 1, "label": "Question", "type": "QUESTION"},
        "custom_fields": {},
        "tags": [],
        "post_count": 1,
        "is_merged": False,
        "has_attachments": False,
        "rating": None,
        "archived": False,
        "url": "https://acme.kayako.com/agent/conversations/42",
        **times,
        "created_at": MOMENT,
        "updated_at": "2021-09-01T08:00:00Z",
        **changes,
    }


ORIGINAL = (
    *("resource_type", "id", "uuid", "subject", "contents", "text", "body_text", "body_html"),
    *("is_pinned", "screen_name", "full_name", "fullname", "email", "event"),
)


def post(channel: str | None = "MAIL", kind: str | None = "case_message", **changes: Any) -> Any:
    """Return a mail of customer 17; ``original`` in changes is merged into the nulls."""
    original = dict.fromkeys(ORIGINAL) | {"resource_type": kind, "id": 5}
    original |= changes.pop("original", {"body_html": "<p>Hello</p>", "body_text": "Hello"})
    return {
        "id": 99,
        "uuid": "00000000-0000-4000-8000-000000000099",
        "subject": "Where is my order?",
        "contents": "Hello",
        "creator": person(17),
        "is_requester": True,
        "source_channel": {"type": channel, "account": None} if channel else None,
        "original": original,
        "mailbox": "support@acme.example",
        "from": "Customer 17 <customer-17@example.org>",
        "to": ["support@acme.example"],
        "cc": [],
        "copied": [],
        "original_message_id": None,
        "in_reply_to": None,
        "attachments": [],
        "images": {},
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "digest": "0" * 64,
        **changes,
    }
