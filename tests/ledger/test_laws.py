"""Laws of the ledger as a state machine, and the ledger under kill -9."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tinydb import TinyDB

from runner.ledger import Ledger

from .support import journal_of, kill, process, write_until_killed

IDS = st.integers(1, 6).map(str)
FIELDS = st.fixed_dictionaries(
    {"target_id": st.none() | st.integers(1, 4)},
    optional={"status": st.text(max_size=3), "applied": st.dictionaries(st.text(), st.integers())},
)
ENTRIES = st.dictionaries(IDS, st.tuples(st.integers(), st.text(max_size=2)), max_size=3)
CHILDREN = st.fixed_dictionaries({}, optional={"posts": ENTRIES, "time": ENTRIES})
Model = dict[str, dict[str, Any]]


class LedgerMachine(RuleBasedStateMachine):
    """A ledger equals a dictionary; after a crash, the dictionary as it was last flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="ledger-"))
        self.path = self.folder / "ledger.json"
        self.ledger = Ledger.open(self.path)
        self.model: Model = {}
        self.flushed: Model = {}

    def teardown(self) -> None:
        self.ledger.close()
        shutil.rmtree(self.folder)

    def saved(self) -> None:
        self.flushed = deepcopy(self.model)

    @rule(source_id=IDS, fields=FIELDS)
    def put(self, source_id: str, fields: dict[str, Any]) -> None:
        document = {"source_id": source_id, **fields}
        self.ledger.table("tickets").put(document)
        self.model[source_id] = document

    @rule(source_ids=st.lists(IDS, max_size=4), fields=FIELDS)
    def put_durably(self, source_ids: list[str], fields: dict[str, Any]) -> None:
        documents = [{"source_id": source_id, **fields} for source_id in source_ids]
        self.ledger.table("tickets").put_durably(documents)
        self.model.update((document["source_id"], document) for document in documents)
        self.saved()

    @rule(source_id=IDS, fields=FIELDS, children=CHILDREN)
    def patch(self, source_id: str, fields: dict[str, Any], children: Model) -> None:
        if source_id not in self.model:
            return
        self.ledger.table("tickets").patch(source_id, fields, children)
        patched = {**deepcopy(self.model[source_id]), **fields}
        for kind, entries in children.items():
            kept = patched.setdefault("children", {}).setdefault(kind, {})
            kept.update({key: list(entry) for key, entry in entries.items()})
        self.model[source_id] = patched

    @rule(source_id=IDS)
    def remove(self, source_id: str) -> None:
        self.ledger.table("tickets").remove(source_id)
        self.model.pop(source_id, None)

    @rule()
    def flush(self) -> None:
        self.ledger.flush()
        self.saved()

    @rule()
    def close_and_open(self) -> None:
        self.ledger.close()
        self.saved()
        with TinyDB(self.path) as plain:
            found = [dict(document) for document in plain.table("tickets")]
        assert found == list(self.model.values())
        self.ledger = Ledger.open(self.path)

    @rule(torn=st.binary(max_size=30).filter(lambda tail: b"\n" not in tail))
    def crash_and_open(self, torn: bytes) -> None:
        if journal_of(self.path).exists():
            with journal_of(self.path).open("ab") as file:
                file.write(torn)
        self.ledger = Ledger.open(self.path)
        self.model = deepcopy(self.flushed)

    @rule()
    def discard(self) -> None:
        self.ledger.discard()
        self.model = {}
        self.saved()

    @invariant()
    def equals_the_model(self) -> None:
        tickets = self.ledger.table("tickets")
        assert list(tickets) == list(self.model.values())
        assert all(tickets.get(key) == document for key, document in self.model.items())
        for target_id in range(1, 5):
            sources = [key for key, value in self.model.items() if value["target_id"] == target_id]
            assert sorted(tickets.by_target(target_id)) == sorted(sources)


@pytest.fixture(scope="module", autouse=True)
def patient() -> Any:
    """Let nothing be flushed by the clock: the model does not know it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("runner.ledger.storage.PATIENCE", 1e9)
        yield


LedgerMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, print_blob=False
)
TestLedgerMachine = LedgerMachine.TestCase


@pytest.mark.fault("a crash before any call to the disk")
def test_kill_9_loses_nothing_that_counted(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    for turn in range(5):
        counted = -1
        with process(write_until_killed, path) as (writer, connection):
            for _ in range(7 + 11 * turn):
                counted = connection.recv()
            kill(writer)
            with suppress(EOFError):
                while True:
                    counted = connection.recv()
        with Ledger.open(path, read_only=True) as ledger:
            found = list(ledger.table("tickets"))
        assert [int(document["source_id"]) for document in found] == list(range(len(found)))
        # The last one may be intended, or done and not yet told.
        assert len(found) in (counted + 1, counted + 2)
        assert all(
            document["status"] == "done" and document["children"]["posts"]["1"][0] == number
            for number, document in enumerate(found[: counted + 1])
        )


@pytest.mark.fault("a crash before any call to the disk", does="nothing that counted is lost")
def test_a_crash_before_any_call_to_the_disk_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copies the folder before each call of a whole life, and opens every copy."""
    folder = tmp_path / "work"
    expected: list[tuple[Path, list[str], list[str]]] = []
    before: list[str] = []
    after: list[str] = []

    def watched(call: Any) -> Any:
        def run(*arguments: Any, **options: Any) -> Any:
            copy = tmp_path / str(len(expected))
            if folder.exists():
                shutil.copytree(folder, copy)
                expected.append((copy, list(before), list(after)))
            return call(*arguments, **options)

        return run

    def step(work: Any, *found: str) -> None:
        after[:] = found
        work()
        before[:] = found

    with monkeypatch.context() as patch:
        for name in ("fsync", "ftruncate", "lseek"):
            patch.setattr(os, name, watched(getattr(os, name)))
        for name in ("replace", "unlink"):
            patch.setattr(type(folder), name, watched(getattr(type(folder), name)))
        ledger = Ledger.open(folder / "ledger.json")
        for number in range(4):
            document = {"source_id": str(number)}
            found = [str(known) for known in range(number + 1)]
            step(partial(ledger.table("tickets").put_durably, [document]), *found)
            step(ledger.close, *found)
            ledger = Ledger.open(folder / "ledger.json")
        ledger.table("tickets").remove("0")
        step(ledger.flush, "1", "2", "3")
        step(ledger.discard)
        ledger.close()
    assert len(expected) > 50
    for copy, earlier, later in expected:
        with Ledger.open(copy / "ledger.json") as found_ledger:
            ids = [document["source_id"] for document in found_ledger.table("tickets")]
        assert ids in (earlier, later), copy
        assert [file.name for file in copy.iterdir()] == ["ledger.json"]


def test_readers_come_at_any_time(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    with process(write_until_killed, path) as (writer, connection):
        counted = connection.recv()
        while counted < 100:
            with Ledger.open(path, read_only=True) as ledger:
                assert len(ledger.table("tickets")) > counted
            while connection.poll():
                counted = connection.recv()
        kill(writer)
