"""People's pictures: pulled once, written once, on their own behalf; off by default."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner import pipeline
from runner.config.model import Config
from runner.engine.change import Action
from runner.engine.verified import Kind
from runner.ledger import Ledger
from runner.pipeline import Scope
from runner.sandbox.both import Sandbox, start
from runner.sandbox.data import hard_cases
from tests.engine.support import Notes
from tests.pipeline.conftest import config_of

STEPS = ("groups", "organizations", "users")
Row = dict[str, Any]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with start(hard_cases()) as made:
        yield made


def configured(folder: Path, sandbox: Sandbox, **options: Any) -> Config:
    config = config_of(folder, sandbox.kayako_url, sandbox.zammad_url)
    changed = dataclasses.replace(config.options, **options)
    return dataclasses.replace(config, options=changed)


def applied(config: Config) -> dict[str, int]:
    done = pipeline.run_apply(
        config,
        Scope(STEPS),
        pull=True,
        watcher=Notes(),
        progress=lambda *_: None,
        stop=threading.Event(),
    )
    assert done.counts.failed() == 0
    return done.counts.as_import_job().get("Avatars", {})


def planned(config: Config) -> dict[Action, int]:
    made, _ = pipeline.make_plan(
        config,
        Scope(STEPS),
        show=0,
        pull=True,
        progress=lambda *_: None,
        seen=lambda _: None,
        stop=threading.Event(),
    )
    return dict(made.actions.get("avatars", {}))


def pictures(sandbox: Sandbox) -> dict[str, Row]:
    """The pictures that people show, by first and last name."""
    users = sandbox.zammad.tables.users
    return {
        f"{users[row['o_id']]['firstname']} {users[row['o_id']]['lastname']}": row
        for row in sandbox.zammad.tables.avatars.values()
        if row["default"] and not row["initial"]
    }


def sent(sandbox: Sandbox) -> list[str]:
    return [
        request.path
        for request in sandbox.zammad.requests
        if request.method != "GET" and not request.path.endswith(("/init", "/search"))
    ]


def documents(config: Config) -> list[Row]:
    ledger = Ledger.open(config.ledger_file, read_only=True)
    try:
        return list(ledger.table("avatars"))
    finally:
        ledger.close()


def deviations(config: Config) -> list[tuple[str, Kind]]:
    found = pipeline.run_verify(
        config, sample=0, seed=1, progress=lambda *_: None, stop=threading.Event()
    )
    return [(one.source_id, one.kind) for one in found.deviations if one.entity == "avatars"]


def asked(sandbox: Sandbox) -> int:
    return sum("/avatar/" in request.path for request in sandbox.kayako.requests)


def test_pictures_arrive_once_when_asked_for_are_verified_and_go_with_their_people(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    assert applied(configured(tmp_path, sandbox)) == {}
    assert (pictures(sandbox), asked(sandbox)) == ({}, 0)
    config = configured(tmp_path, sandbox, avatars=True)
    assert planned(config) == {Action.CREATE: 2}
    assert applied(config)["created"] == 2
    found = pictures(sandbox)
    assert sorted(found) == ["Agent 6", "Customer 12"]
    assert found["Agent 6"]["content"].startswith("data:image/png;base64,")
    assert asked(sandbox) == 2
    assert planned(config) == {Action.UNCHANGED: 2}
    assert deviations(config) == []
    sandbox.zammad.requests.clear()
    assert applied(config) == {}
    assert sent(sandbox) == []
    assert asked(sandbox) == 2, "a picture that did not change is not read again"
    sandbox.zammad.tables.avatars[found["Agent 6"]["id"]]["default"] = False
    assert deviations(config) == [("", Kind.COUNT), ("6", Kind.MISSING)]
    removal = pipeline.run_reset(
        config, discard_changes=False, tell=lambda _: None, stopped=lambda: False
    )
    assert (removal.remains, pictures(sandbox)) == ([], {})
    assert documents(config) == []


def test_a_picture_whose_answer_or_result_is_lost_is_sent_once(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    sandbox.zammad.faults.fail("POST", "/users/avatar$", "reset_after")
    config = configured(tmp_path, sandbox, avatars=True)
    assert applied(config)["created"] == 2
    assert sum(not row["initial"] for row in sandbox.zammad.tables.avatars.values()) == 2
    ledger = Ledger.open(config.ledger_file)
    for document in list(ledger.table("avatars")):
        ledger.table("avatars").put({**document, "status": "intended", "sent": None})
    ledger.close()
    sandbox.zammad.requests.clear()
    applied(config)
    assert not [path for path in sent(sandbox) if path.endswith("/users/avatar")]
    assert {document["status"] for document in documents(config)} == {"done"}


@pytest.mark.parametrize("edited", [False, True])
def test_a_new_picture_comes_after_the_old_one_unless_somebody_chose_another(
    tmp_path: Path, sandbox: Sandbox, *, edited: bool
) -> None:
    config = configured(tmp_path, sandbox, avatars=True)
    applied(config)
    before = pictures(sandbox)["Agent 6"]
    if edited:
        before["content"] = "data:image/png;base64,bWluZQ=="
    helpdesk = sandbox.kayako.helpdesk
    first, second = (token for token in helpdesk.media if token.startswith("avatar/"))
    helpdesk.media[first] = helpdesk.media[second]
    user = helpdesk.table("user").get(6)
    assert user is not None
    helpdesk.add({**user, "avatar_updated_at": "2026-03-01T00:00:00+00:00"})
    counts = applied(config)
    assert (counts["updated"], counts["skipped"]) == ((0, 1) if edited else (1, 0))
    assert (pictures(sandbox)["Agent 6"]["id"] == before["id"]) == edited
    assert applied(config) == {}


def test_what_is_no_picture_leaves_a_note(tmp_path: Path, sandbox: Sandbox) -> None:
    helpdesk = sandbox.kayako.helpdesk
    first, second = (token for token in helpdesk.media if token.startswith("avatar/"))
    del helpdesk.media[first]
    helpdesk.media[second] = dataclasses.replace(helpdesk.media[second], content=b"no picture")
    config = configured(tmp_path, sandbox, avatars=True)
    assert applied(config)["skipped"] == 2
    notes = [note for document in documents(config) for note in document["notes"]]
    assert [note[:2] for note in notes] == [["dropped", "avatar"]] * 2
    assert "answered 404" in notes[0][2]
    assert applied(config) == {}
