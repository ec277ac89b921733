from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runner.snapshot import Snapshot
from runner.snapshot.beside import NOTES, PARTICIPANTS, SIDE_CONVERSATIONS
from runner.snapshot.census import LONGEST_TEXT, Census, take
from runner.snapshot.writing import Writer
from tests.snapshot.support import case, email, filled, post, reference, user


def status(identifier: int, label: str, kind: str = "CUSTOM") -> dict[str, Any]:
    return {"id": identifier, "label": label, "type": kind, "resource_type": "case_status"}


def priority(identifier: int, level: int | None) -> dict[str, Any]:
    label = f"Level {level}"
    return {"id": identifier, "label": label, "level": level, "resource_type": "case_priority"}


def file(identifier: int, name: str, size: int) -> dict[str, Any]:
    url = f"/api/v1/cases/1/attachments/{identifier}"
    return {"id": identifier, "name": name, "size": size, "resource_url": url}


def value(identifier: int, kind: str, text: str, **more: Any) -> dict[str, Any]:
    about = {"id": identifier, "key": f"f{identifier}", "type": kind, "title": f"F {identifier}"}
    return {"field": {**about, "resource_type": "case_field", **more}, "value": text}


def counted(folder: Path, **content: Any) -> Census:
    snapshot, _ = filled(folder, **content)
    found = take(snapshot)
    snapshot.close()
    return found


def test_an_empty_helpdesk_has_nothing(tmp_path: Path) -> None:
    assert counted(tmp_path, users=[], cases=[]) == Census()


def test_messages_files_and_their_span_are_counted(tmp_path: Path) -> None:
    attached = [file(1, "a.txt", 10), file(2, "b.JSON", 5)]
    found = counted(
        tmp_path,
        cases=[
            case(1, created_at="2020-01-01T23:30:00-02:00", post_count=2),
            case(2, created_at="2023-05-06T00:00:00+00:00", post_count=7),
        ],
        threads={1: [post(11, attachments=attached), post(12)]},
    )
    assert (found.conversations, found.messages, found.unread) == (2, 2 + 7, 1)
    assert (found.files, found.bytes, found.json_files) == (2, 15, 1)
    assert (found.oldest, found.newest) == ("2020-01-02T01:30:00Z", "2023-05-06T00:00:00Z")


def test_a_file_on_the_post_and_on_its_original_is_one(tmp_path: Path) -> None:
    twice = post(11, attachments=[file(1, "a", 3)])
    twice["original"]["attachments"] = [file(1, "a", 3)]
    found = counted(tmp_path, threads={1: [twice]})
    assert (found.files, found.bytes) == (1, 3)


def test_what_is_in_trash_suspended_or_gone_counts_for_nothing(tmp_path: Path) -> None:
    snapshot, writer = filled(
        tmp_path,
        cases=[case(1), case(2, state="TRASH"), case(3, state="SUSPENDED"), case(4)],
    )
    writer.mark_gone("cases", 4)
    assert take(snapshot).conversations == 1


def test_archived_conversations_are_counted(tmp_path: Path) -> None:
    snapshot, writer = filled(tmp_path, cases=[case(1)])
    writer.page("cases", [case(2), case(3)], sweep=1, archived=True)
    assert (take(snapshot).conversations, take(snapshot).archived) == (3, 2)


def test_conversations_that_were_closed_are_counted_once(tmp_path: Path) -> None:
    moment = "2021-08-27T10:49:56+00:00"
    cases = [
        case(1, last_completed_at=moment, last_closed_at=moment),
        case(2, last_closed_at=moment),
        case(3, last_closed_at=None),
    ]
    assert counted(tmp_path, cases=cases).closed == 2


def test_labels_that_a_team_invented_are_counted_with_their_conversations(tmp_path: Path) -> None:
    waiting, vendor = status(8, "Waiting"), status(9, "Vendor")
    own = {"id": 5, "label": "Feature", "type": "CUSTOM", "resource_type": "case_type"}
    found = counted(
        tmp_path,
        cases=[
            case(1, status=waiting, priority=priority(7, 5), type=own),
            case(2, status=waiting, priority=priority(4, 4)),
            case(3, status=vendor, priority=priority(1, None)),
            case(4, priority=None, type=None),
        ],
    )
    assert found.labels == {"states": 2, "priorities": 1, "types": 1}
    assert found.labelled == {"states": 3, "priorities": 1, "types": 1}


