"""What stands in the sandbox's Zammad: all tables, row by row, told without ids."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from runner.sandbox.zammad import FakeZammad

_LEFT_OUT = {"data_privacy_tasks", "files", "tags"}
"""Tables that tell how something was removed, or that are no rows: the tests see those by REST."""
_ID = re.compile(r"(^|_)ids?$")
_ADDRESS = re.compile(r"/\d+")
_MADE_UP = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Zammad invents these for each picture; nothing but its own row refers to one."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z?")


def told(zammad: FakeZammad) -> dict[str, Any]:
    """Return ``tables`` (name to rows as text, with how many are alike) and ``mails``."""
    tables = zammad.state.store.tables
    hour_ago = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S")

    def timeless(found: re.Match[str]) -> str:
        return "now" if found[0] > hour_ago else found[0]

    def text(row: Any) -> str:
        written = json.dumps(_without_ids(row), sort_keys=True, default=str)
        return _ADDRESS.sub("/ID", _MADE_UP.sub("UUID", _MOMENT.sub(timeless, written)))

    names = [each.name for each in fields(tables) if each.name not in _LEFT_OUT]
    return {
        "tables": {name: Counter(map(text, tables.named(name).values())) for name in names},
        "mails": list(zammad.mails_sent),
    }


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_ids(each) for key, each in value.items() if not _ID.search(str(key))}
    if isinstance(value, list | tuple):
        return [_without_ids(each) for each in value]
    return value
