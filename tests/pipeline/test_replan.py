"""A plan that remembers says what a plan that does not says; an edit shows what it changes."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.config.load import load as load_config
from runner.config.model import Config
from runner.engine import remembered
from runner.engine.effect import HAPPENS, Difference
from runner.engine.plan import Plan
from runner.engine.threads import Threads
from runner.errors import InvalidFiles
from runner.mapping.load import load_mappings
from runner.pipeline import (
    Scope,
    all_doubts,
    explain_record,
    headers_and_bodies,
    make_plan,
    plan_doubts,
    watch_plan,
)
from runner.sandbox.both import EMAIL, PASSWORD, TOKEN, start
from runner.sandbox.data import hard_cases
from runner.snapshot import Snapshot
from runner.snapshot.census import Census, take
from tests.mapping.support import ROOT


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    folder = tmp_path_factory.mktemp("replan")
    shutil.copytree(ROOT / "mappings", folder / "mappings")
    with start(hard_cases()) as sandbox:
        (folder / "config.yaml").write_text(
            f"kayako:\n  url: {sandbox.kayako_url}\n  email: {EMAIL}\n  password: {PASSWORD}\n"
            "  requests_per_minute: 100000\n"
            f"zammad:\n  url: {sandbox.zammad_url}\n  token: {TOKEN}\n"
        )
        config = load_config(folder / "config.yaml")
        quiet: dict[str, Any] = {"progress": lambda *_: None, "stop": threading.Event()}
        headers_and_bodies(config, bodies=True, **quiet)
        yield config


@pytest.fixture(autouse=True)
def mappings(config: Config) -> Iterator[Path]:
    """Give the shipped mappings back after each test."""
    yield config.mappings
    shutil.copytree(ROOT / "mappings", config.mappings, dirs_exist_ok=True)


def plan_of(config: Config) -> Plan:
    made, _ = make_plan(
        config,
        Scope(),
        show=1,
        pull=False,
        progress=lambda *_: None,
        seen=lambda _: None,
        stop=threading.Event(),
    )
    return made


def planned(config: Config) -> dict[str, Any]:
    return plan_of(config).as_json()


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


STATES = "vocabularies/states.yaml"


def test_a_second_plan_reads_no_post_and_says_the_same(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = planned(config)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a post was read")

    monkeypatch.setattr(Threads, "read", never)
    assert planned(config) == first
    edit(config.mappings, STATES, "becomes: open", "becomes: pending close")
    assert planned(config)["dropped"] != first["dropped"]


def test_what_kayako_holds_is_counted_again_after_a_pull_only(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Census] = []

    def count(snapshot: Snapshot) -> Census:
        counted.append(take(snapshot))
        return counted[-1]

    monkeypatch.setattr(remembered, "take", count)
    config.plan_cache.unlink(missing_ok=True)
    first, second = plan_of(config), plan_of(config)
    assert len(counted) == 1
    assert first.census == second.census == counted[0]
    snapshot = Snapshot.open(config.snapshot_folder)
    snapshot.set_meta("anything", 1)
    snapshot.close()
    plan_of(config)
    assert len(counted) == 2


def test_a_plan_without_tickets_calls_no_mailbox_unneeded(config: Config) -> None:
    made, _ = make_plan(
        config,
        Scope(only=("users",)),
        show=0,
        pull=False,
        progress=lambda *_: None,
        seen=lambda _: None,
        stop=threading.Event(),
    )
    assert made.inventory.mailboxes == []
    assert plan_of(config).inventory.mailboxes != []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (STATES, "becomes: open", "becomes: pending close"),
        ("articles.yaml", "activity: an entry", "note: an entry"),
        ("vocabularies/channels.yaml", "NOTE: note", "NOTE: web"),
        ("tickets.yaml", "    TRASH: deleted in Kayako\n", "    ACTIVE: not wanted\n"),
    ],
)
def test_after_an_edit_the_plan_is_as_if_nothing_were_remembered(
    config: Config, name: str, old: str, new: str
) -> None:
    before = planned(config)
    edit(config.mappings, name, old, new)
    quick = planned(config)
    config.plan_cache.unlink()
    assert quick == planned(config)
    assert (quick == before) is (name == "vocabularies/channels.yaml")


def test_what_was_pulled_since_is_planned(config: Config) -> None:
    before = planned(config)
    quiet: dict[str, Any] = {"progress": lambda *_: None, "stop": threading.Event()}
    headers_and_bodies(config, bodies=True, **quiet)
    assert planned(config) == before


@pytest.mark.parametrize("content", [b"", b"not a database" * 100])
def test_a_file_that_cannot_be_used_costs_time_and_nothing_else(
    config: Config, content: bytes
) -> None:
    before = planned(config)
    config.plan_cache.write_bytes(content)
    assert planned(config) == before
    config.plan_cache.unlink()


class Watched:
    """Edits a file after each plan and keeps what is told."""

    def __init__(self, edits: list[tuple[str, str, str]], folder: Path) -> None:
        self.edits, self.folder = edits, folder
        self.told: list[list[Difference]] = []
        self.mistakes: list[InvalidFiles] = []
        self.stop = threading.Event()

    def planned(self, _made: Plan, differences: list[Difference]) -> None:
        self.told.append(differences)
        self.next()

    def mistaken(self, error: InvalidFiles) -> None:
        self.mistakes.append(error)
        self.next()

    def next(self) -> None:
        if self.edits:
            edit(self.folder, *self.edits.pop(0))
        else:
            self.stop.set()


def test_every_save_is_planned_and_its_effect_told(config: Config) -> None:
    watched = Watched(
        [
            (STATES, "becomes: open", "becomes: pending close"),
            ("tickets.yaml", "    from: subject\n", "    fron: subject\n"),
            ("tickets.yaml", "    fron: subject\n", "    from: subject\n"),
            ("tickets.yaml", "    TRASH: deleted in Kayako\n", ""),
            ("articles.yaml", "      NOTE: true\n", "      NOTE: false\n"),
        ],
        config.mappings,
    )
    watch_plan(
        config,
        Scope(),
        planned=watched.planned,
        mistaken=watched.mistaken,
        progress=lambda *_: None,
        seen=lambda _: None,
        stop=watched.stop,
    )
    first, states, mended, trash, notes = watched.told
    assert first == mended == []
    state = next(one for one in states if one.field == "state")
    assert {*state.pairs} >= {("open", "pending close")}
    assert state.records == sum(state.pairs.values()) >= 3
    assert len(watched.mistakes) == 1
    assert [(one.field, one.records) for one in trash if one.field == HAPPENS] == [(HAPPENS, 1)]
    assert {one.field for one in notes} == {"articles"}


def test_a_strict_plan_names_labels_that_nobody_listed(config: Config) -> None:
    made = plan_of(config)
    labels = [problem.message for problem in plan_doubts(config, made)]
    assert any(text.startswith("the label Waiting for vendor (") for text in labels)
    edit(config.mappings, STATES, "custom:\n", "custom:\n  Waiting for vendor: pending close\n")
    left = [problem.message for problem in plan_doubts(config, made)]
    assert len(left) == len(labels) - 1


def test_names_that_kayako_does_not_have_are_told(config: Config) -> None:
    table = "kayako_to_zammad:\n"
    edit(config.mappings, "vocabularies/teams.yaml", table, f"{table}  Salles: Users\n")
    edit(
        config.mappings, "vocabularies/people.yaml", table, f"{table}  x@nowhere.example: nobody\n"
    )
    edit(config.mappings, STATES, "custom:\n", "custom:\n  Escalate: open\n")
    field = "    from: custom_fields.prodduct\n"
    edit(config.mappings, "tickets.yaml", "    from: subject\n", field)
    told = [problem.message for problem in all_doubts(config, load_mappings(config.mappings))]
    assert sorted(told) == [
        "Kayako has no custom field prodduct; did you mean product?",
        "Kayako has no label Escalate; did you mean Escalated?",
        "Kayako has no team Salles; did you mean Sales?",
        "Kayako has no user x@nowhere.example",
    ]


def test_as_shipped_nothing_is_doubtful(config: Config) -> None:
    assert all_doubts(config, load_mappings(config.mappings)) == []


@pytest.mark.parametrize(
    ("word", "number", "entity"),
    [
        ("business-hour", "1", "calendars"),
        ("macro", "3", "macros"),
        ("text-module", "1", "text_modules"),
        ("category", "1", "kb_categories"),
        ("section", "1", "kb_sections"),
        ("article", "1", "kb_answers"),
    ],
)
def test_every_kind_of_record_is_explained(
    config: Config, word: str, number: str, entity: str
) -> None:
    found, unreachable = explain_record(config, word, number, by_ticket=False)
    assert unreachable is None
    assert (found.entity, str(found.record["id"])) == (entity, number)
    assert found.steps
    assert found.as_json()["change"]["action"] == "create"
