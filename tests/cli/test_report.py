"""``migrate report`` after a run on the sandbox: its figures are those of status and verify."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from typer.testing import CliRunner, Result

from runner import pipeline
from runner.cli.main import app
from runner.config import load as config_file
from runner.config.model import Config
from runner.engine.apply import Watcher
from runner.pipeline import Scope
from runner.sandbox.both import EMAIL, PASSWORD, TOKEN, Sandbox, start
from runner.sandbox.data import generate
from tests.engine.support import Notes
from tests.mapping.support import ROOT
from tests.report.support import Page


class Place:
    """A sandbox of twelve conversations, a config file for it."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.file = folder / "config.yaml"
        self.file.write_text(
            f"kayako:\n  url: {sandbox.kayako_url}\n  email: {EMAIL}\n  password: {PASSWORD}\n"
            f"  requests_per_minute: 100000\nzammad:\n  url: {sandbox.zammad_url}\n"
            f"  token: {TOKEN}\n  settle_seconds: 0\nmappings: {ROOT / 'mappings'}\n"
        )

    @property
    def config(self) -> Config:
        return config_file.load(self.file)

    def apply(self) -> None:
        watcher: Watcher = Notes()
        pipeline.run_apply(
            self.config,
            Scope(),
            pull=True,
            watcher=watcher,
            progress=lambda *_: None,
            stop=threading.Event(),
        )

    def migrate(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["-c", str(self.file), *arguments])

    def ask(self, *arguments: str) -> Any:
        return json.loads(self.migrate(*arguments, "--json").stdout)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One run for all tests: a ticket of somebody else's holds the number of the second case."""
    with start(generate(12, posts_each=2, users=4)) as sandbox:
        made = Place(sandbox, tmp_path_factory.mktemp("report"))
        second = sorted(sandbox.kayako.helpdesk.tables["case"])[1]
        ticket = {"number": str(second), "title": "x", "group": "Users", "customer_id": 1}
        requests.post(
            f"{sandbox.zammad_url}/api/v1/tickets",
            headers={"Authorization": f"Token token={TOKEN}"},
            json={**ticket, "article": {"body": "x"}},
            timeout=10,
        ).raise_for_status()
        made.apply()
        yield made


def test_its_figures_are_those_of_status(place: Place) -> None:
    status = place.ask("status")
    said = place.ask("report")
    assert said["verdict"] == "problems"
    made = Page(Path(said["report"]).read_text())
    tickets = status["result"]["Tickets"]
    assert tickets["failed"] == len(status["failed"]) == 1
    row = re.search(r"Conversations ([\d ]+)", made.sections["moved"].partition("became of")[2])
    assert row is not None
    in_kayako, created, adopted, left_out, failed = (int(number) for number in row[1].split())
    assert in_kayako == status["snapshot"]["cases"] == 12
    assert (created, left_out, failed) == (tickets["created"], tickets["skipped"], 1)
    assert in_kayako == created + adopted + left_out + failed
    (failure,) = status["failed"]
    assert f"Conversation {failure['source_id']}" in made.sections["failed"]
    assert failure["reason"] in made.sections["failed"]


def test_what_verify_found_is_on_it(place: Place) -> None:
    assert (
        "not read back yet"
        in Page(Path(place.ask("report")["report"]).read_text()).sections["verified"]
    )
    verified = place.ask("verify")
    made = Page(Path(place.ask("report")["report"]).read_text())
    compared = verified["checked"]
    assert f"Messages and notes {compared['articles']}" in made.sections["verified"]
    wanted = verified["counts"]["tickets"]["wanted"]
    assert f"{wanted} = {wanted}" in made.sections["certificate"]


def test_the_files_are_private_and_lie_where_it_says(place: Place, tmp_path: Path) -> None:
    done = place.migrate("report", "--language", "de", "--csv", str(tmp_path / "sheets"))
    assert done.exit_code == 0, done.output
    files = [Path(line) for line in done.stdout.split()]
    assert [file.name for file in files[1:]] == [f"{entity}.csv" for entity in place.config.order]
    assert files[0].parent == place.config.workdir / "reports"
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    assert 'lang="de"' in files[0].read_text()
    out = tmp_path / "mine.html"
    assert place.ask("report", "--out", str(out))["report"] == str(out)
    assert TOKEN not in out.read_text()


def test_a_language_that_it_does_not_speak(place: Place) -> None:
    done = place.migrate("report", "--language", "fr")
    assert done.exit_code == 2
    assert "en, de" in done.output


def test_without_a_snapshot_it_says_what_comes_first(tmp_path: Path, place: Place) -> None:
    other = tmp_path / "config.yaml"
    other.write_text(place.file.read_text())
    done = CliRunner().invoke(app, ["-c", str(other), "report"])
    assert done.exit_code == 4
    assert "migrate pull" in done.output
