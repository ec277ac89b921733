from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.sandbox.zammad.markup import sanitize


def drop(mime_type: str, content: bytes) -> str:
    del mime_type, content
    return "image-id"


@pytest.mark.parametrize(
    ("source", "stored"),
    [
        ("<p>a</p>", "<p>a</p>"),
        ("<p>a<br/>b", "<p>a<br>b</p>"),
        ("a &eacute; &amp; &lt;b&gt;", "a é &amp; &lt;b&gt;"),
        ("<p class=x onclick=y()>a</p>", "<p>a</p>"),
        ("<script>x</script>a<style>p{}</style>", "a"),
        ("<unknown>a</unknown>", "a"),
        ('<img src="https://example.org/a.png">a', "a"),
        ('<a href="javascript:x()">a</a>', "<a>a</a>"),
        (
            '<a href="http://a.b">a</a>',
            '<a href="http://a.b" rel="nofollow noreferrer noopener" target="_blank">a</a>',
        ),
        (
            '<img src="data:image/png;base64,YQ==">',
            '<img src="cid:image-id" style="max-width:100%;">',
        ),
        (
            '<img src="data:image/gif;base64,YQ==">',
            '<img src="data:image/gif;base64,YQ==">',
        ),
    ],
)
def test_html_is_stored_as_zammad_does(source: str, stored: str) -> None:
    assert sanitize(source, drop) == stored


@given(st.text(alphabet="<>/ab&;=\"' pdiv!-script", max_size=80))
def test_what_was_stored_is_stored_the_same_again(source: str) -> None:
    once = sanitize(source, drop)
    assert sanitize(once, drop) == once
    assert "<script" not in once
