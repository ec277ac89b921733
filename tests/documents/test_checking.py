"""Schema mistakes in plain words, at their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runner.documents import check, load
from runner.documents.checking import closest, listed

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["url", "colour"],
    "properties": {
        "url": {"type": "string", "description": "The address."},
        "colour": {"enum": ["red", "green", "blue"]},
        "workers": {"type": "integer", "minimum": 1, "maximum": 9},
        "password": {"type": "string", "minLength": 8, "writeOnly": True},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
        "names": {"type": "object", "propertyNames": {"enum": ["one", "two"]}},
        "rule": {"type": "object", "x-messages": {"type": "{value} is no rule"}},
        "code": {"pattern": "^[a-z]+$"},
        "gone": {"not": {}},
    },
}


def found(text: str) -> list[str]:
    document = load(Path("file.yaml"), text=text)
    return [str(problem) for problem in check(document, SCHEMA)]


VALID = "url: x\ncolour: red\n"


def test_a_document_without_mistakes_has_no_problems() -> None:
    assert found(f"{VALID}workers: 3\ntags: [a]\nnames:\n  one: 1\nrule:\n  a: 1\n") == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("workers: many", "file.yaml:3:10: workers must be a whole number, not many"),
        ("workers: 0", "file.yaml:3:10: workers must be at least 1, not 0"),
        ("workers: 12", "file.yaml:3:10: workers must be at most 9, not 12"),
        ("workers: true", "file.yaml:3:10: workers must be a whole number, not true"),
        ("workers:", "file.yaml:3:9: workers must be a whole number, not empty"),
        ("workers: [1]", "file.yaml:3:10: workers must be a whole number, not a list"),
        ("wokers: 3", "file.yaml:3:1: unknown key wokers; did you mean workers?"),
        ("tags: [a, 7]", "file.yaml:3:11: entry 2 of tags must be text, not 7"),
        ("tags: [a, b, c]", "file.yaml:3:7: tags may have at most 2 entries"),
        ("names: {onee: 1}", "file.yaml:3:9: unknown key onee; did you mean one?"),
        ("rule: id", "file.yaml:3:7: id is no rule"),
        ("code: A1", "file.yaml:3:7: code is written in a form that is not understood"),
        ("gone: 1", "file.yaml:3:1: this must not stand here"),
    ],
)
def test_each_mistake_is_said_plainly_at_its_place(line: str, message: str) -> None:
    assert found(VALID + line) == [message]


def test_wrong_choices_show_what_is_allowed() -> None:
    assert found("url: x\ncolour: gren\n") == ["file.yaml:2:9: colour is gren; did you mean green?"]


def test_unknown_keys_without_a_likely_meaning_list_what_is_allowed() -> None:
    document = load(Path("file.yaml"), text=f"{VALID}zzz: 1")
    (problem,) = check(document, SCHEMA)
    assert problem.message == "unknown key zzz"
    assert problem.advice.startswith("Here are allowed: url, colour, workers")


def test_missing_keys_are_one_problem() -> None:
    assert found("workers: 3") == ["file.yaml:1:1: the key url or colour is missing"]


def test_a_misspelt_required_key_is_one_mistake_not_two() -> None:
    assert found("url: x\ncolor: red\n") == [
        "file.yaml:2:1: unknown key color; did you mean colour?"
    ]


def test_secrets_are_never_shown() -> None:
    for value in ("hunter2", "1234567"):
        message = found(f"{VALID}password: {value}")[0]
        assert value not in message
        assert "password must" in message


def test_all_mistakes_come_in_the_order_of_the_file() -> None:
    lines = [message.split(":")[1] for message in found("workers: 0\nzzz: 1\ntags: 1\nurl: 2\n")]
    assert lines == sorted(lines)
    assert len(lines) == 5


def test_a_document_of_the_wrong_kind_is_one_problem() -> None:
    assert found("- a") == [
        "file.yaml:1:1: the file must be a mapping (key: value lines), not a list"
    ]


def test_no_message_speaks_python_or_json() -> None:
    text = "workers: []\ntags: {}\nurl:\ncolour: 7\npassword: 1\nnames: x\n"
    for message in found(text):
        for word in ("None", "dict", "#/", "$", "instance", "'"):
            assert word not in message


def test_closest_ignores_case_and_stays_silent_when_unsure() -> None:
    assert closest("STATUS", ["status"]) == "; did you mean status?"
    assert closest("zzz", ["status"]) == ""


def test_lists_read_like_sentences() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b", "c"])] == ["", "a", "a, b or c"]
