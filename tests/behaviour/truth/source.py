"""The sandbox's records, looked up as their references say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from runner.sandbox.data import Helpdesk

Record = dict[str, Any]

STAFF = {"OWNER", "ADMIN", "AGENT", "COLLABORATOR"}


def found(helpdesk: Helpdesk, reference: Record | None) -> Record | None:
    """Return the record that a reference means; None where it leads nowhere."""
    if reference is None:
        return None
    return helpdesk.find(reference["resource_type"], reference["id"])


def moment(text: str | None) -> str | None:
    """Return a time in UTC, to the second."""
    if text is None:
        return None
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def words(text: str | None) -> str:
    """Return text on one line, without needless blanks."""
    return " ".join((text or "").split())


def role(helpdesk: Helpdesk, user: Record) -> str:
    """Return the type of a user's role."""
    kind = found(helpdesk, user["role"])
    assert kind is not None
    return str(kind["type"])


def emails(helpdesk: Helpdesk, user: Record) -> list[str]:
    """Return a user's addresses, the primary one first, each once."""
    return _identities(helpdesk, user["emails"], "email")


def phones(helpdesk: Helpdesk, user: Record) -> list[str]:
    """Return a user's telephone numbers, the primary one first."""
    return _identities(helpdesk, user["phones"], "number")


def _identities(helpdesk: Helpdesk, references: list[Record], key: str) -> list[str]:
    records = [record for one in references if (record := found(helpdesk, one))]
    records.sort(key=lambda record: not record["is_primary"])
    once: dict[str, str] = {}
    for record in records:
        once.setdefault(record[key].strip().casefold(), record[key].strip())
    return list(once.values())


def login(helpdesk: Helpdesk, key: int) -> str:
    """Return what a user signs in with; a user who is gone gets a placeholder."""
    user = helpdesk.users.get(key)
    if user is None:
        return f"kayako-user-{key}"
    for names in (emails(helpdesk, user), phones(helpdesk, user)):
        if names:
            return names[0].lower()
    for kind, name in (("twitter", "screen_name"), ("facebook", "user_name")):
        account = found(helpdesk, user[kind][0]) if user[kind] else None
        if account:
            return f"{kind}-{account[name]}".lower()
    return f"kayako-user-{key}"


def pinned(notes: list[Record]) -> list[str]:
    """Return what notes on a profile say."""
    return [note["body_text"] for note in notes]
