from __future__ import annotations

import time

import pytest

from runner.report.page import readable


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("<ul><li>a</li><li>b</li></ul>", "• a\n\n• b"),
        ("<b>x</b><script>alert(1)</script><style>p{}</style>y", "xy"),
        ("<iframe src='https://evil.example'>in it</iframe>after", "after"),
        ('<a href="https://a.example/">https://a.example</a>', "https://a.example"),
        ('<a href="https://a.example/x">here</a>', "here <https://a.example/x>"),
        ('<a href="mailto:a@b.example">a@b.example</a>', "a@b.example"),
        ('<img src="https://track.example/1.gif" alt="cat">', "[picture: cat]"),
        ("1 &lt; 2 &amp; <i>so on", "1 < 2 & so on"),
        ("a\x1b[31mb\u202ecd", "a\ufffd[31mbcd"),
        ("", ""),
    ],
)
def test_what_a_reader_sees(html: str, text: str) -> None:
    assert readable.of_html(html, "picture") == text


@pytest.mark.parametrize(
    "piece", ["<div>", "<", "<a href='", "<!--", "</", "<?", "<![CDATA[", "<a b=c ", "&#", "a"]
)
def test_a_hostile_body_is_read_in_a_moment(piece: str) -> None:
    began = time.process_time()
    readable.of_html(piece * 60_000, "picture")
    readable.of_html(f"<{piece * 60_000}", "picture")
    assert time.process_time() - began < 2


def test_many_empty_lines_are_one() -> None:
    assert readable.lines("a\n\n\n\n\nb\r\n c ") == "a\n\nb\nc"
    assert readable.cut("abcdef", 4) == ("abcd", 2)
    assert readable.cut("abc", 4) == ("abc", 0)
