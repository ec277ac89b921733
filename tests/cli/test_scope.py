from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from runner.cli.scope import scope
from runner.errors import UsageError

NOW = datetime(2026, 12, 5, 12, 30, tzinfo=UTC)


def test_ids_are_numbers_ranges_and_records_of_any_kind() -> None:
    made = scope(None, None, ids=["12, 40-50,case/7", "tickets/12,user/17,users/18"])
    tickets, users = ("tickets", "12"), ("users", "17")
    assert made.ids == (tickets, ("tickets", "7"), users, ("users", "18"))
    assert made.ranges == ((40, 50),)


def test_ids_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text("\ufeff12\n13, 14\r\n20-30\n\nuser/1\n", encoding="utf-8")
    made = scope(None, None, ids=[f"@{file},99"])
    assert [number for _, number in made.ids] == ["12", "13", "14", "1", "99"]
    assert made.ranges == ((20, 30),)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-01", "2026-12-01"),
        ("7d", "2026-11-28T12:30:00"),
        ("36h", "2026-12-04T00:30:00"),
        (" 1D ", "2026-12-04T12:30:00"),
    ],
)
def test_since_is_a_day_or_a_while_ago(text: str, moment: str) -> None:
    assert scope(None, None, since=text, now=NOW).since == moment


def test_nothing_said_is_all_of_it() -> None:
    made = scope(None, None)
    assert made.takes_all
    assert made.words == ""


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"ids": ["abc"]}, "--ids abc: name a record"),
        ({"ids": ["case/x"]}, "--ids case/x: name a record"),
        ({"ids": ["dog/1"]}, "--ids dog/1: name a record"),
        ({"ids": ["50-40"]}, "it ends before it begins"),
        ({"ids": [","]}, "the list is empty"),
        ({"ids": ["@/nowhere/ids"]}, "the file cannot be read"),
        ({"since": "soon"}, "--since soon: this is no day"),
        ({"since": "2026-02-30"}, "this is no day"),
        ({"wave": "closed"}, "--wave closed: there is no such wave"),
        ({"only": ["tiketts"]}, "there is no such step"),
        ({"failed": True, "ids": ["1"]}, "--failed and --ids do not go together"),
        ({"failed": True, "since": "7d"}, "--failed and --since do not go together"),
        ({"failed": True, "wave": "open"}, "--failed and --wave do not go together"),
        ({"ids": ["1"], "since": "7d"}, "--ids and --since do not go together"),
        ({"ids": ["1"], "only": ["users"]}, "nothing is left"),
        ({"since": "7d", "only": ["users"]}, "nothing is left"),
        ({"wave": "open", "only": ["users"]}, "nothing is left"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        scope(given.pop("only", None), None, **given)
    assert caught.value.advice


@pytest.mark.parametrize(
    "given",
    [
        {"only": ["tickets"], "ids": ["1"]},
        {"only": ["users"], "ids": ["user/1"]},
        {"only": ["users"], "failed": True},
        {"limit": 5, "failed": True},
        {"limit": 5, "ids": ["1-9"], "wave": "open"},
        {"wave": "history", "since": "7d", "limit": 1},
    ],
)
def test_what_narrows_goes_together(given: dict[str, Any]) -> None:
    assert not scope(given.pop("only", None), given.pop("limit", None), **given).takes_all or given
