from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.snapshot.mails import headers

EMPTY = {"message_id": None, "in_reply_to": None, "references": None, "to": None, "cc": None}


def test_folded_and_encoded_headers_are_read() -> None:
    found = headers(
        "Received: from somewhere\r\n"
        "message-id:\r\n <a.1@example.org>\r\n"
        "References: <r.1@example.org>\r\n\t<r.2@example.org> <r.1@example.org>\r\n"
        "In-Reply-To: <r.2@example.org> (a comment)\r\n"
        "To: =?utf-8?b?w5xiZXIsIEFs?= <x@example.org>, plain@example.org\r\n"
        'Cc: "Last, First" <c@example.org>\r\n'
        "Cc: second@example.org\r\n"
        "\r\n"
        "To: nobody@example.org\r\n"
    )
    assert found == {
        "message_id": "<a.1@example.org>",
        "in_reply_to": "<r.2@example.org>",
        "references": "<r.1@example.org> <r.2@example.org>",
        "to": ['"Über, Al" <x@example.org>', "plain@example.org"],
        "cc": ['"Last, First" <c@example.org>', "second@example.org"],
    }


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_lines_before_the_headers_do_no_harm(end: str) -> None:
    source = f"\ufeff{end}{end}Message-ID: <a@b>{end}{end}In-Reply-To: <no@header>"
    assert headers(source) == {**EMPTY, "message_id": "<a@b>"}


@pytest.mark.parametrize(
    "source",
    [
        None,
        "",
        17,
        "no header at all",
        "Message-ID: none",
        "Message-ID: <a b@c>",
        "To: undisclosed-recipients:;",
        "To: =?utf-9?q?broken?=",
        ":\n:\n\n:",
    ],
)
def test_what_says_nothing_says_nothing(source: object) -> None:
    assert headers(source) == EMPTY


def test_a_name_in_an_unknown_encoding_keeps_its_letters() -> None:
    assert headers("To: =?x-unknown?q?abc?= <a@example.org>")["to"] is not None


@given(st.text())
def test_no_text_at_all_is_an_error(source: str) -> None:
    assert headers(source).keys() == EMPTY.keys()
    assert headers(f"Message-ID: <a@b>\nTo: {source}\nCc: =?{source}?=").keys() == EMPTY.keys()
