"""What apply writes is what plan printed, for whatever data, mappings, ledgers and targets.

The writes are counted where they arrive: from the requests that the fake Zammad carried out and
from its tables, never from what the program says of itself.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from runner.config.model import Config
from runner.engine.change import Action, Change
from runner.ledger import Ledger
from runner.pipeline import Scope, headers_and_bodies, make_plan, open_plan, run_apply
from runner.sandbox.both import TOKEN, start
from runner.sandbox.data import hard_cases
from runner.sandbox.serving import serve
from runner.sandbox.zammad import FakeZammad
from runner.snapshot import Snapshot
from runner.snapshot.values import pack
from tests.behaviour.support import Seen
from tests.engine.support import Notes
from tests.mapping.support import ROOT
from tests.pipeline.conftest import config_of

MAPPING_EDITS = (
    ("vocabularies/states.yaml", "becomes: open", "becomes: pending close"),
    ("vocabularies/teams.yaml", "kayako_to_zammad:\n", "kayako_to_zammad:\n  Sales: Support\n"),
    ("vocabularies/channels.yaml", "NOTE: note", "NOTE: web"),
    ("tickets.yaml", "(no subject)", "(none)"),
    ("tickets.yaml", "    TRASH: deleted in Kayako\n", ""),
    ("tickets.yaml", "if_empty: Kayako unassigned", "if_empty: Nobody's::Inbox"),
)
SOURCE_EDITS = (
    "rename",
    "answer",
    "lose",
    "ask for somebody else",
    "rename a user",
    "rename a team",
)
TARGET_EDITS = ("retitle", "take an email", "take a group", "rename a user")
KINDS = ("groups", "organizations", "users", "calendars", "macros", "text_modules", "tickets")
"""Entities whose table in the fake Zammad has the same name; the others are counted only."""
_LOSE = "UPDATE record SET gone = 1 WHERE resource = ? AND id = ?"
_CHANGE = "UPDATE record SET body = ? WHERE resource = ? AND id = ?"
ACCOMPANIES = {
    "users": ({"updated_at"}, {"group_ids"}),
    "tickets": ({"updated_at"},),
}
"""Updates that belong to another write: dates that it moved are put back, agents let in."""


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """A snapshot of all hard cases that every example begins with a copy of."""
    with start(hard_cases()) as sandbox:
        folder = tmp_path_factory.mktemp("pulled")
        config = config_of(folder, sandbox.kayako_url, sandbox.zammad_url)
        quiet: dict[str, Any] = {"progress": lambda *_: None, "stop": threading.Event()}
        headers_and_bodies(config, bodies=True, **quiet)
        yield config


@dataclass
class Recorder:
    """An app in front of the fake Zammad that keeps what is sent to change something."""

    app: Any
    sent: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        asks = scope["type"] != "http" or scope["method"] == "GET"
        if asks or scope["path"].endswith(("/search", "/init")):
            await self.app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        path = scope["path"].removeprefix("/api/v1")
        kind = dict(scope["headers"]).get(b"content-type", b"")
        if kind.startswith(b"application/json"):  # files come in parts of another kind
            self.sent.append((scope["method"], path, json.loads(body or b"{}")))
        whole = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Any:
            return whole.pop(0) if whole else await receive()

        await self.app(scope, again, send)


@dataclass
class Site:
    """One example: a folder, a fresh Zammad, and what is done to them."""

    config: Config
    zammad: FakeZammad
    recorder: Recorder
    changes: list[Change] = field(default_factory=list)

    def edit_mapping(self, name: str, old: str, new: str) -> None:
        file = self.config.mappings / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    def keep_cases(self, wanted: set[int]) -> None:
        """Let all conversations go but those whose number ends so, so that an example is quick."""
        snapshot = Snapshot.open(self.config.snapshot_folder)
        with snapshot.database.write() as connection:
            for case_id in list(snapshot.case_ids()):
                if case_id % 5 not in wanted:
                    connection.execute(_LOSE, ("cases", case_id))
        snapshot.close()

    def edit_source(self, what: str, number: int) -> None:
        """Change what was pulled, as a later pull would."""
        snapshot = Snapshot.open(self.config.snapshot_folder)
        resource = {"rename a user": "users", "rename a team": "teams"}.get(what, "cases")
        ids = [row["id"] for row in snapshot.records(resource)]
        chosen = ids[number % len(ids)]
        stored = snapshot.stored(resource, chosen) or {}
        with snapshot.database.write() as connection:
            if what == "lose":
                connection.execute(_LOSE, (resource, chosen))
            elif what == "answer":
                posts = snapshot.stored_posts(chosen)
                newer = [{**post, "id": 900_000 + number} for post in posts[-1:]]
                body = pack([*posts, *newer])
                connection.execute("UPDATE thread SET body = ? WHERE case_id = ?", (body, chosen))
            elif what == "ask for somebody else":
                users = [row["id"] for row in snapshot.records("users")]
                asked = {"id": users[number % len(users)], "resource_type": "user"}
                stored["requester"] = asked
            else:
                name = {"users": "full_name", "teams": "title"}.get(resource, "subject")
                stored[name] = f"Name {number}"
            connection.execute(_CHANGE, (pack(stored), resource, chosen))
        snapshot.close()

    def edit_target(self, what: str, number: int) -> None:
        seen = Seen(self.config.zammad.url)
        if what == "retitle":
            ids = [row["id"] for row in seen.rows("/tickets")]
            body = {"title": "By an agent", "updated_at": "2026-01-01T00:00:00Z"}
            seen.ask("PUT", f"/tickets/{ids[number % len(ids)]}", json=body)
        elif what == "rename a user":
            ids = [row["id"] for row in seen.rows("/users") if row["id"] > 3] or [3]
            seen.ask("PUT", f"/users/{ids[number % len(ids)]}", json={"lastname": "By an agent"})
        elif what == "take an email":
            email = f"customer-{21 + number % 8}@customers.example"
            if not any(row["email"] == email for row in seen.rows("/users")):
                person = {"login": email, "email": email, "firstname": "There", "lastname": "First"}
                seen.ask("POST", "/users", json={**person, "roles": ["Customer"]})
        elif not any(row["name"] == "Sales" for row in seen.rows("/groups")):
            seen.ask("POST", "/groups", json={"name": "Sales", "active": True})

    def plan(self, scope: Scope, out: Path) -> Any:
        self.changes = []
        made, unreachable = make_plan(
            self.config,
            scope,
            show=0,
            pull=False,
            out=out,
            progress=lambda *_: None,
            seen=self.changes.append,
            stop=threading.Event(),
        )
        assert unreachable is None
        return made

    def apply(self, scope: Scope, saved: Any = None) -> Any:
        return run_apply(
            self.config,
            scope,
            pull=False,
            watcher=Notes(),
            progress=lambda *_: None,
            stop=threading.Event(),
            saved=saved,
        )

    def ids(self) -> dict[str, set[int]]:
        return {entity: set(self.zammad.tables.named(entity)) for entity in KINDS}


@dataclass
class Writes:
    """Source ids by entity: what was created, and which fields of what were updated."""

    created: set[tuple[str, str]] = field(default_factory=set)
    updated: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    articles: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def printed(changes: list[Change]) -> Writes:
    """What the plan says will be written, in Zammad's terms."""
    found = Writes()
    for change in changes:
        key = (change.entity, change.source_id)
        if change.entity not in KINDS:
            continue
        if change.action is Action.CREATE:
            found.created.add(key)
        elif change.action is Action.UPDATE and change.fields:
            found.updated[key] |= change.fields.keys()
        if change.entity == "tickets" and change.action in {Action.CREATE, Action.UPDATE}:
            found.articles[change.source_id] += len(change.children)
    found.articles = defaultdict(int, {k: v for k, v in found.articles.items() if v})
    return found


