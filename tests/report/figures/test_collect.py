from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from runner.ledger import reading
from runner.report.figures.collect import collect
from runner.report.figures.model import CLASSES, MOST_LISTED
from runner.snapshot.writing import Writer
from tests.report.support import NOW, SOURCES, Moved, done, stopped, verification
from tests.snapshot.support import case


@pytest.fixture
def moved(tmp_path: Path) -> Moved:
    return Moved(tmp_path)


def test_every_record_of_kayako_is_in_exactly_one_class(moved: Moved) -> None:
    moved.put(
        "tickets",
        done("1", 11),
        done("2", 12, adopted=True),
        stopped("3", "skipped", "deleted in Kayako"),
        stopped("4", "failed", "number taken"),
        {**done("6", 16), "notes": []},  # gone from Kayako
    )
    row = moved.figures().row("tickets")
    assert (row.in_kayako, row.created, row.adopted, row.left_out) == (5, 1, 1, 1)
    assert (row.failed, row.unfinished, row.untried, row.gone, row.extra) == (1, 0, 1, 1, 0)
    assert sum(getattr(row, word) for word in CLASSES) == row.in_kayako


def test_what_an_earlier_run_moved_and_a_later_one_could_not_change_counts_as_failed(
    moved: Moved,
) -> None:
    moved.put("tickets", done("1", 11, notes=[["failed", "", "gone from Zammad"]]))
    moved.put("tickets", {**done("2", 12), "status": "partial"})
    figures = moved.figures()
    assert (figures.row("tickets").failed, figures.row("tickets").unfinished) == (1, 1)
    assert figures.problems[0].target_id == 11


def test_placeholders_and_groups_of_a_mapping_are_told_apart(moved: Moved) -> None:
    moved.put("users", done("1", 3), done("2", 4), done("90", 5), done("kayako-unknown", 6))
    moved.put("groups", done("1", 2), done("=Kayako unassigned", 3))
    figures = moved.figures()
    assert (figures.row("users").created, figures.row("users").extra) == (2, 2)
    assert (figures.row("groups").created, figures.row("groups").extra) == (1, 1)


def test_reasons_are_counted_with_examples_that_have_names(moved: Moved) -> None:
    moved.put("tickets", *(stopped(str(n), "skipped", "deleted in Kayako") for n in range(1, 6)))
    (group,) = moved.figures().left_out
    assert (group.text, group.number) == ("deleted in Kayako", 5)
    assert [one.label for one in group.examples] == ["Case 1", "Case 2", "Case 3"]


def test_notes_with_numbers_of_their_own_are_one_group_and_dropped_ones_come_first(
    moved: Moved,
) -> None:
    for number in range(1, 6):
        notes = [["cut", "title", f"{250 + number} characters cut to 250"]]
        if number == 1:
            notes.append(["dropped", "state", "the state On hold becomes open"])
        moved.put("tickets", done(str(number), number, notes=notes))
    dropped, cut = moved.figures().notes
    assert (dropped.kind, dropped.number) == ("dropped", 1)
    assert (cut.kind, cut.field, cut.number) == ("cut", "title", 5)


def test_ten_thousand_different_notes_do_not_make_ten_thousand_groups(moved: Moved) -> None:
    for number in range(1_000):
        moved.put("tickets", done(str(number), 1, notes=[["dropped", "state", f"label {number}"]]))
    groups = moved.figures().notes
    assert len(groups) <= 201
    assert sum(group.number for group in groups) == 1_000


def test_of_many_failures_all_are_counted_and_the_first_are_listed(moved: Moved) -> None:
    moved.put("tickets", *(stopped(str(n), "failed", "no") for n in range(100, 200)))
    figures = moved.figures()
    assert (len(figures.problems), figures.problems_total) == (MOST_LISTED, 100)


