"""Macros, business hours and readable lists: names in place of references, days in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.snapshot.lookup import Lookup
from runner.snapshot.rules import DAYS, business_hour, macro, rating, readable
from tests.snapshot.support import filled, reference


@pytest.fixture
def lookup(tmp_path: Path) -> Iterator[Lookup]:
    snapshot, _ = filled(tmp_path, users=[], cases=[])
    yield snapshot.lookup
    snapshot.close()


def status(identifier: int, label: str) -> dict[str, Any]:
    return {"id": identifier, "label": label, "type": "CUSTOM", "resource_type": "case_status"}


def test_a_macro_names_what_it_sets(tmp_path: Path) -> None:
    snapshot, writer = filled(tmp_path)
    writer.page("teams", [{"id": 2, "title": "Support", "resource_type": "team"}], sweep=1)
    writer.listed("case_status", [status(6, "Waiting")])
    record = macro(
        {
            "id": 1,
            "title": "Wait",
            "status": reference("case_status", 6),
            "assignee": {"type": "TEAM", "team": reference("team", 2), "agent": None},
            "visibility": {"type": "TEAM", "team": reference("team", 98)},
            "agent": reference("user", 7),
            "add_tags": ["a", {"id": 1, "name": "b"}, "A"],
        },
        snapshot.lookup,
    )
    assert record["status"] == {"id": 6, "label": "Waiting", "type": "CUSTOM"}
    assert record["assignee"]["team"]["title"] == "Support"
    assert record["visibility"]["team"]["known"] is False
    assert record["agent"]["name"] == "Customer 7"
    assert (record["add_tags"], record["remove_tags"]) == (["a", "b"], [])
    snapshot.close()


def test_a_macro_that_sets_nothing_has_every_key(tmp_path: Path) -> None:
    snapshot, _ = filled(tmp_path)
    record = macro({"id": 1}, snapshot.lookup)
    assert record["assignee"] is record["status"] is record["priority"] is None
    assert record["visibility"] == {"type": None, "team": None}
    snapshot.close()


@pytest.mark.parametrize(
    ("sent", "hours"),
    [([10, 9, "11"], [9, 10, 11]), ([24, -1, "x", None], []), (None, []), ("9", [])],
)
def test_hours_are_whole_hours_of_a_day_in_order(
    lookup: Lookup, sent: Any, hours: list[int]
) -> None:
    record = business_hour({"id": 1, "title": "Office", "zones": {"monday": sent}}, lookup)
    assert record["zones"]["monday"] == hours
    assert list(record["zones"]) == list(DAYS)


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ({"title": "New Year", "date": "2026-01-01T00:00:00+00:00"}, "2026-01-01"),
        ({"name": "New Year", "holiday_date": "2026-01-01"}, "2026-01-01"),
        ("2026-01-01", "2026-01-01"),
        ({"title": "New Year"}, None),
    ],
)
def test_holidays_are_read_whatever_names_they_have(
    lookup: Lookup, sent: Any, day: str | None
) -> None:
    record = business_hour({"id": 1, "holidays": [sent]}, lookup)
    assert record["holidays"][0]["date"] == day
    assert record["zones"]["sunday"] == []


def test_references_become_readable_however_deep(tmp_path: Path) -> None:
    snapshot, writer = filled(tmp_path)
    writer.listed("case_status", [status(6, "Waiting")])
    record = readable(
        {
            "id": 1,
            "title": "x",
            "targets": [{"id": 3, "goal": 1, "set": reference("case_status", 6)}],
        },
        snapshot.lookup,
    )
    assert record["targets"][0]["set"] == {"type": "case_status", "id": "6", "name": "Waiting"}
    assert record["targets"][0]["goal"] == 1
    snapshot.close()


def test_a_rating_names_who_rated(tmp_path: Path) -> None:
    snapshot, _ = filled(tmp_path)
    record = rating({"id": 1, "score": "BAD", "user": reference("user", 7)}, snapshot.lookup)
    assert (record["score"], record["comment"], record["creator"]["id"]) == ("BAD", None, 7)
    snapshot.close()
