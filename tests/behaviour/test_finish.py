"""Going live as a user sees it: refused by name, accepted on purpose, and nobody written to."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tinydb import TinyDB

from runner.sandbox.data import generate
from tests.behaviour.conftest import Stage

Make = Callable[..., Stage]


def moved(stage: Make, version: str) -> Stage:
    """Return a moved helpdesk in which a trigger is active and a ticket of an agent waits."""
    made = stage(generate(3, posts_each=1, users=3), zammad_version=version)
    made.place.succeed("apply", "--yes")
    made.place.succeed("verify")
    tables = made.sandbox.zammad.tables
    owner = next(row["id"] for row in tables.users.values() if row["email"].startswith("agent-"))
    made.zammad.ask(
        "PUT",
        f"/tickets/{max(tables.tickets)}",
        json={
            "owner_id": owner,
            "state": "pending reminder",
            "pending_time": "2020-01-01T00:00:00Z",
        },
    )
    return made


def last_run(stage: Stage) -> dict[str, Any]:
    """Return what the ledger keeps of the last run."""
    (file,) = (stage.place.folder / ".migrate" / "ledgers").glob("*.json")
    with TinyDB(file) as database:
        return dict(database.table("runs").all()[-1])


def test_what_would_be_sent_is_named_and_nothing_is_changed_until_it_is_accepted(
    stage: Make,
) -> None:
    s = moved(stage, "6.5")
    writes = s.writes
    refused = s.place.migrate("finish", "--yes")
    assert refused.returncode == 4
    assert "reminders, triggers, addresses stand in the way" in refused.stderr
    assert "auto reply (on new tickets): mails the customer" in refused.stdout
    assert "@acme.example>, by mail: 1" in refused.stdout
    assert "not closed" in refused.stdout
    some = s.place.migrate("finish", "--accept", "triggers,reminders", "--yes")
    assert some.returncode == 4
    assert "nothing was changed: addresses stand in the way" in some.stderr
    assert s.writes == writes
    assert s.zammad.setting("import_mode") is True
    said = s.place.succeed("finish", "--accept", "triggers,reminders", "addresses", "--yes")
    assert "Import mode switched off, and seen off" in said
    assert "Found by Zammad's search" in said
    assert "#password_reset" in said
    assert s.zammad.setting("import_mode") is False
    assert s.zammad.setting("ticket_number_ignore_system_id") is True
    run = last_run(s)
    assert {row["kind"] for row in run["accepted"]} == {"triggers", "reminders", "addresses"}
    assert run["accepted_by"]
    assert run["started_at"]
    only_the_agent_is_told(s)
    the_index_is_looked_at(s)


def only_the_agent_is_told(s: Stage) -> None:
    assert s.sandbox.zammad.mails_sent == []
    s.sandbox.zammad.tick()
    assert {mail["kind"] for mail in s.sandbox.zammad.mails_sent} == {"reminder_reached"}
    assert all("agent-" in mail["to"] for mail in s.sandbox.zammad.mails_sent)


def the_index_is_looked_at(s: Stage) -> None:
    s.sandbox.zammad.state.settings.write("es_url", "http://localhost:9200")
    probed = s.place.migrate("finish", "--probe")
    assert probed.returncode == 4
    assert "Not found by Zammad's search" in probed.stdout
    assert "zammad run rake zammad:searchindex:rebuild" in probed.stdout
    s.sandbox.zammad.rebuild_index()
    assert "Not found" not in s.place.succeed("finish", "--probe")


def test_machines_get_the_list_with_the_refusal_and_the_end(stage: Make) -> None:
    s = moved(stage, "5.2")
    s.place.edit("config.yaml", "mappings: map", "options:\n  follow_ups: leave\nmappings: map")
    refused = s.place.migrate("finish", "--yes", "--json")
    told = json.loads(refused.stdout)
    assert (refused.returncode, told["exit_code"]) == (4, 4)
    assert {row["kind"] for row in told["obstacles"]} == {"reminders", "triggers", "addresses"}
    trigger = next(row for row in told["obstacles"] if row["kind"] == "triggers")
    assert (trigger["to_customers"], trigger["accepted"]) == (True, False)
    assert s.place.migrate("finish", "--check").returncode == 4
    done = s.place.ask("finish", "--accept", "--yes")
    assert all(row["accepted"] for row in done["obstacles"])
    assert (done["import_mode_was_on"], done["settings"]) == (True, [])
    assert len(done["searched"]["found"]) == 3
    assert s.zammad.setting("ticket_number_ignore_system_id") is False
    assert s.place.ask("finish", "--check") == {"obstacles": []}


def test_reset_gives_back_the_settings_of_a_finish_before_any_move(stage: Make) -> None:
    s = stage(generate(1))
    names = ("ticket_number_ignore_system_id", "postmaster_follow_up_search_in", "import_mode")
    before = {name: s.zammad.setting(name) for name in names}
    s.place.succeed("finish", "--accept", "--yes")
    assert s.zammad.setting("ticket_number_ignore_system_id") is True
    s.place.succeed("reset", "--yes")
    assert {name: s.zammad.setting(name) for name in names} == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--accept", "trigger"), "trigger: nothing of that kind is listed"),
        (("triggers",), "write --accept before it"),
        (("--probe", "--accept"), "--probe goes alone"),
    ],
)
def test_what_makes_no_sense_is_refused(
    stage: Make, arguments: tuple[str, ...], words: str
) -> None:
    done = stage(generate(1)).place.migrate("finish", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
