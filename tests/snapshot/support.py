"""Records as Kayako sends them, and a snapshot that holds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runner.snapshot import Snapshot
from runner.snapshot.writing import Writer

URL = "https://kayako.example"


def reference(kind: str, identifier: int) -> dict[str, Any]:
    return {"id": identifier, "resource_type": kind}


def user(identifier: int = 7, **changes: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "full_name": f"Customer {identifier}",
        "is_enabled": True,
        "role": {"id": 4, "title": "Customer", "type": "CUSTOMER", "resource_type": "role"},
        "emails": [email(identifier, f"customer-{identifier}@example.org", primary=True)],
        "resource_type": "user",
        "created_at": "2021-08-27T12:49:56+02:00",
        "updated_at": "2021-08-27T10:49:56+00:00",
        **changes,
    }


def email(identifier: int, address: str, *, primary: bool = False) -> dict[str, Any]:
    return {
        "id": identifier,
        "email": address,
        "is_primary": primary,
        "resource_type": "identity_email",
    }


def case(identifier: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "subject": f"Case {identifier}",
        "state": "ACTIVE",
        "requester": user(),
        "status": {"id": 2, "label": "Open", "type": "OPEN", "resource_type": "case_status"},
        "post_count": 1,
        "tags": [{"id": 1, "name": "vip", "resource_type": "tag"}],
        "resource_type": "case",
        "created_at": "2021-08-27T10:49:56+00:00",
        "updated_at": "2021-08-27T10:49:56+00:00",
        **changes,
    }


def post(identifier: int = 11, **changes: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "contents": f"Post {identifier}",
        "creator": reference("user", 7),
        "identity": email(7, "customer-7@example.org"),
        "is_requester": True,
        "source_channel": {
            "uuid": "c-1",
            "type": "MAIL",
            "account": {
                "id": 1,
                "address": "support@example.com",
                "resource_type": "mailbox",
            },
            "resource_type": "channel",
        },
        "attachments": [],
        "original": {
            "id": identifier,
            "resource_type": "case_message",
            "body_html": f"<p>Post {identifier}</p>",
            "recipients": [],
            "attachments": [],
        },
        "resource_type": "post",
        "created_at": "2021-08-27T10:49:56+00:00",
        "updated_at": "2021-08-27T10:49:56+00:00",
        **changes,
    }


def filled(
    folder: Path,
    *,
    users: list[dict[str, Any]] | None = None,
    cases: list[dict[str, Any]] | None = None,
    threads: dict[int, list[dict[str, Any]]] | None = None,
) -> tuple[Snapshot, Writer]:
    snapshot = Snapshot.open(folder, kayako_url=URL)
    writer = Writer(snapshot)
    writer.page("users", [user()] if users is None else users, sweep=1)
    writer.page("cases", [case()] if cases is None else cases, sweep=1)
    for case_id, found in (threads or {}).items():
        writer.thread(case_id, writer.header(case_id), found, [], missing=0)
    return snapshot, writer
