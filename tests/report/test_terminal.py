from __future__ import annotations

import io
import json
from collections import Counter
from typing import Any

import pytest
from rich.console import Console

from runner.engine.change import Action
from runner.engine.counts import Counts
from runner.engine.plan import Plan
from runner.engine.reset import Removal
from runner.report import plan, terminal
from runner.zammad.preflight import Finding, Level


class Paper:
    """A console that writes into a text."""

    def __init__(self) -> None:
        self.console = Console(file=io.StringIO(), width=200, highlight=False, soft_wrap=True)

    @property
    def text(self) -> str:
        file = self.console.file
        assert isinstance(file, io.StringIO)
        return file.getvalue()


@pytest.fixture
def paper() -> Paper:
    return Paper()


def planned(**values: Any) -> Plan:
    return Plan("https://zammad.example", "2026-12-05", **values)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x07", "\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}"),
        ("a\nb", "a\nb"),
        ("back\rspace\x08", "back\N{REPLACEMENT CHARACTER}space\N{REPLACEMENT CHARACTER}"),
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


def test_a_plan_shows_counts_and_how_to_do_it(paper: Paper) -> None:
    made = planned(
        actions={"users": Counter({Action.CREATE: 1200, Action.FAIL: 1})},
        articles=Counter({"create": 7, "skip": 2}),
    )
    plan.show(paper.console, made, None)
    assert "Plan for https://zammad.example, go-live 2026-12-05" in paper.text
    (users,) = (line.split() for line in paper.text.splitlines() if line.startswith("Users"))
    assert users == ["Users", "1,200", "0", "0", "0", "1"]
    assert "migrate apply" in paper.text


def test_a_plan_without_changes_or_target_says_so(paper: Paper) -> None:
    made = Plan(None, "2026-12-05", actions={"users": Counter({Action.UNCHANGED: 3})})
    plan.show(paper.console, made, "no [connection]")
    assert "not reached" in paper.text
    assert "no [connection]" in paper.text
    assert "Nothing to do" in paper.text


def test_a_plan_tells_every_loss(paper: Paper) -> None:
    made = planned(
        dropped=Counter(
            {("states", "Vendor [x]", "open", "tag"): 3, ("types", "Q", "", "nothing"): 1}
        ),
        skipped=Counter({("tickets", "deleted in Kayako"): 2}),
        notes=Counter({("users", "cut", "note"): 4}),
        examples={("users", "cut", "note"): ["7", "8"]},
        gone={"tickets": [*range(1, 13)]},
        unavailable={"timetracking": "no rights"},
        bodies_unread=6,
        placeholders=7,
        time_entries=Counter({"create": 8, "skip": 9}),
        time_dangling=10,
    )
    plan.show(paper.console, made, None)
    for words in (
        "3 tickets: states “Vendor [x]” becomes open, remembered as tag",
        "1 ticket: types “Q” becomes \n",
        "2 tickets: deleted in Kayako",
        "4 users: note cut to what Zammad holds (in Kayako 7, 8)",
        "12 tickets gone from Kayako, left in Zammad: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …",
        "timetracking could not be read: no rights",
        "6 conversations: their messages are not read yet",
        "7 users are not in Kayako any more",
        "Time entries         8         0            0       9       0",
        "10 time entries left out, of conversations that Kayako does not have",
    ):
        assert words in paper.text, words


def test_conflicts_and_failures_are_named_the_first_twenty_of_them(paper: Paper) -> None:
    failures = [
        {"entity": "groups", "source_id": f"=[/x] {number}", "label": "", "reason": "no [/y]"}
        for number in range(25)
    ]
    conflicts = [{"entity": "tickets", "source_id": "1", "label": "", "field": "title"}]
    plan.show(paper.console, planned(failures=failures, conflicts=conflicts), None)
    assert "tickets/1: title was changed in Zammad too" in paper.text
    assert "groups/=[/x] 19: no [/y]" in paper.text
    assert "groups/=[/x] 20" not in paper.text
    assert "… and 5 more (--json lists them)" in paper.text


def test_samples_show_before_and_after(paper: Paper) -> None:
    sample = {
        "source_id": "7",
        "target_id": "(known after apply)",
        "label": "customer-7",
        "reason": "",
        "differences": [
            {"field": "note", "before": "old", "after": "x" * 100},
            {"field": "organization", "before": None, "after": {"ref": "organizations/5"}},
        ],
    }
    plan.show(paper.console, planned(samples={"users create": [sample]}), None)
    assert "users create 7 → (known after apply) customer-7" in paper.text
    assert f"note: old → {'x' * 79}…\n" in paper.text
    assert "organization: organizations/5\n" in paper.text
    named = planned(samples={"users create": [sample]}, names={"organizations/5": "[/x] Acme"})
    plan.show(paper.console, named, None)
    assert "organization: [/x] Acme (organizations/5)\n" in paper.text


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
        "1 users would be restored",
        "1,200 tickets removed",
        "1 users restored",
    ]


def test_an_empty_ledger_is_told(paper: Paper) -> None:
    terminal.removal(paper.console, Removal(), future=True)
    assert "the ledger is empty" in paper.text


def test_what_remains_comes_with_the_lines_that_remove_it(paper: Paper) -> None:
    entry = {"entity": "groups", "source_id": "=[/x]", "target_id": 4, "reason": "in use [/]"}
    terminal.removal(paper.console, Removal(remains=[entry]), future=False)
    assert "groups/=[/x] (Zammad id 4): in use [/]" in paper.text
    assert "Group.where(id: [4]).find_each(&:destroy)" in paper.text


def test_a_plan_tells_what_original_message_ids_cost_and_what_stays(paper: Paper) -> None:
    plan.show(paper.console, planned(mails_unread=7, mails_uncounted=2), None)
    assert (
        "To be asked for their own Message-ID, a request each: 7 mails and the mails of 2"
        in paper.text
    )
    made = planned(articles=Counter({"keep the message id they have": 5}))
    plan.show(paper.console, made, None)
    assert "5 messages in Zammad keep the message id they have" in paper.text
    assert paper.text.count("Message-ID, a request each") == 1
