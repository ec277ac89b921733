"""What must hold at any moment of a move, and what after a run that went through.

Each law returns lines that say how it is broken; none means that it holds.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from runner.ledger import Ledger
from runner.sandbox.both import Sandbox
from tests.machine.data import plain

Ledgered = dict[str, dict[str, dict[str, Any]]]
"""Documents of a ledger by entity and source id."""
_ENTITIES = ("groups", "organizations", "users", "tickets")
_UNDONE = frozenset({"failed", "skipped"})
_WITH_TICKETS = frozenset({"articles", "links", "mentions", "time_accountings"})


def kept(workdir: Path) -> Ledgered:
    """Return what the ledger says, by entity and source id, journal included."""
    files = {file.name.removesuffix(".journal") for file in workdir.glob("ledgers/*.json*")}
    found: Ledgered = {entity: {} for entity in _ENTITIES}
    for name in files:
        with Ledger.open(workdir / "ledgers" / name, read_only=True) as ledger:
            for entity in _ENTITIES:
                rows = [dict(row) for row in ledger.documents(entity)]
                assert len({row["source_id"] for row in rows}) == len(rows), f"{entity}: no map"
                found[entity] |= {row["source_id"]: row for row in rows}
    return found


def shared(ledger: Ledgered) -> Iterator[str]:
    """Tell which records of Zammad stand for two of Kayako, of those that we made."""
    for entity in _ENTITIES:
        rows = [row for row in ledger[entity].values() if not row.get("adopted")]
        yield from _twice(f"{entity} of the ledger", (row.get("target_id") for row in rows))
    children = [row.get("children") or {} for row in ledger["tickets"].values()]
    posts = [post[0] for each in children for post in each.get("posts", {}).values()]
    yield from _twice("articles of the ledger", posts)


def doubled(sandbox: Sandbox) -> Iterator[str]:
    """Tell which number, message id, name or login Zammad has twice."""
    tables = sandbox.zammad.tables
    yield from _twice("numbers", (row["number"] for row in tables.tickets.values()))
    articles = tables.articles.items_by_id.values()
    yield from _twice("message ids", (row.message_id for row in articles))
    yield from _twice("logins", (row["login"] for row in tables.users.values()))
    yield from _twice("organizations", (row["name"] for row in tables.organizations.values()))
    yield from _twice("groups", (row["name"] for row in tables.groups.values()))


def _twice(what: str, values: Iterable[Any]) -> Iterator[str]:
    counted = Counter(value for value in values if value is not None)
    yield from (f"{what}: {value} is there {n} times" for value, n in counted.items() if n > 1)


def lost(
    sandbox: Sandbox,
    ledger: Ledgered,
    excused: Collection[int],
) -> Iterator[str]:
    """Tell which conversation of Kayako, or which of its posts, is not in Zammad, unexplained."""
    for case in sandbox.kayako.helpdesk.cases.values():
        row = ledger["tickets"].get(str(case["id"]), {})
        reason = row.get("status") in _UNDONE and row.get("notes")
        if case["state"] == "ACTIVE" and case["id"] not in excused and not reason:
            yield from _lost_of(sandbox, case, row)


def _lost_of(sandbox: Sandbox, case: dict[str, Any], row: dict[str, Any]) -> Iterator[str]:
    tables = sandbox.zammad.tables
    ticket = tables.tickets.get(row.get("target_id"))
    if row.get("status") != "done" or ticket is None or ticket["number"] != str(case["id"]):
        yield f"conversation {case['id']} is not in Zammad; ledger: {row}"
        return
    posts = (row.get("children") or {}).get("posts", {})
    for post in sandbox.kayako.helpdesk.posts(case["id"]):
        article = tables.articles.items_by_id.get(posts.get(str(post["id"]), [None])[0])
        if article is None or article.ticket_id != ticket["id"]:
            yield f"post {post['id']} of conversation {case['id']} is not in its ticket: {posts}"
        elif plain(post["contents"]) not in article.body:
            yield f"article {article.id} does not say what post {post['id']} says"


def left_behind(
    before: dict[str, Any], after: dict[str, Any], remains: Collection[str]
) -> Iterator[str]:
    """Tell what a reset left or took, of two answers of ``told``; some tables may have more.

    Args:
        before: Zammad before the first run.
        after: Zammad now.
        remains: Tables of which reset said that something stays.
    """
    more = {*remains, *(_WITH_TICKETS if "tickets" in remains else ())}
    for table in before["tables"]:
        was, now = (_bare(told["tables"][table]) for told in (before, after))
        yield from (f"{table} lacks {row}" for row in was - now)
        if table not in more:
            yield from (f"{table} has besides {row}" for row in now - was)


def _bare(rows: Counter[str]) -> Counter[str]:
    """Leave out who wrote a row last, and empty columns of ours: an attribute may have to stay."""
    found: Counter[str] = Counter()
    for text, number in rows.items():
        row = json.loads(text)
        kept = {
            name: value
            for name, value in (row.items() if isinstance(row, dict) else ())
            if name != "updated_by_id" and (value or not name.startswith("kayako_"))
        }
        found[json.dumps(kept or row)] += number
    return found
