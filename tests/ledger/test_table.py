from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import pytest
from tinydb import TinyDB, where
from tinydb.table import Document

from runner.ledger import Ledger

from .support import ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.json"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    """A ledger of three tickets, the last one not flushed."""
    with Ledger.open(path) as ledger:
        ledger.table("tickets").put_durably([ticket(1), ticket(2, status="failed")])
        ledger.table("tickets").put(ticket(3))
        yield ledger


def test_tinydb_reads_while_the_ledger_is_open(ledger: Ledger) -> None:
    table = ledger.database.table("tickets")
    assert [document["source_id"] for document in table.all()] == ["1", "2", "3"]
    assert table.get(doc_id=2) == ticket(2, status="failed")
    assert table.get(where("source_id") == "3") == ticket(3)
    assert [found.doc_id for found in table.search(where("status") == "done")] == [1, 3]
    assert table.count(where("status") == "failed") == 1
    assert table.contains(doc_id=3)
    assert len(table) == 3
    assert ledger.database.tables() == {"_meta", "tickets"}


def test_iterating_in_tinydb_goes_on_while_results_come(ledger: Ledger) -> None:
    seen = []
    for document in ledger.database.table("tickets"):
        ledger.table("tickets").put(ticket(document.doc_id + 10))
        seen.append(document["source_id"])
    assert seen == ["1", "2", "3"]


def test_a_query_asked_again_sees_what_was_put_between(ledger: Ledger) -> None:
    failed = where("status") == "failed"
    table = ledger.database.table("tickets")
    assert len(table.search(failed)) == 1
    ledger.table("tickets").patch("1", {"status": "failed"})
    assert len(table.search(failed)) == 2
    ledger.table("tickets").remove("2")
    assert len(table.search(failed)) == 1


def test_what_tinydb_writes_is_durable_and_found(ledger: Ledger, path: Path) -> None:
    table = ledger.database.table("tickets")
    assert table.insert(ticket(4)) == 4
    assert table.insert_multiple([ticket(5), ticket(6)]) == [5, 6]
    assert table.insert(Document(ticket(9), doc_id=9)) == 9
    table.update({"notes": ["seen"]}, where("source_id") == "1")
    table.remove(doc_ids=[2])
    with Ledger.open(path, read_only=True) as reader:
        found = {document["source_id"]: document for document in reader.table("tickets")}
    assert list(found) == ["1", "3", "4", "5", "6", "9"]
    assert found["1"]["notes"] == ["seen"]
    tickets = ledger.table("tickets")
    assert tickets.get("5") == ticket(5)
    assert tickets.get("2") is None
    assert tickets.by_target(1009) == ["9"]


def test_ids_stay_apart_when_both_write(ledger: Ledger) -> None:
    table = ledger.database.table("tickets")
    table.insert(ticket(4))
    ledger.table("tickets").put(ticket(5))
    table.insert(ticket(6))
    ledger.table("tickets").put(ticket(7))
    assert [document.doc_id for document in table.all()] == [1, 2, 3, 4, 5, 6, 7]
    assert ledger.table("tickets").get("5") == ticket(5)


def test_a_failing_update_changes_nothing(ledger: Ledger) -> None:
    def spoil(document: MutableMapping[str, Any]) -> None:
        document["status"] = "spoiled"
        raise LookupError

    with pytest.raises(LookupError):
        ledger.database.table("tickets").update(spoil)
    assert ledger.table("tickets").get("1") == ticket(1)


def test_dropping_tables_is_durable(ledger: Ledger, path: Path) -> None:
    ledger.table("users").put(ticket(1))
    ledger.database.drop_table("tickets")
    with Ledger.open(path, read_only=True) as reader:
        assert (len(reader.table("tickets")), len(reader.table("users"))) == (0, 1)
    assert ledger.table("tickets").get("1") is None
    ledger.database.drop_tables()
    assert len(ledger.table("users")) == 0
    ledger.table("tickets").put(ticket(8))
    ledger.close()
    with TinyDB(path) as plain:
        assert plain.table("tickets").all() == [ticket(8)]


def test_a_dropped_table_leaves_the_others_as_they_are(ledger: Ledger, path: Path) -> None:
    ledger.table("users").put(ticket(1))
    ledger.database.drop_table("tickets")
    assert ledger.database.tables() == {"_meta", "users"}
    assert ledger.table("users").get("1") == ticket(1)
    ledger.close()
    with TinyDB(path) as plain:
        assert plain.tables() == {"_meta", "users"}
        assert plain.table("users").all() == [ticket(1)]


def test_whatever_the_storage_is_given_becomes_the_whole_content(
    ledger: Ledger, path: Path
) -> None:
    everything = ledger.database.storage.read()
    assert everything is not None
    assert everything["_meta"] == {"1": {"format": 1, "ledger": ANY, "generation": 1}}
    tickets = {**everything["tickets"], "2": ticket(2, status="failed"), "9": ticket(9)}
    del tickets["1"]
    ledger.database.storage.write({**everything, "tickets": tickets, "users": {"4": ticket(4)}})
    assert ledger.table("tickets").get("1") is None
    with Ledger.open(path, read_only=True) as reader:
        for found in (ledger, reader):
            assert found.table("tickets").get("2") == ticket(2, status="failed")
            assert found.table("tickets").get("9") == ticket(9)
            assert list(found.table("users")) == [ticket(4)]
        assert len(reader.table("tickets")) == len(tickets)


@pytest.mark.parametrize("forget", ["drop_tables", "truncate", "discard"])
def test_an_index_is_made_anew_each_time_something_went_past_it(
    ledger: Ledger, forget: str
) -> None:
    ways = {
        "drop_tables": ledger.database.drop_tables,
        "truncate": ledger.database.table("tickets").truncate,
        "discard": ledger.discard,
    }
    tickets = ledger.table("tickets")
    for _ in range(3):
        tickets.put(ticket(1))
        assert tickets.by_target(1001) == ["1"]
        ways[forget]()
        assert tickets.get("1") is None
        assert tickets.by_target(1001) == []


def test_a_table_is_found_whatever_was_written_past_others_before(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.table("tickets").put(ticket(1))
    with Ledger.open(path) as ledger:
        ledger.database.table("users").truncate()
        assert ledger.table("tickets").get("1") == ticket(1)


def test_what_tinydb_writes_costs_the_journal_only_what_differs(ledger: Ledger, path: Path) -> None:
    ledger.table("tickets").put(ticket(50, notes="x" * 10_000))
    ledger.flush()
    journal = path.with_name(f"{path.name}.journal")
    before = journal.stat().st_size
    ledger.database.table("tickets").update({"status": "failed"}, doc_ids=[1])
    assert ledger.table("tickets").get("1") == ticket(1, status="failed")
    assert journal.stat().st_size - before < 1000


def test_truncating_a_table_is_durable(ledger: Ledger, path: Path) -> None:
    ledger.database.table("tickets").truncate()
    assert ledger.table("tickets").get("1") is None
    with Ledger.open(path, read_only=True) as reader:
        assert list(reader.table("tickets")) == []
