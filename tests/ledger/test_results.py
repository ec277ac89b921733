from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from runner.ledger import Ledger, Results

from .support import journal_of, ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.json"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with Ledger.open(path) as ledger:
        yield ledger


@pytest.fixture
def tickets(ledger: Ledger) -> Results:
    return ledger.table("tickets")


def reopened(ledger: Ledger, path: Path) -> Results:
    """Close the ledger and return the tickets of a new reader."""
    ledger.close()
    return Ledger.open(path, read_only=True).table("tickets")


def test_documents_are_found_by_source_id(tickets: Results) -> None:
    tickets.put(ticket(17))
    assert tickets.get("17") == ticket(17)
    assert tickets.get("18") is None
    assert ("17" in tickets, "18" in tickets, 17 in tickets) == (True, False, False)


def test_tables_are_apart(ledger: Ledger) -> None:
    ledger.table("users").put(ticket(1, status="failed"))
    ledger.table("groups").put(ticket(1))
    assert ledger.table("users").get("1") == ticket(1, status="failed")
    assert ledger.table("groups").get("1") == ticket(1)
    assert ledger.table("users") is ledger.table("users")


def test_putting_again_replaces_the_whole_document_in_its_place(tickets: Results) -> None:
    tickets.put_durably([ticket(1, notes=["old"]), ticket(2)])
    tickets.put(ticket(1, status="failed"))
    assert list(tickets) == [ticket(1, status="failed"), ticket(2)]


def test_documents_come_in_the_order_they_were_put_and_backwards(
    ledger: Ledger, tickets: Results, path: Path
) -> None:
    for number in (30, 4, 100, 1):
        tickets.put(ticket(number))
    tickets.put(ticket(4, status="failed"))
    tickets.remove("100")
    for found in (tickets, reopened(ledger, path)):
        assert [document["source_id"] for document in found] == ["30", "4", "1"]
        assert [document["source_id"] for document in reversed(found)] == ["1", "4", "30"]
        assert len(found) == 3


def test_a_patch_replaces_keys_and_merges_children(
    ledger: Ledger, tickets: Results, path: Path
) -> None:
    children = {"posts": {"1": [11, "a"], "2": [12, "b"]}, "time": {}}
    tickets.put(ticket(1, applied={"title": "T", "state_id": 1}, children=children))
    tickets.patch(
        "1", {"status": "partial", "applied": {"title": "U"}}, {"posts": {"2": [22, "c"]}}
    )
    tickets.patch("1", {}, {"posts": {"3": [13, "d"]}, "time": {"7": [70, "e"]}})
    expected = ticket(
        1,
        status="partial",
        applied={"title": "U"},
        children={
            "posts": {"1": [11, "a"], "2": [22, "c"], "3": [13, "d"]},
            "time": {"7": [70, "e"]},
        },
    )
    assert tickets.get("1") == expected
    assert reopened(ledger, path).get("1") == expected


@pytest.mark.parametrize("document", [ticket(1), ticket(1, children=None)])
def test_children_may_come_to_a_document_without_any(
    tickets: Results, document: dict[str, object]
) -> None:
    tickets.put(document)
    tickets.patch("1", {}, {"posts": {"3": [13, "d"]}})
    assert tickets.get("1") == ticket(1, children={"posts": {"3": [13, "d"]}})


def test_children_that_come_one_by_one_cost_the_same_on_disk(
    ledger: Ledger, tickets: Results, path: Path
) -> None:
    tickets.put(ticket(1))
    sizes = []
    for number in range(1000, 3000):
        tickets.patch("1", {}, {"posts": {str(number): [number, "d" * 64]}})
        if number % 1000 == 999:
            ledger.flush()
            sizes.append(journal_of(path).stat().st_size)
    assert sizes[1] < 2.02 * sizes[0]


def test_an_unknown_document_cannot_be_patched(tickets: Results) -> None:
    with pytest.raises(KeyError):
        tickets.patch("1", {"status": "done"})
    assert list(tickets) == []


