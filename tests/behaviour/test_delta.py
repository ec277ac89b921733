"""What changed at the source since the last time, and only that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from runner.sandbox.data import Helpdesk, common
from runner.sandbox.data.hard.drafts import CUSTOMER
from runner.sandbox.data.shapes import reference
from runner.zammad.import_mode import PROBES
from tests.behaviour.conftest import Stage
from tests.behaviour.support import differences

Make = Callable[..., Stage]
BY_AGENT = ("state", "close_at", "updated_at")
"""What changes in Zammad when an agent closes a ticket."""


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


@dataclass
class Changed:
    """Which conversation has which fate between two runs."""

    posted: int
    renamed: int
    moved: int
    deleted: int
    merged: int
    clash: int
    left: int


def change_the_source(helpdesk: Helpdesk) -> Changed:
    """Let people work in Kayako: every kind of change once, each in a conversation of its own."""
    taken = [number for number in ordinary_cases(helpdesk, 99) if is_plain(helpdesk, number)]
    posted, renamed, moved, deleted, clash, left = taken[:6]
    user = 28
    (merged,) = (n for n, case in helpdesk.cases.items() if asks(case) == user)
    helpdesk.add_post(posted, "It is still broken.")
    helpdesk.change_subject(renamed, "Another subject")
    team = next(n for n in helpdesk.teams if n != (asked_of(helpdesk, moved) or {}).get("id"))
    helpdesk.move_team(moved, team)
    helpdesk.delete_case(deleted)
    helpdesk.delete_user(user)
    helpdesk.touch(merged, requester=reference("user", 26))
    helpdesk.set_status(clash, common.PENDING)
    return Changed(posted, renamed, moved, deleted, merged, clash, left)


def is_plain(helpdesk: Helpdesk, number: int) -> bool:
    """Say whether a conversation is open, the usual customer's, and nobody's in particular."""
    case = helpdesk.cases[number]
    is_open = case["status"]["id"] == common.OPEN
    return is_open and asks(case) == CUSTOMER and case["assigned_agent"] is None


def asks(case: dict[str, Any]) -> int | None:
    return (case["requester"] or {}).get("id")


def asked_of(helpdesk: Helpdesk, number: int) -> dict[str, Any] | None:
    team: dict[str, Any] | None = helpdesk.cases[number]["assigned_team"]
    return team


def written(s: Stage, since: int, numbers: dict[int, str]) -> Counter[str]:
    """Count the requests that wrote something, tickets by number, other records without theirs."""
    counted: Counter[str] = Counter()
    for request in list(s.sandbox.zammad.requests)[since:]:
        if request.method == "GET" or request.path.endswith(("/search", "/init")):
            continue
        path = request.path.removeprefix("/api/v1")
        head, _, identifier = path.rpartition("/")
        if head == "/tickets":
            path = f"/tickets number {numbers[int(identifier)]}"
        elif identifier.isdigit():
            path = head
        counted[f"{request.method} {path}"] += 1
    return counted


@pytest.mark.parametrize("version", ["6.5", "5.2"])
def test_a_second_apply_writes_exactly_what_changed_and_lists_what_clashes(
    stage: Make, version: str
) -> None:
    s = stage(zammad_version=version)
    s.place.succeed("apply", "--yes")
    s.place.succeed("finish", "--accept", "--yes")
    before = s.zammad.everything()
    numbers = {row["id"]: row["number"] for row in s.zammad.rows("/tickets")}
    ids = {int(number): identifier for identifier, number in numbers.items()}
    now = change_the_source(s.helpdesk)
    for number in (now.clash, now.left, now.renamed):
        s.zammad.ask("PUT", f"/tickets/{ids[number]}", json={"state": "closed"})
    since = len(s.sandbox.zammad.requests)

    said = s.place.succeed("apply", "--yes")
    counted = written(s, since, numbers)
    assert counted == {
        "POST /organizations": PROBES,
        "DELETE /organizations": PROBES,
        "PUT /settings": 1,
        "POST /ticket_articles": 1,
        f"PUT /tickets number {now.posted}": 1,
        f"PUT /tickets number {now.renamed}": 1,
        f"PUT /tickets number {now.moved}": 1,
        f"PUT /tickets number {now.merged}": 1,
    }
    assert "1 user gone from Kayako, left in Zammad: 28" in said
    assert f"1 ticket gone from Kayako, left in Zammad: {now.deleted}" in said
    (line,) = (
        row for row in said.splitlines() if f"tickets/{now.clash} " in row and "state" in row
    )
    assert "”: state was changed in Zammad too; it stays as it is there (in Kayako now: " in line

    after = s.zammad.everything()
    assert {name: after[name] for name in ("groups", "organizations", "users")} == {
        name: before[name] for name in ("groups", "organizations", "users")
    }
    lines = differences(before["tickets"], after["tickets"])
    assert {line.partition(":")[0] for line in lines} == {
        f"/{now.posted}/articles",
        f"/{now.posted}/updated_at",
        *(f"/{now.renamed}/{name}" for name in ("title", "state", "close_at", "updated_at")),
        *(f"/{now.moved}/{name}" for name in ("group", "updated_at")),
        *(f"/{now.merged}/{name}" for name in ("customer", "organization", "updated_at")),
        *(f"/{number}/{name}" for number in (now.clash, now.left) for name in BY_AGENT),
    }
    old, new = (row["tickets"][str(now.posted)]["articles"] for row in (before, after))
    assert new[:-1] == old
    assert new[-1]["body"] == "It is still broken."
    tickets = after["tickets"]
    assert tickets[str(now.renamed)]["title"] == "Another subject"
    assert {tickets[str(n)]["state"] for n in (now.clash, now.left, now.renamed)} == {"closed"}
    assert tickets[str(now.merged)]["customer"] == "customer-26@customers.example"
    for number in (now.posted, now.renamed, now.moved, now.merged):
        moment = s.helpdesk.cases[number]["updated_at"][:19]
        assert tickets[str(number)]["updated_at"][:19] == moment

    # The ticket that clashes stays as its agent left it, whenever Kayako changed it last.
    assert tickets[str(now.clash)]["updated_at"] == "now"

    again = s.place.ask("apply", "--yes")
    assert (again["wrote"], again["gone"]) == (False, {"users": [28], "tickets": [now.deleted]})
    notes = s.place.ask("status", "--notes")["notes"]
    kept = {(note["source_id"], note["field"]) for note in notes if note["kind"] == "conflict"}
    assert kept == {(str(now.clash), "state"), (str(now.clash), "pending_time")}


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
