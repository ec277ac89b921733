"""Every verb once, in this process: options in, one call, words and an exit code out."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from runner.cli import common
from runner.cli.main import app
from runner.sandbox.both import EMAIL, PASSWORD, TOKEN, Sandbox, start
from runner.sandbox.data import generate

Verb = Callable[..., Result]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start(generate(4, posts_each=2, users=3)) as running:
        yield running


@pytest.fixture(autouse=True)
def own_process() -> Iterator[None]:
    """Put back what a verb changes for its process."""
    handlers = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    state = dict(common._state)
    yield
    common._state.update(state)
    for name, handler in handlers.items():
        signal.signal(name, handler)


@pytest.fixture(scope="module")
def folder(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("place")
    addresses = ("--kayako-url", sandbox.kayako_url, "--zammad-url", sandbox.zammad_url)
    secrets = ("--kayako-email", EMAIL, "--kayako-password", PASSWORD, "--zammad-token", TOKEN)
    done = CliRunner().invoke(app, ["init", str(place), *addresses, *secrets])
    assert done.exit_code == 0, done.output
    file = place / "config.yaml"
    text = file.read_text().replace("zammad:\n", "zammad:\n  settle_seconds: 0\n", 1)
    file.write_text(text.replace("requests_per_minute: 300", "requests_per_minute: 100000", 1))
    return place


@pytest.fixture
def verb(folder: Path) -> Verb:
    def run(*arguments: str) -> Result:
        config = str(folder / "config.yaml")
        return CliRunner().invoke(app, ["-c", config, *arguments], env={"COLUMNS": "200"})

    return run


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    "option",
    [
        ("--id", "case/1001"),
        ("--show", "2"),
        ("--detail",),
        ("--pull",),
        ("--strict",),
        ("--detailed-exitcode",),
        ("--json",),
    ],
)
def test_watch_refuses_what_it_would_not_heed(verb: Verb, option: tuple[str, ...]) -> None:
    refused = verb("plan", "--watch", *option)
    assert refused.exit_code == 2
    assert f"does not heed {option[0]}" in refused.output


def test_details_are_for_people(verb: Verb) -> None:
    refused = verb("plan", "--detail", "--json")
    assert refused.exit_code == 2
    assert "--show 1000" in json.loads(refused.stdout)["advice"]


def test_the_whole_way(verb: Verb, sandbox: Sandbox) -> None:
    assert verb("validate").exit_code == 0
    assert verb("check").exit_code == 0
    assert "not run yet" in verb("status").stdout
    assert verb("pull", "--headers").exit_code == 0
    assert verb("pull").exit_code == 0
    assert verb("console-script").exit_code == 4
    assert told(verb("plan", "--json"))["actions"]["tickets"]["create"] == 4
    assert verb("plan", "--detailed-exitcode").exit_code == 10
    assert "Tickets" in verb("plan", "--show", "1").stdout
    assert "number: 1001" in verb("plan", "--id", "case/1001").stdout
    assert verb("plan", "--id", "1001").exit_code == 2
    detailed = verb("plan", "--detail").stdout
    assert detailed.index("tickets create 1004") < detailed.index("Plan for")
    assert verb("apply", "--yes").exit_code == 0
    assert len(sandbox.zammad.tables.tickets) == 5
    assert told(verb("apply", "--yes", "--json"))["result"]["Tickets"]["unchanged"] == 4
    assert verb("plan", "--detailed-exitcode").exit_code == 0
    assert "Last apply" in verb("status").stdout
    _explained(verb)
    assert told(verb("status", "--json"))["failed"] == []
    assert told(verb("console-script", "--json"))["tickets"] == 4
    assert "zammad run rails r" in verb("console-script").stdout
    assert verb("finish", "--accept", "--yes").exit_code == 0
    assert sandbox.zammad.setting("import_mode") is False
    assert told(verb("reset", "--dry-run", "--json"))["removed"]["tickets"] == 4
    assert "would be removed" in verb("reset", "--dry-run").stdout
    assert sandbox.zammad.setting("ticket_number_ignore_system_id") is True
    assert verb("reset", "--yes").exit_code == 0
    assert sandbox.zammad.setting("ticket_number_ignore_system_id") is False
    assert len(sandbox.zammad.tables.tickets) == 1
    assert verb("reset", "--yes", "--state-only").exit_code == 0


def _explained(verb: Verb) -> None:
    """One record from both sides, and templates on it."""
    found = told(verb("explain", "case", "1001", "--json"))
    ticket = found["ledger"]["target_id"]
    assert (found["change"]["action"], found["zammad"]["id"]) == ("unchanged", ticket)
    assert told(verb("explain", "--ticket", str(ticket), "--json"))["record"]["id"] == 1001
    title = next(rule for rule in found["rules"] if rule["field"] == "title")
    assert title["inputs"] == {"subject": title["output"]} == {"subject": found["zammad"]["title"]}
    answered = next(rule for rule in found["rules"] if rule["field"] == "first_response_at")
    assert answered["output"] == found["payload"]["first_response_at"]
    post = str(found["articles"][0]["post"])
    shown = verb("explain", "case", "1001", "--post", post).stdout
    assert "title" in shown
    assert "origin_by" in shown
    assert "Apply would: unchanged" in shown
    assert "roles" in verb("explain", "user", str(found["record"]["requester"]["id"])).stdout
    written = verb("try", "{{ subject | upper }}", "--case", "1001").stdout
    assert written.strip() == title["output"].upper()
    about = told(verb("try", "{{ parent.subject }}", "--case", "1001", "--post", post, "--json"))
    assert about == {"written": title["output"]}


@pytest.mark.parametrize("arguments", [("apply",), ("finish", "--accept"), ("reset",)])
def test_what_cannot_be_asked_is_not_done(
    verb: Verb, sandbox: Sandbox, arguments: tuple[str, ...]
) -> None:
    requests = len(sandbox.zammad.requests)
    assert verb(*arguments).exit_code == 2
    asked = list(sandbox.zammad.requests)[requests:]
    writes = [r for r in asked if r.method != "GET" and not r.path.endswith("/search")]
    assert writes == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("plan", "--only", "tiketts"), "tiketts"),
        (("plan", "--limit", "0"), "limit"),
        (("plan", "--ids", "40-30"), "it ends before it begins"),
        (("plan", "--ids", "999999"), "has no 999999 among its cases"),
        (("plan", "--ids", "1001", "--id", "case/1001"), "leave out one of them"),
        (("plan", "--id", "case/x"), "--id case/x: name a record"),
        (("apply", "--yes", "--wave", "first"), "there is no such wave"),
        (("apply", "--yes", "--failed", "--since", "7d"), "do not go together"),
        (("apply", "--yes", "--window", "at night"), "these are no hours"),
        (("apply", "--yes", "--wait"), "waits for a window"),
        (("nope",), "nope"),
        (("apply", "--yes", "--max-errors", "many"), "--max-errors many: this is no number"),
        (("apply", "--yes", "--max-errors", "101%"), "this is no number"),
        (("apply", "--yes", "--max-duration", "soon"), "this is no time"),
        (("explain",), "name a record"),
        (("explain", "cse", "1"), "one of case, user, team, organization"),
        (("explain", "case", "999999"), "has no case 999999"),
        (("explain", "--ticket", "999999"), "has no ticket 999999"),
        (("explain", "case", "1001", "--post", "999999"), "has no such post"),
        (("try", "{{ subject }}"), "name one record"),
        (("try", "{{ subjct }}", "--case", "1001"), "did you mean subject?"),
        (("try", "{{ subject", "--case", "1001"), "the template is refused"),
        (("try", "{{ subject }}", "--user", "1", "--post", "1"), "--post goes with --case"),
    ],
)
def test_a_wrong_option_is_named(verb: Verb, arguments: tuple[str, ...], words: str) -> None:
    assert verb("pull").exit_code == 0
    done = verb(*arguments)
    assert done.exit_code == 2
    assert words in done.output


def test_the_version_is_told() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert done.stdout.startswith("migrate ")
