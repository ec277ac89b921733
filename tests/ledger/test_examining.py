"""What a look at a ledger finds, each kind planted, and what repairs make of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from runner.ailment import Ailment, Grade
from runner.ledger import Ledger, examining
from runner.ledger.examining import examine
from runner.ledger.files import aside

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
    assert ailment.what.endswith(": tickets/1 and tickets/2 (both 1001)")


def test_two_posts_of_one_article_are_found(path: Path) -> None:
    put(path, "tickets", **ticket(2, children={"posts": {"21": [5, "d"], "22": [None, "d"]}}))
    (ailment,) = seen(path)
    assert "tickets/2, post 21" in ailment.what


def test_one_id_of_kayako_in_two_documents_is_found(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.database.table("tickets").insert(ticket(1, target_id=2000))
    (ailment,) = seen(path)
    assert "twice: tickets/1" in ailment.what
    assert ailment.where == str(path)


def test_what_was_begun_and_a_run_that_never_ended_are_found_when_nothing_runs(path: Path) -> None:
    put(path, "users", source_id="7", target_id=None, status="intended")
    with Ledger.open(path) as ledger:
        ledger.start_run("apply")
    assert kinds(path) == ["intents without result", "run cut off"]
    assert kinds(path, busy=True) == []
    assert "run migrate apply" in seen(path)[0].advice


def test_a_finding_says_where_it_is_what_it_does_and_what_to_do(path: Path) -> None:
    Ledger.open(path).table("tickets").put_durably([ticket(2, status="finished")])
    put(path, "tickets", **ticket(3, target_id=1001, status="partial"))
    with Ledger.open(path) as ledger:
        ledger.finish_run(ledger.start_run("finish"), "done")
        ledger.start_run("reset", started_at="2026-11-23T10:00:00Z")
    ledger = Ledger.open(path)
    ledger.table("tickets").put_durably([ticket(4)])
    with journal_of(path).open("ab") as file:
        file.write(b"0123abcd [[")
    torn, malformed, doubled, begun, cut_off = seen(path)
    assert torn.where == str(journal_of(path))
    assert {one.where for one in (malformed, doubled, begun, cut_off)} == {str(path)}
    assert "1 documents" in malformed.what
    assert "1 records" in begun.what
    assert begun.what.endswith("tickets/3")
    assert "the reset of 2026-11-23T10:00:00Z" in cut_off.what
    grades = [torn.grade, malformed.grade, doubled.grade, begun.grade, cut_off.grade]
    assert grades == [Grade.CARE, Grade.DAMAGE, Grade.DAMAGE, Grade.CARE, Grade.CARE]
    for ailment, harm, advice in (
        (torn, "never counted", "run migrate apply again"),
        (malformed, "a second time", "put a backup of it back"),
        (doubled, "taken for written", "run migrate verify"),
        (begun, "may be in Zammad", "run migrate apply"),
        (cut_off, "is not done", "run migrate reset again"),
    ):
        assert harm in ailment.harm
        assert advice in ailment.advice


def test_an_unreadable_ledger_says_what_a_repair_would_save(path: Path) -> None:
    ledger = Ledger.open(path)
    for number in (2, 3):
        ledger.table("tickets").put_durably([ticket(number)])
    journal = journal_of(path)
    whole = journal.read_bytes()
    journal.write_bytes(whole.replace(b'"source_id":"2"', b'"source_id":"7"'))
    (ailment,) = seen(path)
    assert ailment.where == str(path)
    assert ailment.what.startswith(f"{journal}: damaged at byte")
    assert "what was written to Zammad is not known" in ailment.harm
    assert "--repair saves 3 documents" in ailment.advice
    # Its checksum alone is damaged: nothing is lost, and so nothing is to be looked at then.
    lines = whole.splitlines(keepends=True)
    digit = b"0" if lines[1][:1] != b"0" else b"1"
    journal.write_bytes(b"".join([lines[0], digit + lines[1][1:], *lines[2:]]))
    (ailment,) = seen(path)
    assert "--repair saves 4 documents" in ailment.advice
    assert "lost is nothing" in ailment.advice
    assert ailment.then == ""
    assert ailment.repair is not None
    told = ailment.repair()
    assert told.startswith("4 documents saved")
    assert f"{path.name}.damaged-{STAMP}, {journal.name}.damaged-{STAMP}" in told


def test_what_cannot_even_be_read_has_the_advice_of_the_error(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("no ledger")

    def refuse(_: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(examining, "salvage", refuse)
    (ailment,) = seen(path)
    assert ailment.repair is None
    assert "backup" in ailment.advice


def test_the_torn_journal_is_kept_beside_the_repaired_one(path: Path) -> None:
    Ledger.open(path).table("tickets").put_durably([ticket(2)])
    journal = journal_of(path)
    torn = journal.read_bytes() + b"0123abcd [["
    journal.write_bytes(torn)
    (ailment,) = seen(path)
    assert ailment.repair is not None
    copy = journal.with_name(f"{journal.name}.damaged-{STAMP}")
    assert ailment.repair().endswith(f"kept as {copy.name}")
    assert copy.read_bytes() == torn


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"target_id": 5, "status": "done"}, "users/? (source_id is no text)"),
        ({"source_id": 7, "target_id": 5, "status": "done"}, "users/7 (source_id is no text)"),
        ({"source_id": "7", "target_id": True, "status": "done"}, "target_id True"),
        ({"source_id": "7", "status": "partial"}, "partial without an id in Zammad"),
        ({"source_id": "7", "status": "failed", "children": ["x"]}, "users/7 (children)"),
        ({"source_id": "7", "status": "failed", "children": {"posts": []}}, "users/7 (children)"),
    ],
)
def test_what_somebody_wrote_into_the_file_is_named(
    path: Path, document: dict[str, Any], why: str
) -> None:
    with Ledger.open(path) as ledger:
        ledger.database.table("users").insert(document)
    found = {ailment.kind: ailment.what for ailment in seen(path)}
    assert why in found["document malformed"]


def test_records_that_share_nothing_but_having_no_id_are_no_finding(path: Path) -> None:
    for number in (2, 3):
        none = {"posts": {str(number): [None, "d"], f"{number}0": []}}
        document = ticket(number, target_id=None, status="failed", children=none)
        put(path, "tickets", **document)
    assert seen(path) == []


def test_children_that_are_no_table_hide_no_other_finding(path: Path) -> None:
    put(path, "tickets", **ticket(2, children={"posts": ["x"]}))
    put(path, "tickets", **ticket(3, children={"posts": {"31": [5, "d"], "32": 6, "33": [7]}}))
    put(path, "tickets", **ticket(4, children={"posts": {"41": [7, "d"]}}))
    malformed, shared = seen(path)
    assert malformed.kind == "document malformed"
    assert shared.what == "posts share an article: tickets/3, post 31, tickets/4, post 41"
    assert shared.where == str(path)


def test_a_look_changes_nothing_not_even_what_another_process_writes_aside(path: Path) -> None:
    Ledger.open(path).table("tickets").put_durably([ticket(2)])
    with journal_of(path).open("ab") as file:
        file.write(b"0123abcd [[")
    aside(path).write_bytes(b"half")
    before = {file: file.read_bytes() for file in path.parent.iterdir()}
    seen(path)
    assert {file: file.read_bytes() for file in path.parent.iterdir()} == before


def test_a_file_that_somebody_brought_out_of_shape_is_a_finding(path: Path) -> None:
    content = json.loads(path.read_text()) | {"users": 5}
    path.write_text(json.dumps(content))
    (ailment,) = seen(path)
    assert (ailment.kind, ailment.grade) == ("ledger unreadable", Grade.DAMAGE)
    assert (
        ailment.what
        == f"{path}: damaged: users is no table of documents as this program writes them"
    )
    assert ailment.repair is None