def test_a_state_that_nobody_knows_any_more_is_no_label(tmp_path: Path) -> None:
    assert counted(tmp_path, cases=[case(1, status=reference("case_status", 99))]).labels == {}


def test_chat_messages_without_a_body_are_counted(tmp_path: Path) -> None:
    channel = {"uuid": "c-2", "type": "MESSENGER", "account": None, "resource_type": "channel"}
    said = {"id": 1, "text": "Hello", "resource_type": "chat_message"}
    found = counted(
        tmp_path,
        threads={1: [post(11, source_channel=channel, original=said), post(12)]},
    )
    assert found.chat_messages == 1
    answered = post(11, source_channel=channel)  # by mail, with a body
    assert counted(tmp_path / "other", threads={1: [answered]}).chat_messages == 0


@pytest.mark.parametrize(
    ("kind", "text", "system", "expected"),
    [
        ("FILE", "7", False, (1, 0)),
        ("FILE", "7", True, (0, 0)),
        ("FILE", "", False, (0, 0)),
        ("TEXTAREA", "x" * (LONGEST_TEXT + 1), False, (0, 1)),
        ("TEXT", "x" * LONGEST_TEXT, False, (0, 0)),
        ("SELECT", "x" * 300, False, (0, 0)),
    ],
)
def test_values_that_do_not_fit_are_counted_wherever_they_are(
    tmp_path: Path, *, kind: str, text: str, system: bool, expected: tuple[int, int]
) -> None:
    fields = [value(3, kind, text, is_system=system)]
    for content in (
        {"cases": [case(1, custom_fields=fields)]},
        {"users": [user(custom_fields=fields)], "cases": []},
    ):
        found = counted(tmp_path / str(len(content)), **content)
        assert (found.field_files, found.long_texts) == expected


def test_people_are_counted_with_their_further_addresses(tmp_path: Path) -> None:
    role = {"id": 5, "title": "Collaborator", "type": "COLLABORATOR", "resource_type": "role"}
    addresses = [
        email(1, "a@example.org", primary=True),
        email(2, "A@example.org"),
        email(3, "b@example.org"),
    ]
    found = counted(tmp_path, users=[user(7, emails=addresses), user(8, role=role)], cases=[])
    assert (found.people, found.further_emails, found.collaborators) == (2, 1, 1)


def test_each_entry_loses_what_is_beyond_its_last_whole_minute(tmp_path: Path) -> None:
    snapshot, writer = filled(tmp_path)
    entries = [
        {"id": number, "case": reference("case", 1), "log_type": kind, "time_spent": seconds}
        for number, kind, seconds in ((1, "WORKED", 59), (2, "WORKED", 119), (3, "VIEWED", 59))
    ]
    writer.page("timetracking", entries, sweep=1)
    assert take(snapshot).minutes == (59 + 59) // 60


def test_what_hangs_beside_records_is_counted(tmp_path: Path) -> None:
    snapshot, _ = filled(tmp_path, users=[user(7), user(8)], cases=[case(1, is_merged=True)])
    snapshot.beside.keep(NOTES["users"], 7, [{"id": 1}, {"id": 2}])
    snapshot.beside.keep(SIDE_CONVERSATIONS, 1, [{"id": 1, "messages": []}])
    snapshot.beside.keep(PARTICIPANTS, 1, [user(7), user(8)])
    found = take(snapshot)
    assert (found.notes, found.side_conversations, found.merged) == (2, 1, 1)
    assert found.in_copy == 1, "the requester is not in copy"


def test_a_library_is_counted(tmp_path: Path) -> None:
    snapshot = Snapshot.open(tmp_path, kayako_url="https://kayako.example")
    writer = Writer(snapshot)
    for resource, number in (("articles", 3), ("macros", 2), ("business_hours", 1)):
        writer.page(resource, [{"id": n} for n in range(number)], sweep=1)
    found = take(snapshot)
    assert (found.articles, found.macros, found.business_hours) == (3, 2, 1)
