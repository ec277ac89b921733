"""The main job, driven as its user drives it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tinydb import TinyDB

from tests.behaviour.conftest import Stage

Make = Callable[..., Stage]


@pytest.mark.parametrize("version", ["6.5", "5.2"])
def test_plan_says_what_apply_does_and_a_second_apply_writes_nothing(
    stage: Make, version: str
) -> None:
    s = stage(zammad_version=version)
    s.place.succeed("check")
    s.place.succeed("validate")
    s.place.succeed("pull")
    plan = s.place.ask("plan")
    assert plan["bodies_unread"] == 0
    applied = s.place.ask("apply", "--yes")
    for entity, words in plan["actions"].items():
        done = applied["result"][entity.capitalize()]
        assert done["created"] == words["create"], entity
        assert done["failed"] == 0, entity
        assert done["sum"] == done["total"], entity
    assert sum(1 for _ in s.zammad.rows("/tickets")) == applied["result"]["Tickets"]["created"] + 1
    status = s.place.ask("status")
    assert status["result"] == applied["result"]
    assert status["failed"] == []
    assert status["started_at"] <= status["finished_at"]

    before = s.zammad.everything()
    written = s.writes
    again = s.place.ask("apply", "--yes")
    assert s.writes == written
    assert not again["wrote"]
    assert all(not words["created"] and not words["updated"] for words in again["result"].values())
    assert s.zammad.everything() == before
    assert s.sandbox.zammad.mails_sent == []


def test_plan_without_a_snapshot_reads_headers_and_says_what_it_did_not_read(
    stage: Make,
) -> None:
    s = stage()
    plan = s.place.ask("plan", "--limit", "10")
    assert plan["actions"]["tickets"]["create"] == 10
    assert plan["bodies_unread"] == 10
    text = s.place.succeed("plan")
    assert "messages are not read yet" in text


def test_plan_goes_on_without_a_target_and_says_so(stage: Make) -> None:
    s = stage()
    s.place.succeed("pull")
    s.place.edit("config.yaml", s.sandbox.zammad_url, "http://127.0.0.1:9")
    plan = s.place.ask("plan")
    assert plan["target"] is None
    assert "127.0.0.1:9" in plan["target_unreachable"]
    assert plan["actions"]["tickets"]["create"] > 50


def test_an_edit_in_a_mapping_touches_just_what_it_is_about(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes")
    s.place.edit("mappings/vocabularies/states.yaml", "PENDING: pending reminder", "PENDING: open")
    plan = s.place.ask("plan", "--show", "5")
    pending = [
        number
        for number, ticket in s.zammad.everything()["tickets"].items()
        if ticket["state"] == "pending reminder"
    ]
    assert pending
    assert plan["actions"]["tickets"]["update"] == len(pending)
    (samples,) = (value for name, value in plan["samples"].items() if name == "tickets update")
    assert {d["field"] for d in samples[0]["differences"]} == {"state", "pending_time"}
    s.place.succeed("apply", "--yes")
    after = s.zammad.everything()["tickets"]
    assert {after[number]["state"] for number in pending} == {"open"}
    assert s.place.migrate("plan", "--detailed-exitcode").returncode == 0


def test_finish_gives_real_groups_and_switches_import_mode_off(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes")
    assert s.zammad.setting("import_mode") is True
    disabled = [row["login"] for row in s.zammad.rows("/users") if not row["active"]]
    s.place.succeed("finish", "--accept", "--yes")
    assert s.zammad.setting("import_mode") is False
    now_disabled = [row["login"] for row in s.zammad.rows("/users") if not row["active"]]
    assert len(now_disabled) > len(disabled)
    assert s.place.ask("finish", "--accept", "--yes")["written"] == {}
    again = s.place.ask("apply", "--yes")
    assert not again["wrote"]
    assert s.zammad.setting("import_mode") is False
    assert s.sandbox.zammad.mails_sent == []


def test_the_ledger_is_a_plain_tinydb_file_after_a_run(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes")
    (file,) = (s.place.folder / ".migrate" / "ledgers").glob("*.json")
    with TinyDB(file) as database:
        tickets = database.table("tickets").all()
    assert {document["status"] for document in tickets} == {"done", "skipped"}
    done = [document for document in tickets if document["status"] == "done"]
    assert all(document["children"]["posts"] for document in done)


def test_no_secret_is_written_anywhere(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes")
    # The tutorial names the sandbox's own login.
    tutorial = s.place.folder / "mappings" / "README.md"
    for file in s.place.folder.rglob("*"):
        if file.is_file() and file.name != ".env" and file != tutorial:
            content = file.read_bytes()
            assert b"sandbox-token" not in content, file


def test_only_one_step_and_only_so_many_conversations(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes", "--only", "groups")
    names = {row["name"] for row in s.zammad.rows("/groups")}
    assert "General" in names
    assert len(s.zammad.rows("/tickets")) == 1
    result = s.place.ask("apply", "--yes", "--limit", "5")["result"]
    assert result["Tickets"]["created"] == 5
    assert len(s.zammad.rows("/tickets")) == 6


def test_every_lossy_step_is_listed_record_by_record(stage: Make) -> None:
    s = stage()
    plan = s.place.ask("plan")
    s.place.succeed("apply", "--yes")
    notes = s.place.ask("status", "--notes")["notes"]
    told = {(note["entity"], note["kind"], note["field"]) for note in notes}
    # Plan is made before messages are read: it cannot know less of the records themselves.
    headers = {
        (row["entity"], row["kind"], row["field"])
        for row in plan["notes"]
        if row["entity"] != "tickets"
    }
    assert headers <= told
    assert ("tickets", "cut", "title") in told
    text = s.place.succeed("status", "--notes")
    assert f"{len(notes)} notes" in text
    assert "tickets/" in text
