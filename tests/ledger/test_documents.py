from __future__ import annotations

import pytest

from runner.ledger import documents
from runner.ledger.documents import Documents


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two documents stay objects."""
    monkeypatch.setattr(documents, "OPEN", 2)


def held(number: int) -> dict[str, object]:
    return {"source_id": str(number), "applied": {"title": f"Größe {number}"}, "notes": [None]}


def filled(count: int) -> Documents:
    return Documents({str(number): held(number) for number in range(count)})


def test_documents_are_the_same_whether_they_are_objects_or_text() -> None:
    kept = filled(5)
    assert kept == {str(number): held(number) for number in range(5)}
    assert [number for number, _ in kept.now()] == ["0", "1", "2", "3", "4"]
    assert [document for _, document in kept.now(backwards=True)] == [
        held(number) for number in (4, 3, 2, 1, 0)
    ]


def test_only_the_latest_are_objects() -> None:
    kept = filled(4)
    kept["1"] = held(1)
    stay = [number for number in kept if kept[number] is kept[number]]
    assert stay == ["1", "3"]


def test_a_document_keeps_its_place_when_it_is_put_again() -> None:
    kept = filled(4)
    kept["0"] = {"new": True}
    assert next(iter(kept.items())) == ("0", {"new": True})
    assert len(kept) == 4


def test_a_document_that_was_removed_comes_back_at_the_end() -> None:
    kept = filled(4)
    for number in ("0", "3"):
        del kept[number]
    assert "0" not in kept
    with pytest.raises(KeyError):
        kept["3"]
    kept["0"] = held(0)
    assert list(kept) == ["1", "2", "0"]


def test_text_of_a_file_replaces_an_object_for_good() -> None:
    kept = filled(2)
    kept.put_text("1", '{"a":1}')
    kept["5"] = kept["6"] = held(5)
    assert kept["1"] == {"a": 1}


def test_what_is_there_is_listed_while_others_come_and_go() -> None:
    kept = filled(3)
    found = kept.now()
    del kept["1"]
    kept["9"] = held(9)
    assert [number for number, _ in found] == ["0", "1", "2"]


def test_everything_is_written_as_ascii_without_spaces() -> None:
    kept = Documents({str(number): {"ü": [number]} for number in range(4)})
    assert list(kept.texts()) == [(str(n), f'{{"\\u00fc":[{n}]}}') for n in range(4)]
