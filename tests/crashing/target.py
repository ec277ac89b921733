"""What stands in the sandbox's Zammad: all tables, row by row, with names for ids."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from runner.sandbox.both import Sandbox
from runner.sandbox.zammad.store import Attachment, Tables

_LEFT_OUT = {"data_privacy_tasks", "files", "tags"}
"""Tables that tell how something was removed, or that are no rows: the tests see those by REST."""
_ID = re.compile(r"(^|_)ids?$")
_ADDRESS = re.compile(r"/\d+")
_MADE_UP = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Zammad invents these for each picture; nothing but its own row refers to one."""
_USER, _TICKET = ("users", "login"), ("tickets", "number")
_NAMES = {
    "customer_id": _USER,
    "owner_id": _USER,
    "user_id": _USER,
    "created_by_id": _USER,
    "updated_by_id": _USER,
    "origin_by_id": _USER,
    "ticket_id": _TICKET,
    "mentionable_id": _TICKET,
    "link_object_source_value": _TICKET,
    "link_object_target_value": _TICKET,
    "group_id": ("groups", "name"),
    "organization_id": ("organizations", "name"),
    "state_id": ("ticket_states", "name"),
    "priority_id": ("ticket_priorities", "name"),
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z?")


def told(sandbox: Sandbox) -> dict[str, Any]:
    """Return ``tables`` (name to rows as text, with how many are alike) and ``mails``."""
    zammad = sandbox.zammad
    tables = zammad.state.store.tables
    hour_ago = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S")

    def timeless(found: re.Match[str]) -> str:
        return "now" if found[0] > hour_ago else found[0]

    def text(row: Any) -> str:
        written = json.dumps(_named(tables, row), sort_keys=True, default=str)
        return _ADDRESS.sub("/ID", _MADE_UP.sub("UUID", _MOMENT.sub(timeless, written)))

    names = [each.name for each in fields(tables) if each.name not in _LEFT_OUT]
    with zammad.lock:
        return {
            "tables": {name: Counter(map(text, tables.named(name).values())) for name in names},
            "mails": list(zammad.mails_sent),
        }


def _named(tables: Tables, value: Any) -> Any:
    """Put names in the place of the ids that have one, and leave the other ids out."""
    if isinstance(value, Attachment):
        value = asdict(value)
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if not _ID.search(str(key))}
        names = {
            key: tables.named(table).get(value[key], {}).get(name)
            for key, (table, name) in _NAMES.items()
            if value.get(key) is not None
        }
        return {key: _named(tables, each) for key, each in (kept | names).items()}
    if isinstance(value, list | tuple):
        return [_named(tables, each) for each in value]
    return value