def happened(site: Site, before: dict[str, set[int]]) -> Writes:
    """What arrived at Zammad, told by the records of Kayako that the ledger says it belongs to."""
    found = Writes()
    with Ledger.open(site.config.ledger_file, read_only=True) as ledger:
        for entity, now in site.ids().items():
            for target_id in now - before[entity]:
                names = ledger.table(entity).by_target(target_id)
                assert names, f"{entity} {target_id} belongs to nothing"
                found.created.add((entity, names[0]))
        for method, path, body in site.recorder.sent:
            _, kind, *rest = path.split("/")
            if path == "/ticket_articles":
                of_probe = body["ticket_id"] not in site.zammad.tables.tickets
                for source_id in ledger.table("tickets").by_target(body["ticket_id"]):
                    found.articles[source_id] += 1
                    of_probe = True
                assert of_probe, f"ticket {body['ticket_id']} is none of ours"
            elif path == "/tickets" and not body["number"].startswith("migrate-probe"):
                found.articles[str(_source_of(ledger, body["number"]))] += 1
            elif path.startswith("/tags/") and _is_of_a_ticket(body, before):
                source_id = ledger.table("tickets").by_target(body["o_id"])[0]
                found.updated["tickets", source_id].add("tags")
            elif method == "PUT" and kind in KINDS and rest and rest[0].isdigit():
                fields, target_id = _fields(kind, body), int(rest[0])
                if fields and target_id in before[kind]:
                    found.updated[kind, _of(site, ledger, kind, target_id)] |= fields
    return found


