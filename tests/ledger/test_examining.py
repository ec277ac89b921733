"""What a look at a ledger finds, each kind planted, and what repairs make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from runner.ailment import Ailment, Grade
from runner.ledger import Ledger
from runner.ledger.examining import examine

from .support import journal_of, ticket

if TYPE_CHECKING:
    from pathlib import Path

STAMP = "20261123-190000"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledgers" / "zammad.json"
    with Ledger.open(path) as ledger:
        ledger.finish_run(ledger.start_run("apply"), "done")
        children = {"posts": {"11": [5, "d"]}, "time": {}}
        ledger.table("tickets").put(ticket(1, children=children))
    return path


def put(path: Path, entity: str, **document: Any) -> None:
    with Ledger.open(path) as ledger:
        ledger.table(entity).put(document)


def seen(path: Path, *, busy: bool = False) -> list[Ailment]:
    return examine(path, stamp=STAMP, busy=busy)


def kinds(path: Path, *, busy: bool = False) -> list[str]:
    return [ailment.kind for ailment in seen(path, busy=busy)]


def test_a_sound_ledger_has_nothing(path: Path) -> None:
    assert seen(path) == []


def test_a_damaged_journal_is_saved_by_a_repair(path: Path) -> None:
    ledger = Ledger.open(path)
    for number in (2, 3):
        ledger.table("tickets").put_durably([ticket(number)])
    journal = journal_of(path)
    journal.write_bytes(journal.read_bytes().replace(b'"source_id":"2"', b'"source_id":"7"'))
    (ailment,) = seen(path)
    assert (ailment.kind, ailment.grade) == ("ledger unreadable", Grade.DAMAGE)
    assert "2 documents" not in ailment.advice
    assert "a batch of results at byte" in ailment.advice
    assert ailment.repair is not None
    assert f"{path.name}.damaged-{STAMP}" in ailment.repair()
    assert "migrate plan" in ailment.then
    assert kinds(path) == []


def test_another_format_has_no_repair(path: Path) -> None:
    path.write_text(path.read_text().replace('"format":1', '"format":9'))
    (ailment,) = seen(path)
    assert ailment.repair is None
    assert "version that wrote it" in ailment.advice


def test_a_torn_line_is_dropped_by_a_repair(path: Path) -> None:
    Ledger.open(path).table("tickets").put_durably([ticket(2)])
    with journal_of(path).open("ab") as file:
        file.write(b"0123abcd [[")
    assert kinds(path, busy=True) == []
    (ailment,) = seen(path)
    assert ailment.kind == "line torn"
    assert "11 bytes" in ailment.what
    assert ailment.repair is not None
    ailment.repair()
    assert seen(path) == []
    with Ledger.open(path, read_only=True) as ledger:
        assert len(ledger.table("tickets")) == 2


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"status": "finished", "target_id": 5}, "status 'finished'"),
        ({"status": "done", "target_id": "5"}, "target_id '5'"),
        ({"status": "done", "target_id": None}, "done without an id in Zammad"),
        ({"status": "done", "target_id": 5, "children": {"posts": {"1": 7}}}, "children"),
    ],
)
def test_a_malformed_document_is_named(path: Path, document: dict[str, Any], why: str) -> None:
    put(path, "users", source_id="7", **document)
    (ailment,) = seen(path)
    assert (ailment.kind, ailment.grade) == ("document malformed", Grade.DAMAGE)
    assert f"users/7 ({why})" in ailment.what


def test_two_records_of_one_id_are_found(path: Path) -> None:
    put(path, "tickets", **ticket(2, target_id=1001))
    put(path, "tickets", **ticket(3, target_id=1001, adopted=True))
    (ailment,) = seen(path)
    assert ailment.kind == "map not unique"
    assert "tickets/1 and tickets/2 (both 1001)" in ailment.what


def test_two_posts_of_one_article_are_found(path: Path) -> None:
    put(path, "tickets", **ticket(2, children={"posts": {"21": [5, "d"], "22": [None, "d"]}}))
    (ailment,) = seen(path)
    assert "tickets/2, post 21" in ailment.what


def test_one_id_of_kayako_in_two_documents_is_found(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.database.table("tickets").insert(ticket(1, target_id=2000))
    (ailment,) = seen(path)
    assert "twice: tickets/1" in ailment.what


def test_what_was_begun_and_a_run_that_never_ended_are_found_when_nothing_runs(path: Path) -> None:
    put(path, "users", source_id="7", target_id=None, status="intended")
    with Ledger.open(path) as ledger:
        ledger.start_run("apply")
    assert kinds(path) == ["intents without result", "run cut off"]
    assert kinds(path, busy=True) == []
    assert "run migrate apply" in seen(path)[0].advice
