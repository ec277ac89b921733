"""The live page in a real browser, to the end of a run: its figures are those of status."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from runner import pipeline
from runner.pipeline import Scope
from runner.report import serving
from runner.report.live import Live
from tests.pipeline.conftest import Site, site
from tests.report.test_serving import Told

__all__ = ["site"]

CHROMIUM = shutil.which("chromium")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000")


class Rows(HTMLParser):
    """The rows of the table of steps: ``{"Tickets": ["created", …]}``."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: dict[str, list[str]] = {}
        self.state = ""
        self._entity = ""
        self._into = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        self._into = "state" if values.get("id") == "state" else ""
        if tag == "tr" and values.get("data-entity"):
            self._entity = values["data-entity"] or ""
            self.rows[self._entity] = []
        elif tag == "td" and values.get("data-word"):
            self._into = "row"

    def handle_data(self, data: str) -> None:
        if self._into == "state":
            self.state = data
        elif self._into == "row":
            self.rows[self._entity].append(data)
        self._into = ""


@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium: apt-get install chromium")
def test_a_browser_follows_the_run_to_its_end(
    site: Callable[..., Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = site(8).config
    live, watching = Live(Told()), threading.Event()
    wait = live.wait
    monkeypatch.setattr(live, "wait", lambda *a: (watching.set(), wait(*a))[1])
    with serving.serving(live, "127.0.0.1", 0) as url:
        browser = subprocess.Popen(
            [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", url],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert watching.wait(20), "the browser never asked for the events"
        pipeline.run_apply(
            config,
            Scope(),
            pull=True,
            watcher=live,
            progress=live.pulled,
            stop=threading.Event(),
        )
    shown = Rows(browser.communicate(timeout=30)[0])
    result = pipeline.status(config)["result"]
    assert shown.state == "Done"
    words = ("created", "updated", "unchanged", "skipped", "failed")
    assert shown.rows == {name: [str(row[word]) for word in words] for name, row in result.items()}
    assert result == live.as_json()["result"]
