"""HTML of posts: what shows, which images are linked, and that the rest is left alone."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runner.mapping.html import has_content, link_images

URL = "https://acme.kayako.com/media/url/TOKEN"


SHOWING = (
    *("a", "<p>a</p>", "<br>1", "&amp;", "<p>&lt;</p>", "<hr>", '<img src="x">', "<p> <b>.</b>"),
    *("<style>p {}</style>a", "<!-- x --><p>a</p>", "<head><title>t</title></head>b", "1 < 2"),
)
BLANK = (
    *(None, "", "  \n", "<p></p>", "<div><br></div>", "&nbsp;", "<p>&nbsp;&#160; </p>", "\u200b"),
    *("<style>p {color: red}</style>", "<!-- a comment -->", "<title>t</title>", "<p>\u00a0"),
)


@pytest.mark.parametrize("text", SHOWING)
def test_what_shows_has_content(text: str) -> None:
    assert has_content(text)


@pytest.mark.parametrize("text", BLANK)
def test_what_shows_nothing_has_none(text: object) -> None:
    assert not has_content(text)


def linked(text: str, images: dict[str, str | None]) -> tuple[str, list[str]]:
    replaced: list[str] = []
    return link_images(text, images, replaced.append), replaced


def test_an_image_that_was_fetched_points_to_its_file_and_keeps_the_rest() -> None:
    text = f"<P>é<img  alt='a > b' SRC='{URL}' width=3 ><br/>&nbsp</P>"
    html, replaced = linked(text, {URL: "f" * 64})
    expected = f"<P>é<img  alt='a > b' SRC=\"snapshot:{'f' * 64}\" width=3 ><br/>&nbsp</P>"
    assert (html, replaced) == (expected, [])


def test_images_are_known_by_their_path_on_any_host() -> None:
    html, _ = linked('<img src="http://help.acme.example/media/url/TOKEN?x=1">', {URL: "e" * 64})
    assert html == f'<img src="snapshot:{"e" * 64}">'


def test_an_image_that_is_gone_becomes_a_link_and_is_told() -> None:
    html, replaced = linked(f'a<img src="{URL}&amp;x" alt="Plan <1>">b', {f"{URL}&x": None})
    assert html == f'a<a href="{URL}&amp;x">[Plan &lt;1&gt;: no longer available]</a>b'
    assert replaced == [f"{URL}&x"]


def test_images_of_others_are_left_alone() -> None:
    text = '<img src="https://example.org/a.png"><img alt="x"><img src="cid:1"><img data-src="y">'
    assert linked(text, {URL: "f" * 64}) == (text, [])


def test_every_image_is_linked_wherever_it_stands() -> None:
    text = f'\n\n<img src="{URL}">\r\n text <img\nsrc="{URL}"/>'
    html, _ = linked(text, {URL: "f" * 64})
    assert html.count(f"snapshot:{'f' * 64}") == 2
    assert "\r\n text <img\n" in html


def test_images_in_comments_and_scripts_are_no_images() -> None:
    text = f'<!-- <img src="{URL}"> --><script>"<img src={URL}>"</script>'
    assert linked(text, {URL: "f" * 64})[0] == text


PIECES = (
    *("<p>", "</p>", "a", "&nbsp;", "<img", " src=", '"', "'", ">", "<", "!--", "-->", "\n", URL),
    *(f'<img src="{URL}">', "<style>", "</style>", "é", "=", "/", "<![CDATA[", "]]>", "&#x110000;"),
)
pieces = st.sampled_from(PIECES)


@given(st.lists(pieces, max_size=25).map("".join))
@example(f"<img src={URL}<p>")
def test_no_html_is_too_broken_and_nothing_else_changes(text: str) -> None:
    has_content(text)
    assert linked(text, {})[1] == [] or "no longer available" in linked(text, {})[0]
    html, replaced = linked(text, {URL: "f" * 64})
    # Without quotes an address goes on until the tag ends: then it is another one.
    assert URL not in replaced
    if "snapshot:" not in html and not replaced:
        assert html == text
