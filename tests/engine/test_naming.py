"""A plan for single records, in which what they refer to has names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runner.engine import explain, plan
from runner.errors import UsageError
from runner.mapping.load import load_mappings
from runner.mapping.model import Mappings
from tests.engine.support import Small, agent, case, looked, team, user
from tests.mapping.support import ROOT
from tests.snapshot.support import reference
from tests.zammad.support import Desk


def edited(folder: Path, name: str, entries: str) -> Mappings:
    shutil.copytree(ROOT / "mappings", folder / "mappings")
    file = folder / "mappings" / "vocabularies" / name
    head = "kayako_to_zammad:\n"
    file.write_text(file.read_text().replace(head, head + entries, 1))
    return load_mappings(folder / "mappings")


def fields(made: plan.Plan, kind: str) -> dict[str, object]:
    (sample,) = made.samples[kind]
    return {row["field"]: row["after"] for row in sample["differences"]}


def test_single_records_are_planned_with_all_their_fields(small: Small) -> None:
    world = small(teams=[team(1), team(2, "Other")], cases=[case(3), case(4)])
    made = plan.of_records(world, [("tickets", "4"), ("groups", "2")])
    assert {entity: words.total() for entity, words in made.actions.items()} == {
        "groups": 2,
        "tickets": 1,
    }
    assert fields(made, "tickets create")["number"] == "4"
    assert [row["source_id"] for row in made.samples["groups create"]] == [
        "=Kayako unassigned",
        "2",
    ]


def test_what_a_sample_refers_to_is_named_as_the_mappings_name_it(
    small: Small, tmp_path: Path
) -> None:
    mappings = edited(tmp_path, "teams.yaml", "  General: Helpdesk\n")
    assigned = {"assigned_team": team(), "assigned_agent": reference("user", 2)}
    world = small(mappings=mappings, cases=[case(4, requester=user(99), **assigned)])
    made = plan.of_records(world, [("tickets", "4")])
    assert made.names == {"groups/1": "Helpdesk", "users/2": "agent-2@acme.example"}


def test_a_successor_is_known_before_users_were_walked(
    small: Small, tmp_path: Path, zammad_desk: Desk
) -> None:
    handed_over = "  agent-2@acme.example: Agent-3@acme.example\n"
    mappings = edited(tmp_path, "people.yaml", handed_over)
    owned = case(4, assigned_team=team(), assigned_agent=reference("user", 2))
    world = small(mappings=mappings, users=[user(), agent(2), agent(3)], cases=[owned])
    looked(world, zammad_desk)
    made = plan.of_records(world, [("tickets", "4")])
    assert made.failures == []
    assert fields(made, "tickets create")["owner"] == {"ref": "users=Agent-3@acme.example"}
    assert explain.explain(world, "case", "4").change.reason == ""


def test_a_record_that_there_is_not_is_said_to_be_missing(small: Small) -> None:
    with pytest.raises(UsageError, match="the snapshot has no 9 among its cases"):
        plan.of_records(small(), [("tickets", "9")])