def _is_of_a_ticket(body: dict[str, Any], before: dict[str, set[int]]) -> bool:
    return body["object"] == "Ticket" and body["o_id"] in before["tickets"]


def _source_of(ledger: Ledger, number: str) -> str:
    for document in ledger.table("tickets"):
        if str(document.get("applied", {}).get("number")) == number:
            return str(document["source_id"])
    raise AssertionError(number)


def _fields(kind: str, body: dict[str, Any]) -> set[str]:
    """Return the fields of an update as plans name them; none where it belongs to another write."""
    if body.keys() in ACCOMPANIES.get(kind, ()):
        return set()
    names = {name.removesuffix("_ids") + "s" if name.endswith("_ids") else name for name in body}
    return {name.removesuffix("_id") for name in names}


def _of(site: Site, ledger: Ledger, kind: str, target_id: int) -> str:
    """Return which record of Kayako a record of Zammad is; of several the one that is planned."""
    sources = ledger.table(kind).by_target(target_id)
    assert sources, f"{kind} {target_id} is no record of ours"
    planned = {
        change.source_id
        for change in site.changes
        if change.entity == kind and change.fields and change.target_id == target_id
    }
    return next((one for one in sources if one in planned), sources[0])


@st.composite
def edits(draw: st.DrawFn) -> dict[str, Any]:
    numbers = st.integers(0, 60)
    return {
        "cases": draw(st.sets(st.integers(0, 4), min_size=1, max_size=2)),
        "ledger": draw(st.sampled_from(["nothing", "some", "all", "all"])),
        "mapping": draw(st.sets(st.sampled_from(MAPPING_EDITS), max_size=3)),
        "source": draw(st.lists(st.tuples(st.sampled_from(SOURCE_EDITS), numbers), max_size=4)),
        "target": draw(st.lists(st.tuples(st.sampled_from(TARGET_EDITS), numbers), max_size=2)),
        "limit": draw(st.sampled_from([None, None, 5])),
        "saved": draw(st.booleans()),
    }


@given(case=edits())
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # a smaller example would cost minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_apply_writes_what_plan_printed_and_nothing_else(
    pulled: Config, case: dict[str, Any]
) -> None:
    zammad = FakeZammad(token=TOKEN)
    recorder = Recorder(zammad.app)
    with tempfile.TemporaryDirectory() as name, serve(recorder) as served:
        site = _site(Path(name), pulled, served.url, zammad, recorder)
        site.keep_cases(case["cases"])
        if case["ledger"] != "nothing":
            site.apply(Scope(limit=4 if case["ledger"] == "some" else None))
        for mapping in case["mapping"]:
            site.edit_mapping(*mapping)
        for what, number in case["source"]:
            site.edit_source(what, number)
        for what, number in case["target"]:
            site.edit_target(what, number)
        scope, file = Scope(limit=case["limit"]), Path(name) / "x.plan"
        made = site.plan(scope, file)
        saved = open_plan(site.config, file)[0] if case["saved"] else None
        before = site.ids()
        recorder.sent.clear()
        applied = site.apply(scope, saved)
        expected, there = printed(site.changes), happened(site, before)
        assert there.created == expected.created
        assert dict(there.updated) == dict(expected.updated)
        assert dict(there.articles) == dict(expected.articles)
        _counts_agree(made, applied)
        assert made.has_changes or not recorder.sent


def _counts_agree(made: Any, applied: Any) -> None:
    """The figures at the end of apply are those that the plan had, for every step."""
    words = {Action.CREATE: "created", Action.UPDATE: "updated", Action.FAIL: "failed"}
    for entity, actions in made.actions.items():
        done = applied.counts.done.get(entity, {})
        assert {word: actions[action] for action, word in words.items()} == {
            word: done.get(word, 0) for word in words.values()
        }, entity


def _site(folder: Path, pulled: Config, url: str, zammad: FakeZammad, recorder: Recorder) -> Site:
    config = config_of(folder, pulled.kayako.url, url)
    shutil.copytree(ROOT / "mappings", folder / "mappings")
    shutil.copytree(pulled.snapshot_folder, config.snapshot_folder)
    return Site(replace(config, mappings=folder / "mappings"), zammad, recorder)
