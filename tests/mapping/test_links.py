"""Links to Kayako lead to Zammad; nothing else of a body changes."""

from __future__ import annotations

import pytest

from runner.mapping.links import article_of, hosts_of, rewrite

HOSTS = frozenset({"acme.kayako.com", "support.acme.example"})
OLD = "https://acme.kayako.com/agent/conversations/12"
NEW = "https://zammad.example/#ticket/zoom/number/12"


def place(kind: str, number: int) -> str | None:
    known = {("conversation", 12), ("conversation", 13), ("article", 85)}
    if (kind, number) not in known:
        return None
    path = "ticket/zoom/number" if kind == "conversation" else "knowledge_base/answer"
    return f"https://zammad.example/#{path}/{number}"


def in_html(text: str) -> str:
    return rewrite(text, is_html=True, hosts=HOSTS, resolve=place)[0]


def in_text(text: str) -> str:
    return rewrite(text, is_html=False, hosts=HOSTS, resolve=place)[0]


@pytest.mark.parametrize(
    "address",
    [
        OLD,
        "http://acme.kayako.com/agent/conversations/12",
        "https://ACME.kayako.com/agent/conversations/12/",
        "https://acme.kayako.com/agent/conversations/12?tab=notes&x=1",
        "https://acme.kayako.com/agent/conversations/12#post-7",
        "https://acme.kayako.com/conversation/12",
        "https://acme.kayako.com/conversations/12",
        "https://support.acme.example/en-us/conversation/12",
        "https://support.acme.example/de/conversations/12",
    ],
)
def test_every_way_to_name_a_conversation_leads_to_its_ticket(address: str) -> None:
    assert in_text(f"See {address}, please") == f"See {NEW}, please"
    assert in_html(f'<a class="x" href="{address}" rel=y>it</a>') == (
        f'<a class="x" href="{NEW}" rel=y>it</a>'
    )


@pytest.mark.parametrize(
    "text",
    [
        "https://other.kayako.com/agent/conversations/12",
        "https://acme.kayako.com.evil.example/agent/conversations/12",
        "https://acme.kayako.com/agent/conversations/view/12",
        "https://acme.kayako.com/en-us/conversation/new/12",
        "https://acme.kayako.com/agent/conversations/12abc",
        "https://acme.kayako.com/api/v1/cases/12",
        "https://acme.kayako.com/media/url/12",
        "https://acme.kayako.com/agent/users/12",
        "https://elsewhere.example/?to=https://acme.kayako.com/agent/conversations/12",
        "<kayako-post-12@acme.kayako.com>",
        "agent/conversations/12",
    ],
)
def test_what_is_no_page_of_ours_stays(text: str) -> None:
    assert in_text(text) == text
    assert in_html(f'<a href="{text}">x</a>') == f'<a href="{text}">x</a>'


def test_what_does_not_move_stays_and_is_told_once() -> None:
    old = "https://acme.kayako.com/agent/conversations/99?a=1&amp;b=2"
    text = f'<p><a href="{old}">{old}</a> and <a href="{old}">again</a></p>'
    assert rewrite(text, is_html=True, hosts=HOSTS, resolve=place) == (
        text,
        ["https://acme.kayako.com/agent/conversations/99?a=1&b=2"],
    )


def test_articles_of_the_help_center_are_known_by_number_whatever_their_words() -> None:
    page = "https://zammad.example/#knowledge_base/answer/85"
    assert in_text("https://acme.kayako.com/en-us/article/85-How-to-zip.") == f"{page}."
    assert in_text("(https://acme.kayako.com/article/85)") == f"({page})"
    assert in_text("https://acme.kayako.com/en-us/article/86-gone") == (
        "https://acme.kayako.com/en-us/article/86-gone"
    )


def test_text_that_shows_an_address_in_html_is_led_with_its_link() -> None:
    assert in_html(f"<a href='{OLD}'>{OLD}</a>") == f'<a href="{NEW}">{NEW}</a>'
    assert in_html(f"Look: &lt;{OLD}&gt; &amp; <b>{OLD}?x=1&amp;y=2</b>") == (
        f"Look: &lt;{NEW}&gt; &amp; <b>{NEW}</b>"
    )
    assert in_html(f"{OLD}?x=1&gt;") == f"{NEW}&gt;"


def test_the_words_of_a_link_to_somewhere_else_stay() -> None:
    safe = f'<a href="https://safe.example/?url=x">{OLD}</a> {OLD}'
    assert in_html(safe) == f'<a href="https://safe.example/?url=x">{OLD}</a> {NEW}'


def test_only_the_address_itself_is_edited() -> None:
    before = f'<A title="href={OLD}" DATA-x=\'href="{OLD}"\' hReF = {OLD} >x</A\n>'
    assert in_html(before) == before.replace(f" = {OLD} ", f' = "{NEW}" ')


@pytest.mark.parametrize(
    "body",
    [
        '<p>A & B <br/ ><img src="https://acme.kayako.com/media/url/T"><a href=/x>y',
        "<!-- https://acme.kayako.com/agent/conversations/12 --><p>1 < 2</p>",
        '<script>var x = "https://acme.kayako.com/agent/conversations/12";</script>',
        "<style>a{b:url(https://acme.kayako.com/conversation/12)}</style>\r\n<p>\0</p>",
        '<p title="https://acme.kayako.com/conversation/12">acme.kayako.com',
        "<![CDATA[acme.kayako.com]]><!doctype html><?pi acme.kayako.com?></>&bogus;&#xZ;",
        "<a href='acme.kayako.com",
    ],
)
def test_a_body_without_a_match_stays_byte_for_byte(body: str) -> None:
    assert in_html(body) == body


def test_a_broken_body_keeps_all_that_is_around_a_link() -> None:
    body = f'<div><a href="{OLD}">one<p>x</div></a><td>&nbsp<a href={OLD}>two\n<b'
    assert (
        in_html(body) == f'<div><a href="{NEW}">one<p>x</div></a><td>&nbsp<a href="{NEW}">two\n<b'
    )


def test_a_link_gets_attributes_beside_its_new_address_and_text_does_not() -> None:
    marks = {NEW: ' data-x="1"'}
    found, _ = rewrite(
        f"<a href='{OLD}' class=c>{OLD}</a>",
        is_html=True,
        hosts=HOSTS,
        resolve=place,
        marks=marks,
    )
    assert found == f'<a href="{NEW}" data-x="1" class=c>{NEW}</a>'


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("https://acme.kayako.com/en-us/article/85-some-words?x=article/9#y", 85),
        ("https://acme.kayako.com/article/7", 7),
        (OLD, None),
    ],
)
def test_an_address_tells_the_article_that_it_shows(address: str, number: int | None) -> None:
    assert article_of(address) == number


def test_hosts_are_the_account_and_the_domains_of_its_brands() -> None:
    brands = [
        {"sub_domain": "acme", "domain": None},
        {"sub_domain": "beta", "alias": "Help.Beta.example"},
        {"domain": "https://gamma.example/"},
    ]
    assert hosts_of("https://Acme.kayako.com", brands) == {
        "acme.kayako.com",
        "beta.kayako.com",
        "help.beta.example",
        "gamma.example",
    }
    assert hosts_of("http://127.0.0.1:81", brands[:1]) == {"127.0.0.1:81"}
