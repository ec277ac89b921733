"""``plan --refresh``: what people did in Zammad to what was moved."""

from __future__ import annotations

from collections.abc import Callable

from tests.behaviour.conftest import Stage

Make = Callable[..., Stage]


def test_a_fresh_move_shows_no_drift_and_each_kind_of_change_is_named(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes")
    before = s.writes
    plan = s.place.ask("plan", "--refresh")
    assert plan["drift"]["counts"] == []
    assert plan["drift"]["looked_at"]["tickets"] == plan["actions"]["tickets"]["unchanged"]
    assert s.place.ask("plan")["drift"] is None

    tickets = {row["number"]: row["id"] for row in s.zammad.rows("/tickets")}
    users = {row["login"]: row["id"] for row in s.zammad.rows("/users")}
    retitled, gone, merged, answered = sorted(n for n in tickets if n.isdigit())[5:9]
    s.zammad.ask("PUT", f"/tickets/{tickets[retitled]}", json={"title": "By an agent"})
    s.zammad.ask("DELETE", f"/tickets/{tickets[gone]}")
    states = {row["name"]: row["id"] for row in s.zammad.get("/ticket_states")}
    s.sandbox.zammad.tables.tickets[tickets[merged]]["state_id"] = states["merged"]
    article = {"ticket_id": tickets[answered], "body": "Done.", "type": "note", "internal": True}
    s.zammad.ask("POST", "/ticket_articles", json=article)
    person = users["customer-25@customers.example"]
    s.zammad.ask("PUT", f"/users/{person}", json={"lastname": "By an agent"})
    s.sandbox.zammad.tables.organizations.popitem()
    after = s.writes

    found = s.place.ask("plan", "--refresh")["drift"]
    by_number = {
        row["target_id"]: (row["what"], row["fields"])
        for row in found["records"]
        if row["entity"] == "tickets"
    }
    assert by_number == {
        tickets[retitled]: ("changed", ["title"]),
        tickets[gone]: ("gone", []),
        tickets[merged]: ("merged", []),
        tickets[answered]: ("changed", ["articles, tags or links"]),
    }
    others = [(row["entity"], row["what"], row["fields"]) for row in found["records"][:2]]
    assert others == [("organizations", "gone", []), ("users", "changed", ["lastname"])]
    assert {(one["entity"], one["what"]): one["records"] for one in found["counts"]} == {
        ("organizations", "gone"): 1,
        ("tickets", "changed"): 2,
        ("tickets", "gone"): 1,
        ("tickets", "merged"): 1,
        ("users", "changed"): 1,
    }
    said = s.place.succeed("plan", "--refresh")
    assert "1 ticket gone: apply does not make it again" in said
    assert "By an agent" not in said
    assert f"gone: tickets/{gone} (id {tickets[gone]})" in said
    assert s.writes == after > before
