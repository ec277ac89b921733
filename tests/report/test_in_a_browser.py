"""The pages in a real browser: a run followed to its end, the report, the sample, the runbook.

Their figures are those of ``migrate status --json``.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from runner.report.page.words import LANGUAGES, Words
from runner.sandbox.both import start
from runner.sandbox.data import hard_cases
from tests.behaviour.support import Place
from tests.report import browser as browsers
from tests.report.browser import DESKTOP, PHONE, Tab

pytestmark = pytest.mark.skipif(bool(browsers.why_not()), reason=browsers.why_not())

SAMPLE = 5
COUNTED = ("created", "updated", "unchanged", "skipped", "failed")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S+/")


@dataclass
class Followed:
    """A run that a browser watched: what it saw on the way and at the end."""

    states: list[str]
    sums: list[int]
    rows: dict[str, list[str]]
    overhang: dict[int, int]
    faults: list[str]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with browsers.started() as made:
        yield made


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with start(hard_cases()) as sandbox:
        sandbox.zammad.faults.latency = 0.001
        folder = tmp_path_factory.mktemp("browser") / "move"
        yield Place.make(folder, sandbox.kayako_url, sandbox.zammad_url)


@pytest.fixture(scope="module")
def followed(browser: Any, place: Place) -> Followed:
    """Follow a real run from a browser until the page says that it is over."""
    process = place.start("apply", "--yes", "--serve", "127.0.0.1:0")
    assert process.stderr is not None
    line = next(line for line in process.stderr if _ADDRESS.search(line))
    address = _ADDRESS.search(line)
    assert address is not None
    tab = Tab(browser, address[0])
    states, sums = [], []
    tab.page.wait_for_selector("tr[data-entity]")
    while not states or states[-1] not in {"Done", "Done, with failures", "Stopped"}:
        states.append(tab.page.inner_text("#state"))
        sums.append(tab.page.evaluate(_SUM))
        tab.page.wait_for_timeout(100)
        assert len(states) < 300, states
    assert process.wait(20) in {0, 5}
    process.stderr.close()
    rows = {
        name: tab.page.eval_on_selector_all(
            f'tr[data-entity="{name}"] td[data-word]', "cells => cells.map(cell => cell.innerText)"
        )
        for name in tab.page.eval_on_selector_all(
            "tr[data-entity]", "rows => rows.map(row => row.dataset.entity)"
        )
    }
    overhang = {width: tab.overhang(width) for width in (DESKTOP, PHONE)}
    return Followed(states, sums, rows, overhang, tab.faults())


_CUT_OFF = """tables => tables.filter(table => table.scrollWidth > table.clientWidth)
  .map(table => table.getAttribute("aria-label"))"""
_SUM = """() => [...document.querySelectorAll("progress")]
  .reduce((sum, bar) => sum + bar.value, 0)"""


@pytest.fixture(scope="module")
def status(followed: Followed, place: Place) -> Any:
    """How it stands after the run that was followed."""
    assert followed.rows
    return place.ask("status")


def test_a_browser_follows_a_run_to_its_end(followed: Followed, status: Any) -> None:
    assert followed.rows == {
        name: [str(row[word]) for word in COUNTED] for name, row in status["result"].items()
    }
    assert len(set(followed.states)) > 1
    assert len(set(followed.sums)) > 2
    assert followed.sums == sorted(followed.sums)


def test_the_live_page_asks_nobody_else_and_fits_a_phone(followed: Followed) -> None:
    assert followed.faults == []
    assert followed.overhang == {DESKTOP: 0, PHONE: 0}


@pytest.fixture(scope="module")
def reports(browser: Any, place: Place, status: Any) -> dict[str, Tab]:
    """The report in each language, opened from its file."""
    assert status["outcome"] is not None
    made = {language: place.ask("report", "--language", language) for language in LANGUAGES}
    return {language: Tab(browser, Path(one["report"]).as_uri()) for language, one in made.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_says_what_status_says(
    language: str, reports: dict[str, Tab], status: Any
) -> None:
    words = Words(language)
    tab = reports[language]
    heading, *_ = tab.table("#moved table thead tr")
    rows = {row[0]: dict(zip(heading, row, strict=True)) for row in tab.table("#moved tbody tr")}
    column = {name: words(f"class.{name}") for name in ("created", "left_out", "failed")}
    told = {words.entity(name.lower()): counts for name, counts in status["result"].items()}
    assert len(told.keys() & rows.keys()) == len(rows)
    for name, row in rows.items():
        counts = told[name]
        assert row[column["left_out"]] == words.number(counts["skipped"]), name
        assert row.get(column["failed"], "0") == words.number(counts["failed"]), name
    tickets = rows[words.entity("tickets")]
    assert tickets[words("column.in_kayako")] == words.number(status["snapshot"]["cases"])
    assert tickets[column["created"]] == words.number(status["result"]["Tickets"]["created"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_is_quiet_fits_a_phone_and_prints_its_certificate_alone(
    language: str, reports: dict[str, Tab]
) -> None:
    tab = reports[language]
    assert [tab.overhang(width) for width in (DESKTOP, PHONE)] == [0, 0]
    assert tab.page.eval_on_selector_all(".wide", _CUT_OFF) == []
    assert tab.printed_pages() > 1
    tab.page.goto(f"{tab.page.url}#certificate")
    assert tab.printed_pages() == 1
    assert tab.faults() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sample_s_page_can_be_ticked_and_makes_the_line_that_keeps_it(
    language: str, browser: Any, sampled: Place
) -> None:
    tab = Tab(browser, Path(sampled.ask("sample", "--language", language)["page"]).as_uri())
    ids = tab.page.eval_on_selector_all(
        "article[data-id]", "pairs => pairs.map(pair => pair.dataset.id)"
    )
    assert len(ids) == SAMPLE
    for side in ("kayako", "zammad"):
        assert tab.page.locator(f"article .side.{side} .text").count() >= SAMPLE
    first, second = (tab.page.locator(f"#c{number}") for number in ids[:2])
    first.locator("button.right").click()
    second.locator("button.wrong").click()
    second.locator("textarea").fill("a picture is missing")
    line = shlex.split(tab.page.input_value("#line"))
    assert line[2:] == ["--right", ids[0], "--wrong", f"{ids[1]}=a picture is missing"]
    assert [tab.overhang(width) for width in (DESKTOP, PHONE)] == [0, 0]
    assert tab.faults() == []
    if language == LANGUAGES[-1]:
        sampled.succeed(*line[1:])
        counts = sampled.ask("sample")
        assert (counts["looked_at"], counts["wrong"]) == (2, 1)


@pytest.fixture(scope="module")
def sampled(place: Place, status: Any) -> Place:
    """A sample of what is there already: nothing is written, its page is."""
    assert status["outcome"] is not None
    place.succeed("apply", "--yes", "--sample", str(SAMPLE))
    return place


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_runbook_is_quiet_and_fits_a_phone(
    language: str, browser: Any, place: Place, status: Any, tmp_path: Path
) -> None:
    file = tmp_path / "runbook.html"
    place.succeed("checklist", "--go-live", "2999-12-05", "--lang", language, "--out", str(file))
    tab = Tab(browser, file.as_uri())
    words = Words(language)
    assert words.number(status["snapshot"]["cases"]) in tab.page.inner_text("header")
    assert [tab.overhang(width) for width in (DESKTOP, PHONE)] == [0, 0]
    assert 2 <= tab.printed_pages() <= 6
    assert tab.faults() == []
