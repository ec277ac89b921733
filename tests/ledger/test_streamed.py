from __future__ import annotations

import json
from pathlib import Path

import pytest
from tinydb import TinyDB

from runner.errors import StoreUnreadable
from runner.ledger import Ledger, reading
from runner.ledger.streamed import Streamed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "ledger.json"
    with Ledger.open(file) as ledger:
        ledger.save_target({"url": "https://zammad.example"})
        ledger.finish_run(ledger.start_run("apply"), "done")
        for number in range(5):
            ledger.table("tickets").put({"source_id": str(number), "title": "}\n", "children": {}})
        ledger.table("users").put({"source_id": "tickets"})
    return file


def everything(file: Path) -> object:
    with reading(file) as ledger:
        tables = [list(ledger.documents(name)) for name in ("tickets", "users", "none")]
        return ledger.target, ledger.runs(), tables


def test_it_reads_what_a_ledger_in_memory_reads(path: Path) -> None:
    with reading(path) as streamed, Ledger.open(path, read_only=True) as ledger:
        assert isinstance(streamed, Streamed)
        assert streamed.target == ledger.target
        assert streamed.runs() == ledger.runs()
        for name in ("tickets", "users", "none"):
            assert list(streamed.documents(name)) == list(ledger.documents(name))
        assert len(list(streamed.documents("tickets"))) == 5


def test_what_is_still_in_the_journal_counts(path: Path) -> None:
    running = Ledger.open(path)
    running.table("tickets").put_durably([{"source_id": "new"}])
    with reading(path) as ledger:
        assert {"source_id": "new"} in list(ledger.documents("tickets"))
    running.close()


def test_a_file_that_tinydb_rewrote_is_read_as_well(path: Path) -> None:
    before = everything(path)
    with TinyDB(path) as database:
        database.table("tickets").insert({"source_id": "by hand"})
    with reading(path) as ledger:
        tickets = list(ledger.documents("tickets"))
    assert tickets[-1] == {"source_id": "by hand"}
    assert len(tickets) == 6
    assert before != everything(path)


def test_a_ledger_that_was_never_written_is_empty(tmp_path: Path) -> None:
    assert everything(tmp_path / "none.json") == ({}, [], [[], [], []])


def test_damage_and_files_of_others_are_told(path: Path) -> None:
    text = path.read_text()
    path.write_text(text.replace('"source_id":"3"', '"source_id":3"'))
    with pytest.raises(StoreUnreadable, match=f"{path}: damaged among the tickets") as caught:
        everything(path)
    assert "from a backup" in caught.value.advice
    path.write_text(text[: text.index('"source_id":"3"')])
    with pytest.raises(StoreUnreadable, match="tickets"):
        everything(path)
    path.write_text("{\n" + json.dumps("x") + ":{\n}\n}\n")
    with pytest.raises(StoreUnreadable, match=f"{path}: this is not a ledger"):
        everything(path)
