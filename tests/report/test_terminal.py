from __future__ import annotations

import json

import pytest

from runner.engine.change import Action
from runner.engine.counts import Counts
from runner.engine.reset import Removal
from runner.report import terminal
from runner.zammad.preflight import Finding, Level
from tests.report.support import Paper


@pytest.fixture
def paper() -> Paper:
    return Paper()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x07", "\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}"),
        ("a\nb", "a\nb"),
        ("back\rspace\x08", "back\N{REPLACEMENT CHARACTER}space\N{REPLACEMENT CHARACTER}"),
        ("\x9b31m", "\N{REPLACEMENT CHARACTER}31m"),
        ("invoice\u202efdp.exe\u2066", "invoicefdp.exe"),
        ("half \ud83d", "half \N{REPLACEMENT CHARACTER}"),
        ("[bold]not bold[/]", "[bold]not bold[/]"),
        ("[/nothing]", "[/nothing]"),
        ("ends with \\", "ends with \\"),
        (17, "17"),
    ],
)
def test_text_from_elsewhere_is_shown_as_it_is_and_does_nothing(
    paper: Paper, text: object, shown: str
) -> None:
    paper.console.print(f"[bold]{terminal.clean(text)}[/]")
    assert paper.text == f"{shown}\n"


def test_consoles_write_where_they_should(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.console().print("result")
    terminal.console(to_errors=True).print("talk")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("result\n", "talk\n")


def test_json_is_one_readable_document(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_json({"name": "Größe", "action": Action.CREATE})
    out = capsys.readouterr().out
    assert "Größe" in out
    assert json.loads(out) == {"name": "Größe", "action": "create"}


def test_json_holds_nothing_that_acts_and_is_the_same_to_a_program(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = "\x1b[31m \x9b2J \u202e \ud800 \u2028 Größe \U0001f600"
    terminal.print_json({text: [text]})
    out = capsys.readouterr().out
    assert json.loads(out) == {text: [text]}
    assert not set(out) & set("\x1b\x9b\u202e\ud800\u2028")
    assert "Größe \U0001f600" in out


def test_what_nobody_cleaned_does_not_act_either(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.console().print("[bold]a\x1b]8;;https://evil.example\x07b[/]\u202e", "\x9bc", 17)
    assert capsys.readouterr().out == "a\ufffd]8;;https://evil.example\ufffdb \ufffdc 17\n"


def test_findings_say_what_to_do(paper: Paper) -> None:
    rows = [
        Finding(Level.OK, "Version", "6.5"),
        Finding(Level.WARNING, "Queue", "long [x]", "wait"),
        Finding(Level.ERROR, "Role", "missing"),
    ]
    terminal.findings(paper.console, "Zammad", rows)
    lines = paper.text.splitlines()
    assert lines[0] == "Zammad"
    assert [line.split()[0] for line in lines[1:]] == ["ok", "note", "→", "stop"]
    assert "Queue: long [x]" in lines[2]


def test_a_result_is_told_in_the_words_of_an_import_job(paper: Paper) -> None:
    counts = Counts()
    counts.expect("users", 2000)
    for _ in range(1500):
        counts.count("users", Action.CREATE)
    counts.count("users", Action.FAIL)
    terminal.import_job(paper.console, counts.as_import_job())
    head, users = (line.split() for line in paper.text.splitlines())
    shown = dict(zip(head, users[1:], strict=True))
    assert (shown["created"], shown["failed"], shown["total"]) == ("1,500", "1", "2,000")
    assert "skipped" not in shown
    counts.count("users", Action.SKIP)
    terminal.import_job(paper.console, counts.as_import_job())
    assert "skipped" in paper.text


def test_a_removal_is_told_in_the_right_time(paper: Paper) -> None:
    what = Removal(removed={"tickets": 1200}, restored={"users": 1})
    terminal.removal(paper.console, what, future=True)
    terminal.removal(paper.console, what, future=False)
    lines = [" ".join(line.split()) for line in paper.text.splitlines()]
    assert lines == [
        "1,200 tickets would be removed",
        "1 user would be restored",
        "1,200 tickets removed",
        "1 user restored",
    ]


def test_what_is_forgotten_stays_in_zammad(paper: Paper) -> None:
    terminal.forgotten(paper.console, {"kb_answers": 1, "text_modules": 12})
    lines = [" ".join(line.split()) for line in paper.text.splitlines()]
    assert lines == [
        "1 knowledge base answer forgotten; it stays in Zammad",
        "12 text modules forgotten; they stay in Zammad",
    ]
    terminal.forgotten(paper.console, {})
    assert "the ledger was empty" in paper.text


def test_an_empty_ledger_is_told(paper: Paper) -> None:
    terminal.removal(paper.console, Removal(), future=True)
    assert "the ledger is empty" in paper.text


def test_what_remains_comes_with_the_lines_that_remove_it(paper: Paper) -> None:
    entry = {"entity": "groups", "source_id": "=[/x]", "target_id": 4, "reason": "in use [/]"}
    terminal.removal(paper.console, Removal(remains=[entry]), future=False)
    assert "groups/=[/x] (Zammad id 4): in use [/]" in paper.text
    assert "Group.where(id: [4]).find_each(&:destroy)" in paper.text
