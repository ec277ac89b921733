"""What a run keeps for the next: the snapshot told row by row, and whom the ledger knows."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

_OF_RUNS = r"name IN ('generation', 'pace') OR name LIKE 'sweep %' OR name LIKE '%\_at' ESCAPE '\'"
"""Rows of the snapshot's ``meta`` that count, time and date its runs."""


def snapshot(folder: Path) -> dict[str, Counter[str]]:
    """Return all rows of the snapshot by table, and its files, whatever run brought them."""
    base = folder / ".migrate" / "snapshot"
    with closing(sqlite3.connect(base / "snapshot.sqlite3")) as connection:
        connection.row_factory = sqlite3.Row
        listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = {name: _rows(connection, name) for (name,) in listed.fetchall()}
    files = (file for file in base.rglob("*") if file.is_file() and "sqlite" not in file.name)
    held = Counter(f"{file.relative_to(base)} {file.stat().st_size}" for file in files)
    return {**tables, "files": held}


def _rows(connection: sqlite3.Connection, table: str) -> Counter[str]:
    left_out = _OF_RUNS if table == "meta" else "false"
    rows = connection.execute(f"SELECT * FROM {table} WHERE NOT ({left_out})")  # noqa: S608 - ours
    return Counter(repr({**dict(row), "sweep": None}) for row in rows)


def shared_ids(folder: Path) -> list[str]:
    """Return a line for each id in Zammad that the ledger gives to two records of one kind."""
    lines = []
    for file in (folder / ".migrate" / "ledgers").glob("*.json"):
        tables = json.loads(file.read_text())
        for entity in ("users", "organizations", "groups", "tickets"):
            rows = [row for row in tables.get(entity, {}).values() if not row.get("adopted")]
            ids = Counter(row["target_id"] for row in rows if row.get("target_id") is not None)
            lines += [f"{entity}: {each} is there twice" for each, n in ids.items() if n > 1]
        children = [row.get("children") or {} for row in tables.get("tickets", {}).values()]
        posts = Counter(post[0] for each in children for post in each.get("posts", {}).values())
        lines += [f"articles: {each} is there twice" for each, n in posts.items() if n > 1]
    return lines
