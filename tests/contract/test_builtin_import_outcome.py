"""The recorded Kayako, moved by us, beside what Zammad's own importer made of it.

Field by field for groups, organizations, users, tickets and articles; every difference is intended
and named here. Custom fields are compared in ``test_builtin_custom_fields``; time entries are not
moved yet.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.sandbox.data import recorded
from tests.behaviour.conftest import Stage

Make = Callable[..., Stage]

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"
KAYAKO = RECORDINGS / "kayako" / "recordings.json"
OUTCOME = RECORDINGS / "zammad" / "builtin-import-outcome.json"

pytestmark = pytest.mark.skipif(
    not OUTCOME.exists(), reason="the recordings of a real Zammad are not beside this checkout"
)


@pytest.fixture(scope="module")
def theirs() -> dict[str, Any]:
    outcome: dict[str, Any] = json.loads(OUTCOME.read_text())
    return outcome


@pytest.fixture
def moved(stage: Make) -> Stage:
    s = stage(recorded(KAYAKO), zammad_version="5.2")
    s.place.succeed("pull")
    s.place.succeed("plan")
    s.place.succeed("apply", "--yes")
    s.place.succeed("finish", "--accept", "--yes")
    return s


def test_the_same_records_come_out_but_for_the_named_differences(
    moved: Stage, theirs: dict[str, Any]
) -> None:
    everything = moved.zammad.everything()
    ours = dict(_ours(everything))
    wanted = dict(_theirs(theirs))
    assert len(wanted) > 200
    differences = {
        key: (ours.get(key), wanted.get(key))
        for key in ours.keys() | wanted.keys()
        if ours.get(key) != wanted.get(key)
    }
    assert {key: value for key, value in differences.items() if key not in INTENDED} == {}
    assert INTENDED.keys() - differences.keys() == set()


def test_what_differs_is_right(moved: Stage) -> None:
    ours = moved.zammad.everything()
    recorded_cases = recorded(KAYAKO).cases
    for number, ticket in ours["tickets"].items():
        if int(number) in recorded_cases:
            wanted = recorded_cases[int(number)]["updated_at"]
            assert ticket["updated_at"][:19] == wanted[:19], number
    assert ours["tickets"]["5"]["close_at"][:19] == "2021-09-01T12:24:39"
    assert all(
        article["subject"]
        for ticket in ours["tickets"].values()
        for article in ticket["articles"]
        if article["type"] == "email"
    )
    dana = ours["users"]["dana.kim@example.net"]
    assert (dana["firstname"], dana["lastname"]) == ("Dana", "Kim")
    chat = ours["tickets"]["1"]["articles"][0]
    assert chat["type"] == "chat"
    assert chat["body"].strip()
    welcome = next(t for t in ours["tickets"].values() if t["title"].startswith("Welcome"))
    assert len(welcome["articles"]) == 1


_UPDATED = "Kayako's own; the importer leaves the moment of the import"
_UNASSIGNED = "a conversation without a team goes to a group that says so, not to Users"
_SUBJECT = "every mail has its subject; the importer sets none"
_PLAIN = "text that is no HTML is not read as HTML"

INTENDED: dict[tuple[str, str], str] = {
    ("group", "Kayako unassigned"): _UNASSIGNED,
    ("ticket group", "2"): _UNASSIGNED,
    ("ticket group", "5"): _UNASSIGNED,
    ("organization domain_assignment", "Zammad Foundation"): (
        "it was there before: adopted, its domain assignment not touched"
    ),
    ("organization shared", "Brewfictus"): "shared only where Kayako's is_shared says so",
    ("organization shared", "Kayako"): "shared only where Kayako's is_shared says so",
    ("user roles", "kelly@kayako.example"): "collaborators are agents",
    ("user groups", "kelly@kayako.example"): "collaborators are agents, with their teams",
    **{("ticket updated_at", number): _UPDATED for number in ("1", "2", "3", "4", "5")},
    ("ticket title", "2"): "white space around a subject is taken off",
    ("ticket pending_time", "4"): "Zammad's pending states need a time; the importer sets none",
    ("ticket close_at", "5"): "a closed ticket has the time at which it was closed",
    ("article content_type", "1/0"): _PLAIN,
    ("article content_type", "1/5"): _PLAIN,
    ("article body", "1/0"): "chat messages keep their text, which the importer loses",
    **{("article subject", name): _SUBJECT for name in ("1/1", "1/2", "1/3", "3/0")},
}


Fact = tuple[tuple[str, str], Any]

_PRISTINE = {
    *("-", "nicole.braun@zammad.org", "nicole.braun@foundation.example", "admin@example.com"),
}
"""Users of the untouched installations; the second and third are one, renamed."""


def _ours(seen: dict[str, Any]) -> Iterator[Fact]:
    """Yield what we made: (kind of fact, name) and value."""
    yield from ((("group", name), active) for name, active in seen["groups"].items())
    for name, row in seen["organizations"].items():
        for field in ("domain", "domain_assignment", "shared"):
            yield (f"organization {field}", name), row[field]
    for login, row in seen["users"].items():
        if login not in _PRISTINE:
            for field in ("firstname", "lastname", "email", "active", "organization"):
                yield (f"user {field}", login), row[field]
            for field in ("roles", "groups"):
                yield (f"user {field}", login), sorted(row[field])
    for number, ticket in seen["tickets"].items():
        if not ticket["title"].startswith("Welcome"):
            yield from _ticket(number, ticket, ticket["owner"], ticket["customer"])
            for place, row in enumerate(ticket["articles"]):
                files = [tuple(file) for file in row["attachments"]]
                yield from _article(f"{number}/{place}", row, row["body"], row["origin_by"], files)


def _theirs(outcome: dict[str, Any]) -> Iterator[Fact]:
    """Yield the same facts of what the importer made; its welcome ticket's article apart."""
    yield from ((("group", row["name"]), row["active"]) for row in outcome["groups"])
    for row in outcome["organizations"]:
        for field in ("domain", "domain_assignment", "shared"):
            yield (f"organization {field}", row["name"]), row[field]
    for row in outcome["users"]:
        if row["login"] not in _PRISTINE:
            for field in ("firstname", "lastname", "email", "active", "organization"):
                yield (f"user {field}", row["login"]), row[field]
            for field in ("roles", "groups"):
                yield (f"user {field}", row["login"]), sorted(row[field])
    for row in outcome["tickets"]:
        number = row["number"]
        yield from _ticket(number, row, row["owner"]["login"], row["customer"]["login"])
        moved = [each for each in row["articles"] if not each["body_prefix"].startswith("Welcome!")]
        for place, article in enumerate(sorted(moved, key=lambda each: each["created_at"])):
            files = [(file["filename"], file["sha256"]) for file in article["attachments"]]
            author = article["created_by"]["login"]
            name = f"{number}/{place}"
            yield from _article(name, article, article["body_prefix"], author, files)


