"""A helpdesk whose every name is an attack: moved, and looked at with all that shows names."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from runner.sandbox.both import start
from runner.sandbox.data import hard_cases
from runner.sandbox.serving import serve
from tests.behaviour.support import Place, Seen
from tests.security.support import changing

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"
HOSTILE = (
    f"=1+1{ESCAPES}[red]|`</title></script><script>owned()</script><img src=x onerror=owned()>"
)
_NAMED = {
    "case": "subject",
    "user": "full_name",
    "team": "title",
    "tag": "name",
    "case_field": "title",
    "user_field": "title",
    "organization_field": "title",
    "brand": "name",
    "attachment": "name",
}
"""The field of each resource that people fill in as they like."""
_ACTS = {*map(chr, range(32)), *map(chr, range(127, 160)), *"\u202e"} - {"\n", "\t"}


def hostile(_: str, answer: Any) -> Any:
    """Put the attack before every name in an answer of Kayako."""
    _spoil(answer)
    return answer


def _spoil(value: Any) -> None:
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            _spoil(item)
    if isinstance(value, dict):
        name = _NAMED.get(value.get("resource_type", ""))
        if name and isinstance(value.get(name), str):
            value[name] = HOSTILE + value[name]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with start(hard_cases()) as sandbox:
        kayako = serve(changing(sandbox.kayako.app, hostile))
        try:
            made = Place.make(
                tmp_path_factory.mktemp("hostile") / "place", kayako.url, sandbox.zammad_url
            )
            first = made.migrate("plan")
            harmless(first.stdout + first.stderr)
            for some in (("--sample", "4"), ()):
                done = made.migrate("apply", "--yes", *some)
                harmless(done.stdout + done.stderr)
                assert done.returncode == 0, done.stdout + done.stderr
            yield made
        finally:
            kayako.stop()


def harmless(printed: str) -> None:
    """Nothing that a terminal would carry out stands in it."""
    assert not _ACTS & set(printed)
    assert "Traceback" not in printed


@pytest.mark.parametrize(
    "command",
    [
        ("check",),
        ("validate",),
        ("pull",),
        ("plan",),
        ("plan", "--detail"),
        ("plan", "--json"),
        ("verify",),
        ("verify", "--json"),
        ("explain", "case", "1"),
        ("explain", "case", "1", "--json"),
        ("explain", "user", "1"),
        ("status", "--notes"),
        ("status", "--failed", "--json"),
        ("doctor",),
        ("erase",),
        ("discover",),
    ],
    ids=" ".join,
)
def test_no_command_prints_what_acts(place: Place, command: tuple[str, ...]) -> None:
    done = place.migrate(*command)
    harmless(done.stdout + done.stderr)
    assert done.stdout


class Acting(HTMLParser):
    """Collect what a browser would carry out of the attack, and what it would show."""

    def __init__(self) -> None:
        super().__init__()
        self.acts: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.acts += [f"{tag} {name}={value}" for name, value in attrs if name.startswith("on")]
        if ("src", "x") in attrs:
            self.acts.append(f"{tag} src=x")

    def handle_data(self, data: str) -> None:
        if self._inside == "script" and "owned" in data:
            self.acts.append(data)


def acting(page: str) -> list[str]:
    parser = Acting()
    parser.feed(page)
    parser.close()
    return parser.acts


def test_the_attack_acts_where_nothing_is_done_against_it() -> None:
    assert len(acting(f"<title>{HOSTILE}</title>")) == 3


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_page_carries_it_out(place: Place, language: str, tmp_path: Path) -> None:
    place.succeed("verify")
    place.succeed("sample", "--language", language)
    place.succeed("report", "--language", language, "--out", str(tmp_path / "report.html"))
    for name in ("runbook.html", "runbook.md"):
        place.succeed("checklist", "--language", language, "--out", str(tmp_path / name))
    pages = [*tmp_path.iterdir(), *(place.folder / ".migrate").rglob("*.html")]
    assert len(pages) > 3
    texts = {page: page.read_text(encoding="utf-8") for page in pages}
    assert sum("owned()" in text for text in texts.values()) > 1
    for page, text in texts.items():
        assert acting(text) == [], page
        assert not _ACTS & set(text), page


def test_no_sheet_calculates_with_it(place: Place, tmp_path: Path) -> None:
    place.succeed("report", "--out", str(tmp_path / "report.html"), "--csv", str(tmp_path))
    place.succeed("redirects", "--out", str(tmp_path))
    sheets = list(tmp_path.glob("*.csv"))
    assert sheets
    for sheet in sheets:
        with sheet.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
                assert not _ACTS & set("".join(row)), sheet


def test_it_arrives_in_zammad_as_a_name_and_is_compared(place: Place) -> None:
    titles = [ticket["title"] for ticket in Seen(place.zammad_url).rows("/tickets")]
    assert any("owned()" in title for title in titles)
    place.succeed("plan", "--detailed-exitcode")


def test_nothing_was_written_beside_the_workdir(place: Place) -> None:
    assert {path.name for path in place.folder.parent.iterdir()} == {place.folder.name}
    for path in place.folder.rglob("*"):
        assert path.resolve().is_relative_to(place.folder.resolve())
        assert not _ACTS & set(path.name)
        assert "script" not in path.name
