"""A Zammad's database as its Rails console sees it, and scripts that are run on it."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from runner.sandbox.zammad.store import Tables

Row = dict[str, Any]

_DOUBLE = Path(__file__).with_name("rails_double.rb")
_UPLOADED = "2026-11-20T12:00:00.000Z"

_RUBY = shutil.which("ruby")

needs_ruby = pytest.mark.skipif(
    _RUBY is None,
    reason="there is no ruby here to run the console script with (Debian: apt-get install ruby)",
)


@dataclass
class Console:
    """The database, and a place for it on disk while a script runs."""

    folder: Path
    tables: dict[str, list[Row]]
    writes: int = 0

    @classmethod
    def of(cls, folder: Path, tables: Tables) -> Console:
        articles = list(tables.articles.values())
        stores = [
            {"id": file["id"], "store_object_id": 7, "o_id": article["id"], **_dates(_UPLOADED)}
            for article in articles
            for file in article["attachments"]
        ]
        return cls(
            folder,
            copy.deepcopy(
                {
                    "tickets": list(tables.tickets.values()),
                    "ticket_articles": articles,
                    "ticket_time_accountings": list(tables.time_accountings.values()),
                    "ticket_states": list(tables.ticket_states.values()),
                    "users": list(tables.users.values()),
                    "settings": list(tables.settings.values()),
                    "stores": stores,
                    "store_objects": [{"id": 7, "name": "Ticket::Article"}],
                    "histories": [],
                    "history_objects": [{"id": 4, "name": "Ticket"}],
                }
            ),
        )

    def run(self, script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a script as ``rails r`` does, and take over what it made of the tables."""
        file = self.folder / "tables.json"
        file.write_text(json.dumps(self.tables))
        done = subprocess.run(
            [str(_RUBY), "-W", "-r", str(_DOUBLE), str(script), *arguments],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, "RAILS_DOUBLE": str(file), "LANG": "C.UTF-8"},
            timeout=60,
        )
        self.tables = json.loads(file.read_text())
        self.writes = self.tables.pop("double")["writes"]  # type: ignore[call-overload]  # JSON of the double
        return done

    def row(self, table: str, identifier: int) -> Row:
        return next(row for row in self.tables[table] if row["id"] == identifier)


def _dates(moment: str) -> Row:
    return {"created_at": moment, "updated_at": moment}


def changed(
    before: dict[str, list[Row]], after: dict[str, list[Row]]
) -> dict[str, dict[int, set[str]]]:
    """Return which columns of which rows differ, by table; no row may come or go."""
    found: dict[str, dict[int, set[str]]] = {}
    for table, rows in before.items():
        assert [row.get("id") for row in rows] == [row.get("id") for row in after[table]]
        for one, other in zip(rows, after[table], strict=True):
            columns = {name for name in one if one[name] != other[name]}
            if columns:
                found.setdefault(table, {})[one["id"]] = columns
    return found
