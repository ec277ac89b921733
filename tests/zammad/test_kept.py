"""What Zammad keeps of what it is sent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.sandbox.zammad import markup
from runner.zammad import kept

_PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<font color=red>",
        "</font>",
        "<br>",
        "<script>a()</script>",
        "<style>p{}</style>",
        '<a href="https://example.org" onclick="x()">',
        "</a>",
        '<img src="https://example.org/remote.png">',
        "words and more",
        "1 &lt; 2 &amp; 3",
        " ",
        "\n",
        "ümläut",
        "<!-- hidden -->",
    ]
)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_what_a_reader_sees_survives_the_sanitizer(html: str) -> None:
    assert kept.visible(markup.sanitize(html, lambda *_: "id")) == kept.visible(html)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>one</p>", "<p>two</p>"),
        ("<p>one two</p>", "<p>two one</p>"),
        ("<p>one</p>", "<p>one</p><p>more</p>"),
        ("<p>1 &lt; 2</p>", "<p>1  2</p>"),
    ],
)
def test_other_words_are_seen(one: str, other: str) -> None:
    assert kept.visible(one) != kept.visible(other)


def test_pictures_stand_in_the_text_in_their_order() -> None:
    html = '<p>a<img src="x">b<IMG alt=y src=z ><script><img src="no"></script><img></p>'
    seen: list[str] = []

    def picture(source: str) -> str:
        seen.append(source)
        return kept.PICTURE if source else ""

    assert kept.visible(html, picture) == f"a{kept.PICTURE}b{kept.PICTURE}"
    assert seen == ["x", "z", ""]


@pytest.mark.parametrize(
    ("kind", "wanted", "there", "right"),
    [
        ("datetime", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05.000Z", True),
        ("datetime", "2024-01-02T03:04:05+05:00", "2024-01-01T22:04:05.000Z", True),
        ("datetime", "2024-01-02T03:04:05Z", "2024-01-02T03:04:06.000Z", False),
        ("line", None, "", True),
        ("line", "", None, True),
        ("line", "a", None, False),
        ("line", "A", "a", False),
        ("boolean", False, None, False),
        ("boolean", False, False, True),
        ("boolean", True, False, False),
        ("list", ["b", "a"], ["a", "b"], True),
        ("list", ["a"], ["a", "a"], False),
        ("list", None, ["a"], False),
        ("html", "<div class='x'>a <br></div>", "<div>a</div>", True),
        ("", 7, "7", True),
        ("", 0, None, False),
        ("", "2024-10-12", "2024-10-13", False),
    ],
)
def test_values_are_the_same_as_far_as_zammad_keeps_them(
    kind: str, wanted: Any, there: Any, *, right: bool
) -> None:
    assert kept.same(kind, wanted, there) is right


def test_excerpts_show_where_two_texts_begin_to_differ() -> None:
    one, other = kept.excerpts("x" * 500 + "this" + "y" * 500, "x" * 500 + "that" + "y" * 500)
    assert one.startswith("…xxx")
    assert "this" in one
    assert "that" in other
    assert len(one) < 80
    assert kept.excerpts("same", "same and more") == ("same", "same and more")


def test_links_are_listed_in_order_without_what_is_dropped() -> None:
    html = (
        '<a href="https://a.example/?x=1&amp;y">one</a><a>two</a><template><a href="b"></template>'
    )
    assert kept.links(f"{html}<a href='#c'>") == ["https://a.example/?x=1&y", "#c"]


def test_a_moment_that_utc_cannot_tell_is_compared_as_text() -> None:
    assert kept.moment("0001-01-01T00:00:00+02:00") == "0001-01-01T00:00:00+02:00"
    assert kept.moment("2021-01-01T00:00:00+02:00") == "2020-12-31T22:00:00"
