"""``migrate checklist`` as somebody types it, before and after a pull of the hard cases."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from runner import pipeline
from runner.cli import checklist
from runner.cli.main import app
from runner.config import load as config_file
from runner.sandbox.both import EMAIL, PASSWORD, TOKEN, start
from runner.sandbox.data import hard_cases
from tests.mapping.support import ROOT


class Place:
    """A config file; ``migrate`` runs with it on the 23rd of November 2026."""

    def __init__(self, folder: Path, kayako_url: str, zammad_url: str) -> None:
        self.file = folder / "config.yaml"
        self.file.write_text(
            f"kayako:\n  url: {kayako_url}\n  email: {EMAIL}\n  password: {PASSWORD}\n"
            f"  requests_per_minute: 100000\nzammad:\n  url: {zammad_url}\n"
            f"  token: {TOKEN}\n  settle_seconds: 0\nmappings: {ROOT / 'mappings'}\n"
        )

    def migrate(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["-c", str(self.file), *arguments])

    def says(self, *arguments: str) -> str:
        done = self.migrate("checklist", "--go-live", "2026-12-05", *arguments)
        assert done.exit_code == 0, done.output
        return done.stdout


@pytest.fixture(autouse=True)
def _a_fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checklist, "_today", lambda: date(2026, 11, 23))


@pytest.fixture
def bare(tmp_path: Path) -> Place:
    """Nothing was pulled, and nobody answers."""
    return Place(tmp_path, "http://127.0.0.1:9", "http://127.0.0.1:9")


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The lists of the hard cases were pulled; afterwards nobody answers."""
    with start(hard_cases()) as sandbox:
        folder = tmp_path_factory.mktemp("checklist")
        place = Place(folder, sandbox.kayako_url, sandbox.zammad_url)
        pipeline.headers_and_bodies(
            config_file.load(place.file),
            bodies=False,
            progress=lambda *_: None,
            stop=threading.Event(),
        )
    return place


def test_it_names_what_this_kayako_has(copied: Place) -> None:
    text = copied.says()
    evening = text.partition("## The evening")[2].partition("## The first day")[0]
    for name in ("Welcome", "Tag the big ones", "Close after a week", "sales@acme.example"):
        assert f"- [ ] {name}\n" in evening
    assert "- [ ] support@acme.example → group Kayako unassigned\n" in evening
    assert "support@acme.kayako.com" not in evening
    assert "- [ ] support@acme.kayako.com\n" in text
    assert "- [ ] Tier 1::Support\n" in text
    assert "customers answered 2 of them" in evening


def test_a_team_that_is_decided_on_is_no_question_any_more(copied: Place, tmp_path: Path) -> None:
    config = config_file.load(copied.file)
    before = pipeline.outline(config)
    assert "Sales" in before.own_groups
    mappings = tmp_path / "mappings"
    for file in (ROOT / "mappings").rglob("*.yaml"):
        target = mappings / file.relative_to(ROOT / "mappings")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.read_text())
    teams = mappings / "vocabularies" / "teams.yaml"
    lines = [line for line in teams.read_text().splitlines() if "kayako_to_zammad" not in line]
    teams.write_text("\n".join(lines) + "\nkayako_to_zammad:\n  sales: Sold\n")
    copied.file.write_text(
        copied.file.read_text().replace(f"mappings: {config.mappings}", f"mappings: {mappings}")
    )
    after = pipeline.outline(config_file.load(copied.file))
    copied.file.write_text(
        copied.file.read_text().replace(f"mappings: {mappings}", f"mappings: {config.mappings}")
    )
    assert set(before.own_groups) - set(after.own_groups) == {"Sales"}


def test_before_the_first_pull_it_says_what_it_does_not_know(bare: Place) -> None:
    assert "migrate pull --headers" in bare.says().partition("## Rehearse")[0]


def test_it_writes_markdown_or_a_page_that_only_its_owner_reads(
    bare: Place, tmp_path: Path
) -> None:
    for name, head in (("runbook.md", "# Ablaufplan"), ("runbook.html", "<!doctype html>")):
        file = tmp_path / name
        assert bare.says("--lang", "de", "--out", str(file)).split() == [str(file)]
        assert file.read_text().startswith(head)
        assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--go-live", "2026-11-22"), "--go-live: 2026-11-22 is over"),
        (("--go-live", "5.12.2026"), "5.12.2026 is no day"),
        (("--go-live", "2026-02-30"), "2026-02-30 is no day"),
        (("--lang", "fr"), "en, de"),
        (("--out", "runbook.pdf"), ".md or .html"),
    ],
)
def test_what_it_cannot_do_it_says(bare: Place, arguments: tuple[str, ...], words: str) -> None:
    done = bare.migrate("checklist", *arguments)
    assert done.exit_code == 2
    assert words in " ".join(done.output.split())


def test_a_day_in_the_config_that_is_over_is_named_as_such(bare: Place) -> None:
    bare.file.write_text(f"{bare.file.read_text()}go_live: 2026-11-02\n")
    done = bare.migrate("checklist")
    assert done.exit_code == 2
    assert "go_live in config.yaml: 2026-11-02 is over" in " ".join(done.output.split())
    assert bare.says().startswith("# Runbook")
