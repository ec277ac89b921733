"""What the words of the journal do to the tables."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from runner.ledger.documents import Documents
from runner.ledger.operations import Tables, apply, encode

TABLES: Tables = {
    "tickets": Documents({"1": {"source_id": "7", "children": {"posts": {"1": [2, "d"]}}}})
}


def after(*operations: list[Any]) -> Tables:
    tables = copy.deepcopy(TABLES)
    for operation in operations:
        apply(tables, operation)
    return tables


def test_a_document_is_put_into_a_table_that_need_not_be_there() -> None:
    assert after(["put", "users", "4", {"source_id": "9"}])["users"] == {"4": {"source_id": "9"}}
    assert after(["put", "tickets", "1", {"a": 1}]) == {"tickets": {"1": {"a": 1}}}


def test_a_patch_replaces_keys_and_adds_children() -> None:
    patched = after(
        ["patch", "tickets", "1", {"status": "done"}, {"posts": {"2": [3, "e"]}}],
        ["patch", "tickets", "1", {"status": "failed"}, {"time": {"9": [4, "f"]}}],
        ["patch", "tickets", "1", {"note": None}, None],
    )
    assert patched["tickets"]["1"] == {
        "source_id": "7",
        "status": "failed",
        "note": None,
        "children": {"posts": {"1": [2, "d"], "2": [3, "e"]}, "time": {"9": [4, "f"]}},
    }


def test_removing_takes_one_document_and_dropping_all_of_a_table() -> None:
    assert after(["remove", "tickets", "1"]) == {"tickets": {}}
    assert after(["drop", "tickets"]) == {}
    assert after(["drop", "users"]) == TABLES, "a table that is not there is dropped already"


@pytest.mark.parametrize(
    ("operation", "error", "words"),
    [
        (["remove", "tickets", "2"], KeyError, "'2'"),
        (["remove", "users", "1"], KeyError, "users"),
        (["patch", "tickets", "2", {}, None], KeyError, "'2'"),
        (["rename", "tickets", "1"], KeyError, "rename"),
        (["put", "tickets", "1"], ValueError, "unpack"),
        (["remove", "tickets", "1", "2"], ValueError, "unpack"),
        (["drop"], ValueError, "unpack"),
    ],
)
def test_what_cannot_be_applied_is_refused(
    operation: list[Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        after(operation)


def test_what_is_written_is_plain_ascii_without_spaces() -> None:
    assert encode(["put", "x", "1", {"ü": [1, None]}]) == '["put","x","1",{"\\u00fc":[1,null]}]'
    with pytest.raises(ValueError, match="JSON"):
        encode([float("nan")])
