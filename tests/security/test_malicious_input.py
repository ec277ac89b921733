"""What a stranger may have written, or a hostile server may answer: nothing of it acts.

Each input goes through the code that meets it first. A guard stands around all of them: whoever
looks a name up, connects, or writes a file fails the test.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from requests.structures import CaseInsensitiveDict

from runner import documents, retry
from runner.errors import InvalidFiles, MigrateError
from runner.kayako import answers, downloads
from runner.mapping.html import has_content, link_images
from runner.report.page.render import environment
from runner.report.page.tame import short
from runner.report.page.words import Words
from runner.report.sheets import cell
from runner.report.terminal import clean, console, print_json
from runner.snapshot.cut import cut
from runner.snapshot.files import Files
from runner.snapshot.posts import attachments, images_in
from runner.snapshot.shaping import shaped
from runner.snapshot.values import number, timestamp

_watching: list[list[str]] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event in {"socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"}:
        _watching[-1].append(f"{event} {arguments}")
    elif event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        _watching[-1].append(f"{event} {arguments[0]}")


sys.addaudithook(_watch)


@pytest.fixture
def guard() -> Iterator[list[str]]:
    """Note connections, processes and written files; none is what is wanted."""
    seen: list[str] = []
    _watching.append(seen)
    yield seen
    _watching.pop()
    assert seen == []


TEXTS = [
    *("\x1b[2J", "\x1b]0;title\x07", "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\"),
    *("\x1b]52;c;cm0gLXJm\x07", "\x1bP+q544e\x1b\\", "\x1b[6n", "\x1bc", "\x9b31m", "\x90q\x9c"),
    *("\x07\x07", "safe\rgone", "a\x08b", "\x0e\x0f", "\x7f", "a\x00b", "\u2028\u2029\x85"),
    *("\u202egpj.exe", "\u2066x\u2069", "\u200f\u061c", "\ud83d", "\udc00\ud800", "\ufffe\uffff"),
    *("[bold red]x[/]", "[/]", "[link=https://evil.example]x[/link]", "\\[bold]", "[@click=quit]x"),
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>"),
    *("</title><script>1</script>", "--><script>", "<style>@import 'https://evil.example'</style>"),
    *("<meta http-equiv=refresh content='0;https://evil.example'>", "<base href=//evil.example>"),
    *(
        "<iframe srcdoc='<script>1</script>'>",
        "<a href='javascript:1'>x",
        "<math><mi//xlink:href=1>",
    ),
    *("<noscript><p title='</noscript><img src=x onerror=1>'>", "&lt;script&gt;", "{{ 7*7 }}"),
    *("{% include '/etc/passwd' %}", '"><script>', "' autofocus onfocus=alert(1) x='"),
    *(
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "  =1",
        "\uff1d1+1",
        "\ufeff=1",
    ),
    *("x" * 100_000, "\u0301" * 5_000, "a\nfailed tickets/1: forged", ""),
]
"""Subjects, names, file names and words of a server."""

_ACTS = {*map(chr, range(32)), *map(chr, range(127, 160)), *"\u202e\u2066\u2069\u200f\u061c\ud83d"}


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:40]))
def test_text_from_anybody_only_can_be_read(
    text: str, guard: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    console().print(f"[bold]{clean(text)}[/]")
    console().print(clean(short(text)))
    print_json({"text": [text]})
    printed = capsys.readouterr().out
    assert not (_ACTS - {"\n", "\t"}) & set(printed)
    printed.encode("utf-8")
    page = environment(Words("en")).from_string("<p title='{{ t|short }}'>{{ t|short }}</p>")
    shown = page.render(t=text)
    inside = shown.removeprefix("<p title='").removesuffix("</p>").replace("'>", "", 1)
    assert not set(inside) & (set("<>\"'") | _ACTS)
    assert cell(text)[:1] not in set("=+-@\t\r\uff1d")
    assert "\n" not in cell(text)
    assert not guard


HTML = [
    "<img src='/media/url/../../../etc/passwd'>",
    "<img src='https://evil.example/media/url/x'>",
    "<img src='snapshot:../../etc/passwd'>",
    "<img src='data:image/svg+xml,<svg onload=1>'>",
    "<img src='file:///media/url/etc'>",
    "<img " * 20_000,
    "<div>" * 20_000,
    "<!--" * 10_000,
    "<a href='" + "x" * 100_000,
    "&#xffffffff;&#0;&#x110000;&#xd800;",
    "<svg><style><img src=x onerror=1></style></svg>",
    "<![CDATA[<script>1</script>]]>",
    "\x00<\x00s\x00c\x00r\x00i\x00p\x00t>",
]


@pytest.mark.parametrize("html", HTML, ids=lambda html: ascii(html[:40]))
def test_html_opens_nothing_and_ends(html: str, guard: list[str]) -> None:
    has_content(html)
    found = images_in(html)
    linked = link_images(html, dict.fromkeys(found), lambda _: None)
    assert "snapshot:" not in linked.replace("snapshot:../../etc/passwd", "")
    assert not guard


YAML = [
    "!!python/object/apply:os.system ['id']",
    "!!python/name:os.system",
    "!!python/object/new:type {}",
    "!!binary aGVsbG8=",
    "!include /etc/passwd",
    "x: &a [*a]",
    "x: &a {b: *a}",
    "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"b{n}: &b{n} [{','.join(['*' + (f'b{n - 1}' if n else 'a')] * 9)}]\n" for n in range(9)
    ),
    "[" * 10_000,
    "{a: " * 10_000,
    "x: " + "[" * 500 + "]" * 500,
    "x: 1\nx: 2",
    "<<: *nothing",
    "x: !!int " + "9" * 10_000,
    "x: " + "9" * 100_000,
    "x: 0x" + "f" * 10_000,
    "x: .nan\ny: .inf",
    "? [a, b]\n: c",
    "\x00",
    "x: \x1b[2J",
    "%TAG ! tag:evil.example,2000:\n---\n!x y",
    "--- a\n--- b",
    "x: 2000-99-99",
    "'" + "x" * 100_000,
]


@pytest.mark.parametrize("text", YAML, ids=lambda text: ascii(text[:40]))
def test_yaml_is_plain_or_refused(text: str, guard: list[str], tmp_path: Path) -> None:
    found: Any = {}
    with contextlib.suppress(InvalidFiles):
        found = documents.load(tmp_path / "x.yaml", text=text).data
    kinds = {type(value) for value in (found.values() if isinstance(found, dict) else found)}
    assert kinds <= {str, int, float, bool, list, dict, type(None)}
    assert not guard


ADDRESSES = [
    *("file:///etc/passwd", "gopher://evil.example/", "ftp://evil.example/x", "dict://127.0.0.1/"),
    *("javascript:alert(1)", "data:text/html,x", "http://127.0.0.1:22/", "http://[::1]/"),
    *("http://169.254.169.254/latest/meta-data/", "http://metadata.google.internal/"),
    *("http://[::ffff:169.254.169.254]/", "http://2852039166/", "http://0xa9fea9fe/"),
    *(
        "http://0251.0376.0251.0376/",
        "http://127.1/",
        "http://0/",
        "http://localhost/",
        "http://[/",
    ),
    *("https://acme.kayako.com@evil.example/", "https://acme.kayako.com:443@evil.example/"),
    *("https://acme.kayako.com.evil.example/", "https://evil.example#@acme.kayako.com/"),
    *("https://evil.example\\@acme.kayako.com/", "//evil.example/x", "///evil.example/x"),
    *("http://acme.kayako.com/x", "https://acme.kayako.com:8443/x", "https://ACME.KAYAKO.COM./x"),
    *(
        "https://\u0430cme.kayako.com/",
        "https://xn--cme-5cd.kayako.com/",
        "https://evil.example:99999/",
    ),
    *("https://evil.example\r\nHost: acme.kayako.com/", "https://user:word@evil.example/x"),
    "https://" + "a" * 10_000 + ".example/",
]


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: ascii(address[:60]))
@pytest.mark.parametrize("how", ["image", "redirect"])
def test_addresses_lead_nowhere_but_to_kayako(
    how: str, address: str, guard: list[str], tmp_path: Path
) -> None:
    """The session's own host is asked for paths; nobody else is asked for anything."""
    asked: list[str] = []
    sent: list[str] = []

    def download(path: str) -> requests.Response:
        asked.append(path)
        return answer(302, {"Location": address}) if how == "redirect" else answer(404)

    kayako: Any = SimpleNamespace(
        url="https://acme.kayako.com",
        file_hosts=frozenset(),
        download=download,
        http=SimpleNamespace(send=lambda _, path, **__: sent.append(path)),
    )
    start = "/media/url/x" if how == "redirect" else address
    stored = downloads.fetch(kayako, Files(tmp_path), "key", start, size=None, image=True)
    assert stored.sha256 is None
    assert stored.error
    assert sent == []
    assert all(path.startswith("/") and not path.startswith("//") for path in asked)
    assert list(tmp_path.iterdir()) == []
    assert not guard


