"""Custom fields and new states, driven as the user drives them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from runner.sandbox.data import generate
from tests.behaviour.conftest import Stage

Make = Callable[..., Stage]


def ours(stage: Stage) -> dict[str, dict[str, Any]]:
    rows = stage.zammad.get("/object_manager_attributes")
    return {row["name"]: row for row in rows if row["name"].startswith("kayako_")}


def test_with_two_processes_that_lag_the_run_stops_before_the_first_record(stage: Make) -> None:
    s = stage(generate(3, users=3), zammad_version="5.2", zammad_workers=2)
    done = s.place.migrate("apply", "--yes")
    assert done.returncode == 4
    assert "loses the values of new attributes" in done.stderr
    assert "restart Zammad" in done.stderr
    assert len(s.zammad.rows("/tickets")) == 1
    assert len(s.zammad.rows("/organizations")) == 1
    s.sandbox.zammad.restart()
    assert s.place.ask("apply", "--yes")["result"]["Tickets"]["created"] == 3
    removed = s.place.ask("reset", "--yes")
    assert removed["remains"] == []
    assert removed["removed"]["attributes"] == 16
    assert ours(s) == {}


def test_a_server_that_restarts_itself_is_awaited(stage: Make) -> None:
    s = stage(generate(3, users=3), zammad_workers=2, zammad_auto_restart_seconds=0.5)
    s.place.edit("config.yaml", "settle_seconds: 0", "settle_seconds: 0.2")
    assert s.place.ask("apply", "--yes")["result"]["Tickets"]["created"] == 3


def test_the_files_decide_about_names_kinds_and_what_stays_behind(stage: Make) -> None:
    s = stage(generate(3, users=3))
    s.place.edit("config.yaml", "# options:\n", "options:\n  attribute_prefix: k_\n# options:\n")
    s.place.edit(
        "mappings/custom_fields.yaml",
        "  tickets:\n    ignore:\n    change:\n",
        "  tickets:\n    ignore:\n      form_file: files stay in Kayako\n"
        "    change:\n      pieces:\n        name: number_of_pieces\n        as: text\n",
    )
    assert s.place.migrate("validate").returncode == 0
    planned = s.place.ask("plan")["attributes"]["create"]
    assert "Ticket.k_product" in planned
    assert "Ticket.number_of_pieces" in planned
    assert not [name for name in planned if "form_file" in name or "kayako_" in name]
    text = s.place.succeed("plan")
    assert f"{len(planned)} attributes would be created: Ticket." in text
    s.place.succeed("apply", "--yes")
    rows = {row["name"]: row for row in s.zammad.get("/object_manager_attributes")}
    assert rows["number_of_pieces"]["data_type"] == "input"


def test_a_rule_for_a_field_that_kayako_does_not_have_names_its_line(stage: Make) -> None:
    s = stage(generate(3, users=3))
    s.place.edit(
        "mappings/custom_fields.yaml",
        "  tickets:\n    ignore:\n",
        "  tickets:\n    ignore:\n      prodcut: unused\n",
    )
    text = (s.place.folder / "mappings/custom_fields.yaml").read_text()
    lines = text.splitlines()
    done = s.place.migrate("plan")
    assert done.returncode == 3
    assert "did you mean product" in done.stderr
    line = next(n for n, words in enumerate(lines, 1) if "prodcut" in words)
    assert f"custom_fields.yaml:{line}:" in done.stderr


def test_another_type_under_the_name_of_an_attribute_is_told_by_plan_and_apply(
    stage: Make,
) -> None:
    s = stage(generate(3, users=3))
    body = {"object": "Ticket", "name": "kayako_product", "display": "P", "data_type": "date"}
    option = {"future": True, "past": True, "diff": None}
    path = "/object_manager_attributes"
    s.zammad.ask("POST", path, json={**body, "data_option": option})
    s.zammad.ask("POST", f"{path}_execute_migrations", json={})
    s.place.succeed("pull")
    for verb in (("plan",), ("apply", "--yes")):
        done = s.place.migrate(*verb)
        assert done.returncode == 4
        assert "kayako_product of Ticket is there already, of the type date" in done.stderr


def test_new_states_that_old_versions_refuse_stop_the_run_with_the_way_out(stage: Make) -> None:
    s = stage(zammad_version="5.2")
    s.place.edit(
        "mappings/vocabularies/states.yaml",
        "custom:\n",
        "custom:\n  Escalated:\n    new: Escalated\n    like: open\n",
    )
    done = s.place.migrate("apply", "--yes")
    assert done.returncode == 4
    assert "does not take tickets in states that were added: Escalated" in done.stderr
    assert "a.save!" in done.stderr
    assert len(s.zammad.rows("/tickets")) == 1
    # What the console lines do:
    state = s.sandbox.zammad.state
    state.dialect = dataclasses.replace(state.dialect, custom_states_usable=True)
    assert s.place.ask("apply", "--yes")["result"]["Tickets"]["failed"] == 0
    states = {ticket["state"] for ticket in s.zammad.everything()["tickets"].values()}
    assert "Escalated" in states


@pytest.mark.parametrize("version", ["6.5", "5.2"])
def test_the_hard_cases_values_arrive_and_losses_have_notes(stage: Make, version: str) -> None:
    s = stage(zammad_version=version)
    s.place.succeed("apply", "--yes")
    tickets = {row["title"]: row for row in s.zammad.rows("/tickets")}
    whole = {
        name.removeprefix("kayako_"): value
        for name, value in tickets["All custom fields"].items()
        if name.startswith("kayako_") and value not in (None, "", [])
    }
    assert whole == {
        "order_number": "Order 7",
        "address": "Street 1\n\nTown 2",
        "delivery": "101",
        "product": "112",
        "extras": ["121", "123"],
        "pieces": 2,
        "weight": "2.75",
        "region": "North::Coast::Harbour",
        "wanted_by": "2024-10-12",
        "code": "123",
        "insured": True,
        "form_file": "1",
    }
    odd = tickets["Odd custom fields"]
    assert odd["kayako_order_number"] == "x" * 300
    assert odd["kayako_delivery"] == "999"
    assert odd["kayako_extras"] == ["121", "999"]
    assert odd["kayako_pieces"] == 2_000_000_000
    assert odd["kayako_region"] == "South::Hills"
    assert odd["kayako_wanted_by"] == "2024-10-12"
    assert odd["kayako_insured"] is False
    assert odd["kayako_field_88"] == "of a field that is gone"
    others = [row for title, row in tickets.items() if "custom fields" not in title]
    assert {row["kayako_insured"] for row in others} == {None}
    attributes = ours(s)
    assert attributes["kayako_delivery"]["data_option"]["options"]["999"] == "(deleted) 999"
    assert attributes["kayako_no_longer_used"]["active"] is False
    users = {row["login"]: row for row in s.zammad.rows("/users")}
    assert any(row.get("kayako_customer_number") for row in users.values())
    assert any(row.get("kayako_newsletter") is False for row in users.values())
    assert any(row.get("kayako_contract") == "gold" for row in s.zammad.rows("/organizations"))
    kinds = {note["field"]: note["kind"] for note in s.place.ask("plan")["notes"]}
    assert kinds["kayako_form_file"] == "converted"
    assert kinds["kayako_delivery"] == "converted"
