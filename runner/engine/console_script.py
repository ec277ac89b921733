"""The console script: what no request can set, as Ruby for Zammad's Rails console.

Two files: the script, and its data as gzipped JSON lines, one a ticket, because a move may hold a
million articles. Both are written as the records are read, so memory does not grow with them. What
is in them is ids, numbers, message ids and dates: no secret, no text, no name.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from runner.engine import message_ids, tickets
from runner.engine.change import Action, Change
from runner.errors import PreflightError, UsageError
from runner.mapping.model import Reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.engine.time_entries import Known
    from runner.engine.world import World

SCRIPT = "migrate-console.rb"
DATA = "migrate-console.jsonl.gz"

_TEMPLATE = Path(__file__).with_name(f"{SCRIPT}.jinja")


@dataclass(slots=True)
class Made:
    """What was written; ``unfinished`` conversations are left out until an apply completes them."""

    script: Path
    data: Path
    tickets: int = 0
    articles: int = 0
    unfinished: int = 0


def make(world: World, folder: Path, *, progress: Callable[[str, int, int | None], None]) -> Made:
    """Write script and data of everything that the ledger holds into ``folder``.

    Raises:
        PreflightError: nothing was applied yet.
        UsageError: the folder cannot be written to.
    """
    if not world.ledger.target:
        raise PreflightError("nothing was applied yet", advice="run migrate apply first")
    made = Made(folder / SCRIPT, folder / DATA)
    waiting = made.data.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with gzip.GzipFile(waiting, "wb", mtime=0) as file:
            _write(world, made, file, progress)
        with waiting.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        waiting.replace(made.data)
        made.script.write_text(_script(world, made, digest), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written: {error.strerror}", advice="name another folder with --out"
        ) from error
    return made


def _write(
    world: World,
    made: Made,
    file: gzip.GzipFile,
    progress: Callable[[str, int, int | None], None],
) -> None:
    """Write a line a ticket, tickets of conversations that Kayako lost included."""
    table = world.ledger.table("tickets")
    total = world.snapshot.count("cases")
    case_ids = chain(world.snapshot.case_ids(), world.snapshot.gone("cases"))
    for number, case_id in enumerate(case_ids, start=1):
        progress("tickets", number, total)
        known, record = table.get(str(case_id)), world.snapshot.record("cases", case_id)
        if known is None or record is None or known.get("target_id") is None:
            continue
        row = _row(world, tickets.of_case(world, record, whole=True), known)
        if row is None:
            made.unfinished += 1
            continue
        made.tickets += 1
        made.articles += len(row["articles"])
        file.write(json.dumps(row, separators=(",", ":")).encode() + b"\n")


def _row(world: World, change: Change, known: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the script has to know of one ticket; a value is None where nothing is to be set.

    None for a ticket that an apply has yet to complete, or that no message proves to be ours.
    """
    if known["status"] != "done" or change.action is not Action.CREATE:
        return None
    posts: dict[str, list[Any]] = (known.get("children") or {}).get("posts", {})
    articles = [
        [
            posts[child.source_id][0],
            message_ids.written(child, known),
            _person(world, child.payload.get("origin_by")),
        ]
        for child in change.children
        if child.source_id in posts
    ]
    if not articles:
        return None
    row = {
        "id": known["target_id"],
        "number": str(known["applied"]["number"]),
        "by": _person(world, change.by_console.get("created_by")),
        "changed_by": _person(world, change.by_console.get("updated_by")),
        "articles": articles,
    }
    if world.dates_by_console and "updated_at" in change.payload:
        row["changed_at"] = change.payload["updated_at"]
    times = _times(world, change, known)
    if times:
        row["times"] = times
    return row


def _times(world: World, change: Change, known: dict[str, Any]) -> list[list[Any]]:
    """Return the time entries: their id, or that of their article, when, and by whom.

    Several that one article carries are one entry in Zammad: it gets what the last of them has.
    """
    written: Known = (known.get("children") or {}).get("time", {})
    found: dict[tuple[int | None, int | None], list[Any]] = {}
    for entry in sorted(change.times, key=lambda entry: str(entry.payload["created_at"])):
        if entry.source_id not in written:
            continue
        time_id, _, article_id = (*written[entry.source_id], None)[:3]
        if time_id is not None or article_id is not None:
            author = _person(world, entry.by_console.get("created_by"))
            moment = entry.payload["created_at"]
            found[time_id, article_id] = [time_id, article_id, moment, author]
    return list(found.values())


def _person(world: World, value: Any) -> int | None:
    """Return a user's id in Zammad; who is not there cannot have written anything."""
    return world.target_id(value) if isinstance(value, Reference) else None


def _script(world: World, made: Made, digest: str) -> str:
    target = world.ledger.target
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        # It is Ruby, not HTML: every text goes through the filter below.
        autoescape=jinja2.select_autoescape(default_for_string=False),
    )
    environment.filters["ruby"] = _ruby
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        url=" ".join(str(target["url"]).split()),
        script_name=SCRIPT,
        data_name=DATA,
        data_sha256=digest,
        identity=target["identity"],
        migration_user=int(target["me"]["id"]),
        tickets=made.tickets,
        articles=made.articles,
    )


def _ruby(text: str) -> str:
    """Write a text as a Ruby literal in which nothing is interpolated."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