def answer(
    status: int, headers: dict[str, str] | None = None, body: bytes = b""
) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made.headers = CaseInsensitiveDict(headers or {})
    made.raw = io.BytesIO(body)
    made.url = "https://acme.kayako.com/media/url/x"
    return made


WAITS = [
    *(
        "-1",
        "1e999",
        "nan",
        "inf",
        "-inf",
        "9" * 400,
        "0x10",
        "1;2",
        "soon",
        "\x1b[2J",
        " ",
        "\uff11",
    ),
    *("Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 0001 00:00:00 GMT", "Fri, 99 Foo 2021 99:99"),
    *("Fri, 31 Dec 2021 23:59:59 +9999", "Fri, 31 Dec 99999999999 23:59:59 GMT", "1, 2", "1_000"),
]


@pytest.mark.parametrize("value", WAITS, ids=lambda value: ascii(value[:30]))
def test_no_header_makes_us_wait_for_ever(value: str, guard: list[str]) -> None:
    pause = retry.retry_after(answer(429, {"Retry-After": value}))
    assert pause is None or 0 <= pause <= retry.LONGEST_HOLD_SECONDS
    assert not guard


ANSWERS = [
    *(b"", b"null", b"[]", b"17", b'"x"', b"{", b"\xff\xfe", b"<html>", b"[" * 100_000),
    *(b'{"a":' * 50_000, b'{"data": NaN, "status": 200}', b'{"data": 1, "data": 2, "status": 1}'),
    *(
        b'{"status": 200, "errors": "x"}',
        b'{"status": 200, "errors": [null]}',
        b'{"status":' + b"9" * 5000,
    ),
    *(b'{"status": 200, "errors": [{"code": {"a": 1}}]}', b'{"status": 1, "data": "\\ud800"}'),
]