def test_a_source_id_is_a_string_that_never_changes(tickets: Results) -> None:
    with pytest.raises(TypeError, match="tickets: source_id 1 is no string"):
        tickets.put({"source_id": 1})
    with pytest.raises(TypeError, match="tickets: source_id None is no string"):
        tickets.put({})
    tickets.put(ticket(1))
    with pytest.raises(ValueError, match="tickets/1: a source_id never changes"):
        tickets.patch("1", {"source_id": "2"})
    assert list(tickets) == [ticket(1)]


def test_removing_forgets_once_and_for_all(ledger: Ledger, tickets: Results, path: Path) -> None:
    tickets.put_durably([ticket(1), ticket(2)])
    tickets.remove("1")
    tickets.remove("1")
    assert tickets.get("1") is None
    assert list(reopened(ledger, path)) == [ticket(2)]


def test_a_document_put_after_a_removal_gets_an_id_of_its_own(tickets: Results) -> None:
    tickets.put_durably([ticket(1), ticket(2)])
    tickets.remove("1")
    tickets.put(ticket(3))
    tickets.put(ticket(1))
    assert [document["source_id"] for document in tickets] == ["2", "3", "1"]


def test_source_ids_are_found_by_target_through_all_changes(
    ledger: Ledger, tickets: Results, path: Path
) -> None:
    tickets.put_durably([ticket(1, target_id=7), ticket(2, target_id=8), ticket(3, target_id=None)])
    assert tickets.by_target(7) == ["1"]
    tickets.put(ticket(4, target_id=7))
    assert tickets.by_target(7) == ["1", "4"]
    tickets.patch("2", {"target_id": 7})
    assert (tickets.by_target(7), tickets.by_target(8)) == (["1", "4", "2"], [])
    tickets.put(ticket(1, target_id=9))
    tickets.remove("4")
    tickets.patch("3", {"target_id": 9})
    assert (tickets.by_target(7), tickets.by_target(9)) == (["2"], ["1", "3"])
    found = reopened(ledger, path)
    assert (found.by_target(7), found.by_target(9)) == (["2"], ["1", "3"])


def test_what_is_kept_does_not_follow_the_objects_handed_in(tickets: Results) -> None:
    document = ticket(1, children={"posts": {}}, applied={"title": "T"})
    tickets.put(document)
    document["children"]["posts"]["1"] = [1, "x"]
    document["applied"]["title"] = "U"
    assert tickets.get("1") == ticket(1, children={"posts": {}}, applied={"title": "T"})


def test_fields_of_a_document_handed_out_stay_through_a_patch(tickets: Results) -> None:
    tickets.put(ticket(1))
    before = tickets.get("1")
    tickets.patch("1", {"status": "failed"})
    assert before == ticket(1)


def test_memory_holds_what_reopening_gives(ledger: Ledger, tickets: Results, path: Path) -> None:
    tickets.put(ticket(1, children={"posts": {5: (6, "\ud83d")}}))
    sloppy: Any = {"posts": {7: (8, "ü")}}
    tickets.patch("1", {}, sloppy)
    expected = ticket(1, children={"posts": {"5": [6, "\ud83d"], "7": [8, "ü"]}})
    assert tickets.get("1") == expected
    assert reopened(ledger, path).get("1") == expected


def test_iterating_goes_on_while_others_write(tickets: Results) -> None:
    tickets.put_durably(ticket(number) for number in range(5))
    seen = []
    for document in tickets:
        tickets.put(ticket(int(document["source_id"]) + 100))
        tickets.remove(document["source_id"])
        seen.append(document["source_id"])
    assert seen == ["0", "1", "2", "3", "4"]
    assert len(tickets) == 5


def test_threads_do_not_lose_each_others_results(
    ledger: Ledger, tickets: Results, path: Path
) -> None:
    def work(first: int) -> None:
        for number in range(first, first + 200):
            tickets.put_durably([ticket(number, status="intended")])
            tickets.patch(str(number), {"status": "done"}, {"posts": {str(number): [1, "d"]}})
            tickets.get(str(number - 1))
            tickets.by_target(number)

    threads = [Thread(target=work, args=(start,)) for start in (0, 1000, 2000, 3000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = reopened(ledger, path)
    assert len(found) == 800
    assert {document["status"] for document in found} == {"done"}