def _ticket(number: str, row: dict[str, Any], owner: str, customer: str) -> Iterator[Fact]:
    for field in ("title", "state", "priority", "group", "type", "organization"):
        yield (f"ticket {field}", number), row[field]
    for field in ("pending_time", "close_at", "created_at", "updated_at"):
        yield (f"ticket {field}", number), (row[field] or "")[:19]
    yield ("ticket owner", number), owner
    yield ("ticket customer", number), customer
    yield ("ticket tags", number), sorted(row["tags"])


def _article(
    name: str, row: dict[str, Any], body: str, author: str, files: list[tuple[str, str]]
) -> Iterator[Fact]:
    for field in ("type", "sender", "internal", "content_type", "subject"):
        yield (f"article {field}", name), row[field]
    yield ("article created_at", name), row["created_at"][:19]
    yield ("article author", name), author
    yield ("article files", name), files
    yield ("article body", name), " ".join(body.split())[:150]


def test_the_recorded_attachment_arrives_byte_for_byte(moved: Stage) -> None:
    (file,) = (
        file for article in moved.zammad.ticket("3")["articles"] for file in article["attachments"]
    )
    assert file[0] == "favicon.ico"
    assert file[1] == "2389c445fbce64fb4d5de548689d3e000700e8da1d35df2a912621ab07b46d9e"
    assert len(file[1]) == hashlib.sha256().digest_size * 2
