"""People in copy who stand in no mail of their conversation."""

from __future__ import annotations

from typing import Any

from runner.snapshot.copied import addresses, fill


def participant(email: str | None, role: str | None = "CUSTOMER") -> dict[str, Any]:
    name = (email or "").partition("@")[0]
    return {"person": {"name": name, "role": role} if role else None, "email": email}


def written(channel: str | None = "MAIL", **changes: Any) -> dict[str, Any]:
    common = {"from": "a@example.org", "to": ["support@acme.example"], "cc": []}
    kind = {"resource_type": "activity" if channel is None else "case_message"}
    return {**common, "source_channel": channel and {"type": channel}, "original": kind, **changes}


def copied(people: list[dict[str, Any]], *posts: dict[str, Any]) -> list[list[str]]:
    fill({"participants": people}, list(posts))
    return [post["copied"] for post in posts]


def test_the_first_message_names_those_whom_no_mail_names() -> None:
    people = [participant("b@example.org"), participant("C@example.org")]
    assert copied(people, written(), written(cc=["C <c@example.org>"])) == [
        ["b <b@example.org>"],
        [],
    ]


def test_notes_and_activities_name_nobody() -> None:
    people = [participant("b@example.org", role=None)]
    found = copied(people, written("NOTE"), written(None), written("MESSENGER"))
    assert found == [[], [], ["b@example.org"]]
    assert copied(people, written("NOTE")) == [[]]


def test_staff_and_people_without_an_address_are_left_out() -> None:
    people = [participant("b@acme.example", role="AGENT"), participant(None)]
    assert copied(people, written()) == [[]]


def test_addresses_are_read_out_of_any_list() -> None:
    assert addresses(['"B, A" <B@x.example>, c@x.example', "only a name", ""]) >= {
        "b@x.example",
        "c@x.example",
    }
