"""What the filters of templates make of values."""

from __future__ import annotations

import re
from typing import Any

import pytest

from runner.mapping.filters import FILTERS, MAXIMUM_RESULT, TESTS


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("lower", ("ÄB",), "äb"),
        ("upper", ("äb",), "ÄB"),
        ("upper", (True,), "TRUE"),
        ("capitalize", ("oNE two",), "One two"),
        ("trim", (" a b\n",), "a b"),
        ("replace", ("a-b-c", "-", "+"), "a+b+c"),
        ("replace", ("abc", "", "+"), "abc"),
        ("replace", (117, "1", "2"), "227"),
        ("truncate", ("abc", 2), "ab"),
        ("truncate", ("abc", "2"), "ab"),
        ("truncate", ("abc", -1), ""),
        ("truncate", (" ab", 2), " a"),
        ("truncate", ("x" * 300,), "x" * 255),
        ("default", (None, "x"), "x"),
        ("default", (" ", "x"), "x"),
        ("default", (0, "x"), 0),
        ("default", (None,), ""),
        ("first", (["a", "b"],), "a"),
        ("first", ([],), None),
        ("first", ("ab",), None),
        ("last", (["a", "b", "c"],), "c"),
        ("last", ([],), None),
        ("last", ("ab",), None),
        ("length", (["a", "b"],), 2),
        ("length", ({"a": 1},), 1),
        ("length", ("abc",), 3),
        ("length", (None,), 0),
        ("join", (["a", 1, None],), "a, 1, "),
        ("join", (["a", "b"], "/"), "a/b"),
        ("join", ("ab", "/"), "ab"),
        ("plain", ("<p>a &amp; <b>b</b></p>",), "a & b"),
        ("escape", ('<a href="\'">&',), "&lt;a href=&quot;&#x27;&quot;&gt;&amp;"),
        ("date", ("2021-08-27T10:49:56Z",), "2021-08-27"),
        ("slug", (" Waiting for_vendor! (ÄÖ \uff12) ",), "waiting-for-vendor-äö-2"),
        ("slug", ("!?",), ""),
        ("slug", ({"label": "On hold"},), "on-hold"),
    ],
)
def test_filters(name: str, arguments: tuple[Any, ...], result: object) -> None:
    assert FILTERS[name](*arguments) == result


@pytest.mark.parametrize(
    ("name", "fits", "too_long"),
    [
        (
            "replace",
            ("a" * 10, "a", "b" * (MAXIMUM_RESULT // 10)),
            ("a" * 10, "a", "b" * (MAXIMUM_RESULT // 10 + 1)),
        ),
        (
            "join",
            (["a"] * 11, "b" * ((MAXIMUM_RESULT - 11) // 11)),
            (["a"] * 11, "b" * ((MAXIMUM_RESULT - 11) // 11 + 1)),
        ),
        ("escape", ("&" * (MAXIMUM_RESULT // 6),), ("&" * (MAXIMUM_RESULT // 6 + 1),)),
        ("escape", ("'" * (MAXIMUM_RESULT // 6),), ("'" * (MAXIMUM_RESULT // 6 + 1),)),
    ],
)
def test_a_result_longer_than_any_field_is_refused(
    name: str, fits: tuple[Any, ...], too_long: tuple[Any, ...]
) -> None:
    assert len(FILTERS[name](*fits)) <= MAXIMUM_RESULT
    with pytest.raises(ValueError, match=re.compile(r"would have 15\d{5} characters")):
        FILTERS[name](*too_long)


def test_tests_tell_what_is_empty_and_what_shows_something() -> None:
    assert TESTS["empty"](" ")
    assert not TESTS["empty"](0)
    assert TESTS["none"](None)
    assert not TESTS["none"]("")
    assert TESTS["visible"]("<p>a</p>")
    assert not TESTS["visible"]("<p> </p>")