@pytest.mark.parametrize("body", ANSWERS, ids=lambda body: ascii(body[:40]))
def test_answers_of_no_known_shape_are_explained(body: bytes, guard: list[str]) -> None:
    answers.envelope(answer(200, body=body))
    for status in (200, 302, 401, 403, 490, 500):
        headers = {"Location": "https://[evil", "Content-Type": "text/xml\x1b[2J"}
        for error in (answers.login_error, answers.error):
            assert isinstance(error(answer(status, headers, body)), MigrateError)
    assert not guard


RECORDS: list[dict[str, Any]] = [
    {"id": 10**30, "resource_type": "user"},
    {"id": "9" * 5000, "resource_type": "user", "emails": 1},
    {"id": {"a": 1}, "original": {"attachments": {"b": 1}}},
    {"id": True, "custom_fields": "x", "tags": 17, "created_at": 10**30},
    {"id": "\ud800", "resource_type": "user", "original": [], "created_at": "9999-99-99"},
    {"id": None, "attachments": [None, 1, {"name": "../../etc/passwd", "url_download": 17}]},
    {"id": "../../etc/passwd", "requester": "x", "role": [], "created_at": float("inf")},
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: ascii(str(record)[:40]))
def test_records_of_another_shape_are_kept_without_harm(
    record: dict[str, Any], guard: list[str]
) -> None:
    whole, nested = cut(shaped(record))
    attachments(whole)
    number(whole.get("id"))
    timestamp(whole.get("created_at"))
    assert all(definition.id.encode() for definition in nested)
    json.dumps(whole)
    assert not guard


def test_there_are_more_than_a_hundred() -> None:
    every = (TEXTS, HTML, YAML, ADDRESSES, WAITS, ANSWERS, RECORDS)
    assert sum(len(inputs) for inputs in every) > 150
