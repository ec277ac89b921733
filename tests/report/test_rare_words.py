"""What reports say of things that are rare: long lists, what nobody decided on, mails unread."""

from __future__ import annotations

from typing import Any

import pytest

from runner.cli import apply as apply_verb
from runner.engine.change import Action
from runner.engine.counts import Counts
from runner.engine.drift import CHANGED, GONE, Drift
from runner.engine.highlights import Highlights
from runner.engine.inventory import Inventory, Rebuilt
from runner.engine.plan import Plan
from runner.pipeline.scoping import Scope
from runner.pipeline.writing import Applied
from runner.report import drift, plan
from tests.report.support import Paper


def planned(**values: Any) -> str:
    paper = Paper()
    plan.show(paper.console, Plan("https://zammad.example", "2026-12-05", **values), None)
    return paper.text


def document(number: int) -> dict[str, Any]:
    return {"source_id": str(number), "target_id": number, "applied": {"title": f"[T{number}]"}}


def test_of_much_drift_the_first_records_are_named_and_the_rest_counted() -> None:
    found, paper = Drift(), Paper()
    found.looked_at["tickets"] = 30
    for number in range(25):
        found.add("tickets", document(number), CHANGED if number else GONE, ["title"])
    drift.drift(paper.console, found)
    assert "24 tickets changed: apply leaves it as it is there" in paper.text
    assert "changed: tickets/1 (id 1) [T1]: title" in paper.text
    assert "tickets/20 " not in paper.text
    assert "and 5 more (--json lists them)" in paper.text


@pytest.mark.parametrize(("number", "words"), [(3, "3 tickets"), (0, "nothing was moved yet")])
def test_without_drift_it_says_so(number: int, words: str) -> None:
    found, paper = Drift(), Paper()
    if number:
        found.looked_at["tickets"] = number
    drift.drift(paper.console, found)
    assert f"As it was written: {words}" in paper.text


def test_fields_that_nobody_decided_on_and_what_is_to_be_built_are_named() -> None:
    stays = Inventory(undecided={"tickets": ["color", "mood"]})
    stays.rebuild.append(Rebuilt("trigger", "Greet", enabled=False, text=""))
    said = planned(inventory=stays)
    assert "Fields that no mapping names" in said
    assert "tickets: color, mood" in said
    assert "“Greet” (switched off)" in said


def test_mails_whose_number_is_not_known_are_counted_by_conversation() -> None:
    assert "request each: the mails of 7 conversations" in planned(mails_uncounted=7)
    both = planned(mails_unread=2, mails_uncounted=7)
    assert "2 mails and the mails of 7 conversations" in both


def test_more_new_admins_than_are_kept_are_counted() -> None:
    found = Highlights()
    found.admins = [{"source_id": str(n), "label": f"a{n}@acme.example"} for n in range(12)]
    found.admins_total = 1500
    said = planned(highlights=found)
    assert "a11@acme.example (user/11)" in said
    assert "… and 1,488 more" in said


def applied(action: Action, **more: Any) -> Applied:
    counts = Counts()
    counts.expect("tickets", 1)
    counts.count("tickets", action)
    return Applied(counts, **more)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (applied(Action.UNCHANGED), "Nothing was written"),
        (applied(Action.CREATE, wrote=True), "agents' mails vanish silently"),
        (applied(Action.CREATE, wrote=True, reopened=True), "Import mode is off again"),
        (applied(Action.FAIL), "1 failed: see migrate status"),
        (applied(Action.UNCHANGED, notes=["a [note]"]), "a [note]"),
    ],
)
def test_an_apply_ends_with_what_comes_next(
    capsys: pytest.CaptureFixture[str], what: Applied, words: str
) -> None:
    apply_verb._show(what, Scope(), None, None, as_json=False)
    assert words in capsys.readouterr().out
    apply_verb._nothing_failed(as_json=True)
    assert '"wrote": false' in capsys.readouterr().out