def test_messages_months_and_groups_are_counted(moved: Moved) -> None:
    moved.put("groups", done("1", 2, applied={"name": "Support"}))
    children = {"posts": {"1": [5, "x"], "2": [None, "x"], "3": [6, "x"]}, "time": {"1": [1, "y"]}}
    for number, group in ((1, "groups/1"), (2, "groups=Elsewhere"), (3, "groups/1")):
        applied = {"created_at": f"2024-0{number}-09T09:00:00Z", "group": {"ref": group}}
        moved.put("tickets", done(str(number), number, applied=applied, children=children))
    figures = moved.figures()
    assert (figures.articles, figures.time_entries) == (6, 3)
    assert figures.by_month == {"2024-01": 1, "2024-02": 1, "2024-03": 1}
    assert figures.by_group == {"Support": 2, "Elsewhere": 1}


def test_a_verification_is_stale_once_something_was_written_after_it(moved: Moved) -> None:
    moved.whole()
    checked = moved.figures(verification("02")).checked
    assert checked is not None
    assert checked.proves
    moved.run("apply", day="03", unchanged=4)
    assert moved.figures(verification("02")).complete
    moved.run("apply", day="04", updated=1)
    figures = moved.figures(verification("02"))
    assert figures.checked is not None
    assert figures.checked.stale
    assert not figures.complete
    assert moved.figures(verification("05")).complete


def test_a_verification_of_a_ledger_that_was_emptied_says_nothing(moved: Moved) -> None:
    assert moved.figures(verification()).checked is None


@pytest.mark.parametrize(
    "spoiled", [{"sample": 2}, {"ok": False, "differences_total": 1, "kinds": {"missing": 1}}]
)
def test_a_sample_or_a_difference_proves_nothing(moved: Moved, spoiled: dict[str, object]) -> None:
    moved.whole()
    assert not moved.figures(verification("02", **spoiled)).complete


def test_zammad_is_in_use_from_finish_until_the_next_apply_that_writes(moved: Moved) -> None:
    moved.whole()
    assert moved.figures().finished_at is None
    moved.run("finish", day="02")
    moved.run("apply", day="03", unchanged=4)
    assert moved.figures().finished_at == "2026-12-02T09:30:00Z"
    moved.run("apply", day="04", created=1)
    assert moved.figures().finished_at is None


def test_a_run_that_was_cut_off_has_no_duration(moved: Moved) -> None:
    moved.ledger.start_run("apply", started_at="2026-12-01T08:00:00Z")
    (run,) = moved.figures().runs
    assert (run.seconds, run.outcome, run.wrote) == (None, "", True)


def test_a_streamed_ledger_gives_the_same_figures(moved: Moved, tmp_path: Path) -> None:
    moved.whole()
    moved.put("tickets", stopped("2", "failed", "no"))
    before = moved.figures()
    moved.ledger.close()
    with reading(tmp_path / "ledger.json") as ledger:
        after = collect(ledger, moved.snapshot, sources=SOURCES, zammad_url=before.zammad, now=NOW)
    assert dataclasses.asdict(after) == dataclasses.asdict(before)


def test_mailboxes_lead_to_the_groups_where_their_tickets_are(moved: Moved) -> None:
    box = {"id": 9, "resource_type": "mailbox", "address": "Help@acme.example", "is_enabled": True}
    channel = {"id": 5, "resource_type": "channel", "type": "MAIL", "account": box}
    team = {"id": 1, "resource_type": "team"}
    writer = Writer(moved.snapshot)
    cases = [case(n, source_channel=channel, assigned_team=team) for n in (1, 2)]
    writer.page("cases", cases, sweep=1)
    writer.page("triggers", [{"id": 3, "title": "Close", "resource_type": "trigger"}], sweep=1)
    applied = {"group": {"ref": "groups=Elsewhere"}}
    moved.put("tickets", *(done(str(number), number, applied=applied) for number in (1, 2, 3)))
    stays = moved.figures().inventory
    assert [one.title for one in stays.rebuild] == ["Close"]
    (mailbox,) = stays.mailboxes
    assert mailbox.routes == (("Support", "Elsewhere", "", 2),)
