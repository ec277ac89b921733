"""What changed at the source since the last time, and only that."""

from __future__ import annotations

from collections.abc import Callable

from runner.sandbox.data import Helpdesk
from tests.behaviour.conftest import Stage

Make = Callable[..., Stage]


def ordinary_cases(helpdesk: Helpdesk, number: int) -> list[int]:
    """Return ids of active conversations with an answer in them."""
    return [
        case_id
        for case_id, case in helpdesk.cases.items()
        if case["state"] == "ACTIVE"
        and case_id not in helpdesk.archived
        and 1 < case["post_count"] < 10
        and case["subject"]
    ][:number]


def test_a_second_apply_writes_only_what_changed_at_the_source(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes")
    before = s.zammad.everything()["tickets"]
    posted, renamed, moved, deleted = ordinary_cases(s.helpdesk, 4)
    s.helpdesk.add_post(posted, "It is still broken.")
    s.helpdesk.change_subject(renamed, "Another subject")
    team = next(
        team_id
        for team_id in s.helpdesk.teams
        if team_id != (s.helpdesk.cases[moved]["assigned_team"] or {}).get("id")
    )
    s.helpdesk.move_team(moved, team)
    s.helpdesk.delete_case(deleted)

    result = s.place.ask("apply", "--yes")["result"]["Tickets"]
    assert (result["created"], result["updated"], result["failed"]) == (0, 3, 0)
    after = s.zammad.everything()["tickets"]
    changed = {number for number in before if before[number] != after[number]}
    assert changed == {str(posted), str(renamed), str(moved)}
    assert str(deleted) in after
    added = after[str(posted)]["articles"][len(before[str(posted)]["articles"]) :]
    assert [article["body"] for article in added] == ["It is still broken."]
    assert after[str(renamed)]["title"] == "Another subject"
    assert after[str(moved)]["group"] != before[str(moved)]["group"]
    times = {n: s.helpdesk.cases[int(n)]["updated_at"][:19] for n in changed}
    assert {n: after[n]["updated_at"][:19] for n in changed} == times
    assert "gone from Kayako" in s.place.succeed("plan")


def test_what_an_agent_changed_in_zammad_stays_and_a_clash_is_listed(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes")
    one, clash = ordinary_cases(s.helpdesk, 2)
    ids = {row["number"]: row["id"] for row in s.zammad.rows("/tickets")}
    s.zammad.ask("PUT", f"/tickets/{ids[str(one)]}", json={"priority": "3 high"})
    s.zammad.ask("PUT", f"/tickets/{ids[str(clash)]}", json={"title": "Ours"})
    s.helpdesk.change_subject(one, "Theirs")
    s.helpdesk.change_subject(clash, "Theirs")
    s.helpdesk.add_post(clash, "One more.")
    s.place.succeed("pull")
    (conflict,) = s.place.ask("plan")["conflicts"]
    assert (conflict["source_id"], conflict["field"]) == (str(clash), "title")
    s.place.succeed("apply", "--yes")
    kept = s.zammad.ticket(str(one))
    assert (kept["title"], kept["priority"]) == ("Theirs", "3 high")
    clashed = s.zammad.ticket(str(clash))
    assert clashed["title"] == "Ours"
    assert clashed["articles"][-1]["body"] == "One more."


def test_records_that_were_there_before_are_adopted_and_never_trimmed(stage: Make) -> None:
    s = stage()
    s.zammad.ask("POST", "/groups", json={"name": "General", "active": True, "note": "ours"})
    agent = next(
        user
        for user in s.helpdesk.users.values()
        if user["full_name"] == "Agent 3" or "agent-3" in str(user)
    )
    email = s.helpdesk.table("identity_email")[agent["emails"][0]["id"]]["email"]
    s.zammad.ask(
        "POST",
        "/users",
        json={
            "login": email,
            "email": email,
            "firstname": "Kept",
            "lastname": "Name",
            "roles": ["Customer"],
        },
    )
    plan = s.place.ask("plan")
    adopted = {(row["entity"], row["label"]) for row in plan["adopted"]}
    assert ("groups", "General") in adopted
    s.place.succeed("apply", "--yes")
    after = s.zammad.everything()
    (row,) = (user for login, user in after["users"].items() if login == email.casefold())
    assert (row["firstname"], row["lastname"]) == ("Kept", "Name")
    assert set(row["roles"]) >= {"Customer", "Agent"}
    assert s.place.ask("apply", "--yes")["wrote"] is False
    s.place.succeed("reset", "--yes")
    after = s.zammad.everything()
    (row,) = (user for login, user in after["users"].items() if login == email.casefold())
    assert row["roles"] == ["Customer"]
    assert row["groups"] == []
    assert "General" in after["groups"]
