"""The recorded answers of a real Kayako, pulled over HTTP, give the records that were recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.sandbox.data import recorded
from runner.snapshot import Snapshot
from tests.kayako.support import pulling

RECORDINGS = Path(__file__).parents[2] / "../shared/recordings/kayako/recordings.json"
FAVICON = "2389c445fbce64fb4d5de548689d3e000700e8da1d35df2a912621ab07b46d9e"

pytestmark = pytest.mark.skipif(
    not RECORDINGS.exists(), reason="the recordings of a real Kayako do not lie beside the checkout"
)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    with pulling(recorded(RECORDINGS), tmp_path_factory.mktemp("snapshot")) as world:
        headers, bodies = world.both()
        assert headers.notes == []
        assert bodies.failed == bodies.files_missing == bodies.posts_missing == 0
        yield world.snapshot


def case(snapshot: Snapshot, case_id: int) -> dict[str, Any]:
    record = snapshot.record("cases", case_id)
    assert record is not None
    return record


def test_all_records_are_there(snapshot: Snapshot) -> None:
    counts = {name: snapshot.count(name) for name in ("cases", "users", "organizations", "teams")}
    assert counts == {"cases": 5, "users": 7, "organizations": 3, "teams": 4}
    assert [len(snapshot.posts(case_id)) for case_id in snapshot.case_ids()] == [8, 1, 2, 1, 1]
    assert snapshot.count("timetracking") == 11


def test_a_case_is_as_recorded(snapshot: Snapshot) -> None:
    record = case(snapshot, 3)
    assert record["subject"] == "A test question"
    assert record["requester"]["name"] == "Dana Kim"
    assert record["requester"]["email"] == "dana.kim@example.net"
    assert record["assigned_agent"]["role"] == "OWNER"
    assert record["assigned_team"] == {"type": "team", "id": 1, "title": "General", "known": True}
    assert record["organization"] is None
    assert record["status"] == {"id": 1, "label": "New", "type": "NEW"}
    assert record["priority"] == {"id": 1, "label": "Low", "level": 1}
    assert record["type"] == {"id": 4, "label": "Incident", "type": "INCIDENT"}
    assert record["source_channel"] == {"type": "MAIL", "account": "support@acme.kayako.com"}
    assert record["custom_fields"]["customtext"] == "Example"
    assert record["custom_fields"]["custommultichoice"] == "7,8"
    assert record["archived"] is False
    assert record["post_count"] == 2


def test_users_are_as_recorded(snapshot: Snapshot) -> None:
    record = snapshot.record("users", 1)
    assert record is not None
    assert (record["first_name"], record["last_name"]) == ("Tess", "Ekman")
    assert record["email"] == "admin@acme.example"
    assert record["role"] == {"id": 5, "title": "Owner", "type": "OWNER"}
    assert [team["title"] for team in record["teams"]] == ["General", "Support"]
    assert record["organization"]["name"] == "Zammad Foundation"
    assert record["last_logged_in_at"] == "2022-04-22T09:06:34Z"


def test_posts_come_oldest_first_with_their_kinds(snapshot: Snapshot) -> None:
    posts = snapshot.posts(1)
    assert [post["id"] for post in posts] == [9, 10, 12, 16, 17, 18, 20, 21]
    assert [post["source_channel"]["type"] for post in posts] == [
        "MESSENGER",
        "MAIL",
        "MAIL",
        "MAIL",
        "TWITTER",
        "NOTE",
        "TWITTER",
        "TWITTER",
    ]
    assert posts[4]["original"]["id"] == "877504093513764865"
    assert posts[1]["from"] == "Toni Sand <support@acme.kayako.com>"
    assert posts[1]["to"] == ["Taylor West <taylor@rainbow.example>"]


def test_the_attachment_is_the_recorded_file(snapshot: Snapshot) -> None:
    files = [item for post in snapshot.posts(3) for item in post["attachments"]]
    assert [(item["name"], item["size"], item["sha256"]) for item in files] == [
        ("favicon.ico", 32988, FAVICON)
    ]
    assert snapshot.file(FAVICON).stat().st_size == 32988


def test_a_time_entry_of_an_unknown_case_is_kept(snapshot: Snapshot) -> None:
    entries = {entry["id"]: entry for entry in snapshot.records("timetracking")}
    assert entries[9]["case"]["id"] == 6
    assert snapshot.record("cases", 6) is None


def test_the_eleven_invented_fields_are_as_recorded(snapshot: Snapshot) -> None:
    fields = {field["key"]: field for field in snapshot.fields("case") if not field["is_system"]}
    assert {key: field["type"] for key, field in fields.items()} == {
        "customtext": "TEXT",
        "customtextarea": "TEXTAREA",
        "customradio": "RADIO",
        "customsingleselect": "SELECT",
        "custommultichoice": "CHECKBOX",
        "customnumeric": "NUMERIC",
        "customdecimal": "DECIMAL",
        "customyesno": "YESNO",
        "customtreeselect": "CASCADINGSELECT",
        "customdate": "DATE",
        "customregexp": "REGEX",
    }
    tree = fields["customtreeselect"]
    assert [(option["id"], option["label"]) for option in tree["options"]] == [
        (9, "Level1"),
        (10, "Level1::Sub1"),
        (11, "Level2"),
    ]
    assert fields["customregexp"]["regular_expression"] == r"\d\d\d"
    assert all(option["known"] for field in fields.values() for option in field["options"])


def test_the_time_entry_of_a_case_that_does_not_exist_is_counted(snapshot: Snapshot) -> None:
    entries = [entry for case_id in snapshot.case_ids() for entry in snapshot.time_entries(case_id)]
    assert len(entries) == 10
    assert snapshot.dangling_time_entries() == 1
