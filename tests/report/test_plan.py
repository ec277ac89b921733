"""What plan prints, section by section."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from runner.engine.change import Action
from runner.engine.highlights import Highlights
from runner.engine.plan import Plan
from runner.report import plan
from runner.report.plan_opening import size
from runner.snapshot.census import Census
from tests.report.support import Paper

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def paper() -> Paper:
    return Paper()


def planned(**values: Any) -> Plan:
    return Plan("https://zammad.example", "2026-12-05", **values)


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


def test_the_first_lines_tell_what_kayako_holds_and_what_would_be_lost_elsewhere(
    paper: Paper,
) -> None:
    census = Census(
        conversations=45000,
        archived=41300,
        closed=1,
        messages=1,
        files=2,
        bytes=2_400_000_000,
        people=800,
        organizations=1,
        oldest="2016-09-01T08:00:00Z",
        newest="2026-11-20T08:00:00Z",
        labels={"states": 3},
        labelled={"states": 1204},
    )
    made = planned(census=census, actions={"tickets": Counter({Action.CREATE: 44000, "skip": 1})})
    plan.show(paper.console, made, None)
    holds = "1 message, 2 files (2.4 GB), 800 users, 1 organization"
    assert paper.text.splitlines()[1:9] == [
        f"Kayako: 45,000 conversations from 2016-09-01 to 2026-11-20; {holds}",
        "Conversations: 44,000 to be moved, 1 to be left out",
        "",
        "Of this, Zammad's own Kayako importer would lose:",
        "  41,300 archived conversations (Zammad up to 6.3 does not ask for them)",
        "  45,000 dates of last changes (they become the day of the import), 1 closing date",
        "  3 states on 1,204 conversations (your team's own)",
        "",
    ]


@pytest.mark.parametrize("action", [Action.UPDATE, Action.UNCHANGED])
def test_a_later_plan_says_nothing_of_the_importer(paper: Paper, action: Action) -> None:
    actions = {"tickets": Counter({Action.CREATE: 4, action: 1})}
    plan.show(paper.console, planned(census=Census(archived=3), actions=actions), None)
    assert "Kayako: 0 conversations" in paper.text
    assert "importer" not in paper.text


def test_a_plan_of_other_steps_says_nothing_of_the_importer(paper: Paper) -> None:
    actions = {"users": Counter({Action.CREATE: 4})}
    plan.show(paper.console, planned(census=Census(archived=3), actions=actions), None)
    assert "importer" not in paper.text


def test_files_that_are_not_read_yet_are_not_none(paper: Paper) -> None:
    plan.show(paper.console, planned(census=Census(unread=1)), None)
    plan.show(paper.console, planned(census=Census(unread=1, files=2, bytes=7)), None)
    assert "files that are not counted yet" in paper.text
    assert "2 files (7 bytes) so far" in paper.text


def test_what_is_in_the_way_comes_before_the_counts(paper: Paper) -> None:
    rows = [{"source_id": str(number), "number": "7"} for number in range(2, 9)]
    admins = [{"source_id": str(n), "label": f"admin-{n}\n[/]@acme.example"} for n in range(7)]
    highlights = Highlights(admins=admins, admins_total=7, agents=12, doubled=rows, doubled_total=7)
    conflict = {"entity": "tickets", "source_id": "1", "label": "Broken [x]", "field": "title"}
    conflict["wanted"] = "Fixed [/y]"
    made = planned(
        actions={"users": Counter({Action.CREATE: 9, Action.FAIL: 2})},
        conflicts=[conflict],
        highlights=highlights,
    )
    plan.show(paper.console, made, None)
    before, _, after = paper.text.partition("create")
    assert "2 records cannot be moved (Failures, below)" in before
    assert "7 tickets would get a number that another one gets too" in before
    assert "in Kayako: 2 (number 7), 3 (number 7)" in before
    assert "1 field changed on both sides: Zammad's stay" in before
    assert "7 new admins in Zammad: admin-0 [/]@acme.example, " in before
    assert "admin-4 [/]@acme.example, … (2 more); 12 new agents" in before
    assert "admin-6 [/]@acme.example (user/6)" in after
    assert "tickets/1 “Broken [x]”: title was changed in Zammad too" in after
    assert "(in Kayako now: Fixed [/y])" in after


def test_agents_are_counted_where_nobody_becomes_admin(paper: Paper) -> None:
    plan.show(paper.console, planned(highlights=Highlights(agents=1)), None)
    assert "1 new agent in Zammad, no new admin" in paper.text


def test_new_values_are_named_with_how_many_records_get_them(paper: Paper) -> None:
    creations = Counter({("states", "Vendor"): 1200, ("types", "A [b]"): 1, ("states", "Late"): 1})
    plan.show(paper.console, planned(highlights=Highlights(creations=creations)), None)
    assert (
        "2 states, 1 type would be created in Zammad:"
        " Vendor (1,200 records), Late (1 record); A [b] (1 record)" in paper.text
    )


def test_adopted_records_are_named_the_first_five_or_all(paper: Paper) -> None:
    adopted = [{"entity": "users", "source_id": str(n), "label": f"agent-{n}"} for n in range(7)]
    made = planned(
        actions={"users": Counter({Action.UNCHANGED: 9})},
        adopted=adopted,
        highlights=Highlights(adopted=Counter({"users": 9})),
    )
    plan.show(paper.console, made, None)
    assert "9 users: agent-0, agent-1, agent-2, agent-3, agent-4, … (4 more)" in paper.text
    plan.show(paper.console, made, None, everything=True)
    assert "agent-5, agent-6, … (2 more)" in paper.text


def test_steps_without_records_have_no_row(paper: Paper) -> None:
    actions = {"users": Counter({Action.CREATE: 1}), "macros": Counter[str]()}
    plan.show(paper.console, planned(actions=actions), None)
    assert "Users" in paper.text
    assert "Macros" not in paper.text
    assert "Articles" not in paper.text


@pytest.mark.parametrize("width", [64, 100])
def test_no_line_is_longer_than_the_terminal_is_wide(width: int) -> None:
    paper = Paper(width, terminal=True)
    made = planned(
        census=Census(archived=3, chat_messages=4, json_files=5, long_texts=6, labels={"types": 1}),
        actions={"tickets": Counter({Action.CREATE: 1})},
        dropped=Counter({("states", "A label that goes on for quite a while", "open", "tag"): 3}),
        placeholders=7,
        adopted=[{"entity": "tickets", "source_id": "1", "label": "A very long name " * 5}],
        highlights=Highlights(agents=1, creations=Counter({("states", "Waiting " * 9): 1})),
    )
    plan.show(paper.console, made, None)
    lines = [_COLOUR.sub("", line).rstrip() for line in paper.text.splitlines()]
    ours = [line for line in lines if not line.startswith(("Plan for", "Dropped", "Already", "No"))]
    assert max(len(line) for line in ours) <= width
    assert "\x1b[1m" in paper.text


def test_without_a_terminal_a_line_is_never_broken_and_has_no_colour() -> None:
    paper = Paper(40)
    made = planned(census=Census(archived=3), actions={"tickets": Counter({Action.FAIL: 1})})
    plan.show(paper.console, made, None)
    assert "  3 archived conversations (Zammad up to 6.3 does not ask for them)\n" in paper.text
    assert "\x1b" not in paper.text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (2_000_478, "2.0 MB"), (3 * 10**15, "3,000.0 TB")],
)
def test_sizes_are_told_as_people_say_them(number: int, text: str) -> None:
    assert size(number) == text
