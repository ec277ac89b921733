"""A ledger, a snapshot and a page to look at, without a server."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from rich.console import Console

from runner.ledger import Ledger
from runner.report.figures.collect import collect
from runner.report.figures.model import Figures
from runner.snapshot import Snapshot
from runner.snapshot.writing import Writer
from tests.snapshot.support import case, user

SOURCES = {"groups": "teams", "users": "users", "tickets": "cases"}
NOW = datetime(2026, 12, 5, 8, 0, tzinfo=UTC)
_VOID = {"meta", "br", "img", "input", "hr", "link"}


def done(source_id: str, target_id: int, **more: Any) -> dict[str, Any]:
    """A document of a record that was moved."""
    document = {"source_id": source_id, "target_id": target_id, "status": "done", "notes": []}
    return {**document, "action": "create", "adopted": False, "applied": {}, **more}


def stopped(source_id: str, kind: str, text: str, **more: Any) -> dict[str, Any]:
    """A document of a record that failed or was skipped."""
    document = {"source_id": source_id, "target_id": None, "status": kind, "action": kind}
    return {**document, "notes": [[kind, "", text]], **more}


class Paper:
    """A console that writes into a text, by default as into a file.

    Args:
        width: Characters in a line.
        terminal: Whether it takes itself for a terminal.
    """

    def __init__(self, width: int = 200, *, terminal: bool = False) -> None:
        self.console = Console(
            file=io.StringIO(),
            width=width,
            highlight=False,
            soft_wrap=True,
            force_terminal=terminal,
            color_system="standard" if terminal else None,
        )

    @property
    def text(self) -> str:
        file = self.console.file
        assert isinstance(file, io.StringIO)
        return file.getvalue()


class Moved:
    """A snapshot with a team, two users and the cases 1 to 5 and 6, which is gone; a ledger."""

    def __init__(self, folder: Path) -> None:
        self.snapshot = Snapshot.open(folder / "snapshot", kayako_url="https://acme.kayako.com")
        writer = Writer(self.snapshot)
        writer.page("teams", [{"id": 1, "title": "Support", "resource_type": "team"}], sweep=1)
        writer.page("users", [user(1), user(2)], sweep=1)
        writer.page("cases", [case(number) for number in range(1, 7)], sweep=1)
        writer.mark_gone("cases", 6)
        self.ledger = Ledger.open(folder / "ledger.json")
        self.ledger.save_target({"identity": "x", "url": "https://zammad.example"})

    def put(self, entity: str, *documents: dict[str, Any]) -> None:
        for document in documents:
            self.ledger.table(entity).put(document)

    def whole(self) -> None:
        """Everything is moved but case 3, which a mapping leaves out."""
        self.put("groups", done("1", 2, applied={"name": "Support"}))
        self.put("users", done("1", 3, adopted=True), done("2", 4))
        self.put("tickets", *(done(str(number), number) for number in (1, 2, 4, 5)))
        self.put("tickets", stopped("3", "skipped", "deleted in Kayako"))
        self.run("apply", created=4, skipped=1)

    def run(
        self,
        kind: str,
        *,
        day: str = "01",
        outcome: str = "done",
        pace: dict[str, list[list[float]]] | None = None,
        **words: int,
    ) -> None:
        """Note a run of an hour and a half on that day of December."""
        began, ended = f"2026-12-{day}T08:00:00Z", f"2026-12-{day}T09:30:00Z"
        run_id = self.ledger.start_run(kind, started_at=began)
        self.ledger.note_pace(run_id, pace or {})
        counts = {"Tickets": {**words, "sum": sum(words.values())}} if words else None
        self.ledger.finish_run(run_id, outcome, counts, finished_at=ended)

    def figures(self, verification: dict[str, Any] | None = None) -> Figures:
        return collect(
            self.ledger,
            self.snapshot,
            sources=SOURCES,
            zammad_url="https://admin:hunter2@zammad.example",
            verification=verification,
            now=NOW,
        )


def verification(day: str = "02", **more: Any) -> dict[str, Any]:
    """What verify keeps when it found nothing."""
    numbers = {"Support": {"wanted": 4, "there": 4}}
    counts = {"tickets": {"wanted": 4, "there": 4, "by_team": numbers}}
    return {
        "started_at": f"2026-12-{day}T08:00:00Z",
        "finished_at": f"2026-12-{day}T08:10:00Z",
        "sample": None,
        "counts": counts,
        "checked": {"tickets": 4, "articles": 9},
        "differences": [],
        "differences_total": 0,
        "kinds": {},
        "ok": True,
        **more,
    }


class Page(HTMLParser):
    """A page taken apart: elements with their attributes, text by section, what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.sections: dict[str, str] = {}
        self.crossed: list[str] = []
        self._open: list[str] = []
        self._section = ""
        self.feed(text)
        self.close()
        self.crossed += self._open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        self.elements.append((tag, values))
        if tag == "section":
            self._section = values["id"]
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        elif tag not in _VOID:
            self.crossed.append(tag)

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            before = self.sections.get(self._section, "")
            self.sections[self._section] = " ".join(f"{before} {data}".split())

    def tags(self, name: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag == name]
