"""A part of the move: chosen by ids, date, wave or what failed; and what is left for later."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from runner import pipeline
from runner.config.filters import Filters, Names
from runner.config.model import Config
from runner.engine import gate
from runner.engine.change import Change
from runner.engine.parts import not_covered
from runner.errors import Interrupted, InvalidFiles, MigrateError, UsageError
from runner.ledger import Ledger
from runner.pipeline import Scope
from runner.pipeline.opening import open_ledger
from runner.pipeline.scoping import has
from runner.pipeline.writing import Applied
from runner.report.figures.certificate import lines
from runner.report.figures.collect import collect
from runner.report.figures.model import Figures
from runner.report.figures.outlook import verdict
from tests.behaviour.support import Seen
from tests.engine.support import Notes
from tests.pipeline.conftest import Site
from tests.pipeline.test_checking import fields, verify

Make = Callable[..., Site]
ORDER = ("groups", "organizations", "users", "tickets")


def open_ends(config: Config) -> list[str]:
    with open_ledger(config, write=False, command="finish") as ledger:
        return gate.open_ends(ledger)


def apply(config: Config, scope: Scope | None = None, **options: Any) -> Applied:
    told: dict[str, Any] = {"pull": True, "watcher": Notes(), "stop": threading.Event()}
    return pipeline.run_apply(
        config, scope or Scope(), progress=lambda *_: None, **{**told, **options}
    )


def planned(config: Config, scope: Scope) -> Any:
    stop = threading.Event()
    made, _ = pipeline.make_plan(
        config, scope, show=0, pull=False, progress=lambda *_: None, seen=lambda _: None, stop=stop
    )
    return made


def numbers(site: Site) -> set[int]:
    """Return the numbers of the tickets that were moved."""
    rows = Seen(site.sandbox.zammad_url).rows("/tickets")
    return {int(row["number"]) for row in rows} & set(site.sandbox.kayako.helpdesk.cases)


def of(*case_ids: int) -> Scope:
    return Scope(ids=tuple(("tickets", str(number)) for number in case_ids))


def figures_of(config: Config) -> Figures:
    with pipeline.report_material(config) as material:
        return collect(
            material.ledger,
            material.snapshot,
            sources=material.sources,
            zammad_url=config.zammad.url,
            verification=material.verification,
        )


def test_a_scope_keeps_the_order_of_the_run() -> None:
    assert Scope().entities(ORDER) == ORDER
    assert Scope(("tickets", "groups")).entities(ORDER) == ("groups", "tickets")
    assert of(7).entities(ORDER) == ("tickets",)
    assert Scope(ids=(("users", "1"),), ranges=((1, 2),)).entities(ORDER) == ("users", "tickets")
    assert Scope(since="2026-01-01").entities(ORDER) == ("tickets",)
    assert Scope(wave="open").entities(ORDER) == ORDER


def test_a_scope_is_told_by_its_options() -> None:
    assert Scope().words == ""
    some = Scope(ids=(("tickets", "12"), ("users", "17")), ranges=((40, 50),), limit=5)
    assert some.words == "--ids 12,users/17,40-50 --limit 5"
    assert of(*range(20)).words == "--ids 0,1,2,3,4,5,6,7,…"
    other = Scope(("users", "tickets"), since="2026-12-01", wave="open")
    assert other.words == "--only users,tickets --since 2026-12-01 --wave open"
    assert Scope(failed=True, limit=1).words == "--limit 1 --failed"


def test_an_id_is_found_among_ascending_ones() -> None:
    assert [has([2, 4, 6], number) for number in (1, 2, 3, 6, 7)] == [
        False,
        True,
        False,
        True,
        False,
    ]
    assert not has([], 1)


def test_named_conversations_are_moved_with_the_people_they_need(site: Make) -> None:
    s = site()
    one, *_, last = s.sandbox.kayako.helpdesk.cases
    person = s.sandbox.kayako.helpdesk.cases[one]["requester"]["id"]
    named = (("tickets", str(one)), ("users", str(person)))
    scope = Scope(ids=named, ranges=((last, last + 10**6),))
    made = planned(s.config, scope)
    applied = apply(s.config, scope)
    assert numbers(s) == {one, last}
    result = applied.counts.as_import_job()
    assert result["Tickets"]["created"] == result["Tickets"]["total"] == 2
    assert 0 < result["Users"]["created"] <= result["Users"]["total"]
    assert (made.outside_scope, applied.outside_scope) == (4, 4)
    for entity, words in result.items():
        assert made.actions[entity.lower()]["create"] == words["created"]
    # Others who are not needed are not there, and everybody who is, is.
    people = len(s.sandbox.kayako.helpdesk.users)
    assert result["Users"]["created"] < people
    tickets = Seen(s.sandbox.zammad_url).everything()["tickets"]
    authors = {a["origin_by"] for t in tickets.values() for a in t["articles"]}
    assert authors - {None}
    asked = [r.path for r in s.sandbox.kayako.requests if "/posts" in r.path]
    assert asked
    assert all(f"cases/{one}/" in path or f"cases/{last}/" in path for path in asked)


def test_a_named_person_is_moved_with_their_organization(site: Make) -> None:
    s = site()
    users = s.sandbox.kayako.helpdesk.users
    person = next(number for number, user in users.items() if user.get("organization"))
    result = apply(s.config, Scope(ids=(("users", str(person)),))).counts.as_import_job()
    assert result["Users"]["created"] == 1
    assert result["Organizations"]["created"] == 1
    assert "Tickets" not in result


def test_nothing_is_done_where_one_that_was_named_is_not_there(site: Make) -> None:
    s = site()
    one, gone, *_ = s.sandbox.kayako.helpdesk.cases
    apply(s.config, of(one))
    s.sandbox.kayako.helpdesk.delete_case(gone)
    writes = len(s.sandbox.zammad.requests)
    with pytest.raises(UsageError, match="no 999999 among its cases") as stranger:
        apply(s.config, of(one, 999999))
    assert "migrate pull" in stranger.value.advice
    with pytest.raises(UsageError) as lost:
        apply(s.config, of(gone))
    assert "gone from Kayako" in lost.value.advice
    assert len(s.sandbox.zammad.requests) == writes


def test_since_takes_what_changed_in_kayako(site: Make) -> None:
    s = site()
    helpdesk = s.sandbox.kayako.helpdesk
    one, two, *_ = helpdesk.cases
    for number in helpdesk.cases:
        helpdesk.touch(number, updated_at="2024-05-01T00:00:00+00:00")
    helpdesk.touch(one, updated_at="2024-05-02T10:00:00+00:00")
    helpdesk.touch(two, updated_at="2024-05-02T09:59:59+00:00")
    applied = apply(s.config, Scope(since="2024-05-02T10:00:00"))
    assert applied.counts.as_import_job()["Tickets"]["total"] == 1
    assert numbers(s) == {one}
    assert applied.outside_scope == 5


def test_values_narrow_each_other_and_waves_are_the_whole_move_together(site: Make) -> None:
    s = site(12)
    closed = _closed(s)
    assert 0 < len(closed) < 12
    apply(s.config, Scope(wave="open", since="2000-01-01", limit=1))
    assert numbers(s) == {min(set(s.sandbox.kayako.helpdesk.cases) - closed)}
    assert planned(s.config, Scope(wave="open", since="2999-01-01")).outside_scope == 12
    first = apply(s.config, Scope(wave="open"))
    assert numbers(s) == set(s.sandbox.kayako.helpdesk.cases) - closed
    assert first.outside_scope == len(closed)
    assert first.counts.as_import_job()["Users"]["created"] > 0
    assert "only a part was moved so far (--wave open)" in " ".join(open_ends(s.config))
    apply(s.config, Scope(wave="history"))
    assert numbers(s) == set(s.sandbox.kayako.helpdesk.cases)
    assert open_ends(s.config) == []
    assert fields(verify(s.config)) == set()


def _closed(site: Site) -> set[int]:
    found = set()
    for case_id, case in site.sandbox.kayako.helpdesk.cases.items():
        status = site.sandbox.kayako.helpdesk.table("case_status")[case["status"]["id"]]
        if status["type"] in {"COMPLETED", "CLOSED"}:
            found.add(case_id)
    return found


def test_with_only_tickets_nobody_comes_along(site: Make) -> None:
    s = site()
    one = next(iter(s.sandbox.kayako.helpdesk.cases))
    applied = apply(s.config, replace(of(one), only=("tickets",)))
    result = applied.counts.as_import_job()
    assert result["Tickets"]["failed"] == 1
    assert "Users" not in result or result["Users"]["created"] == 0


def _take_number(site: Site, number: int) -> int:
    """Let a stranger's ticket have a number; return its id."""
    zammad = Seen(site.sandbox.zammad_url)
    zammad.ask("POST", "/groups", json={"name": "Strange", "active": True})
    zammad.ask("PUT", "/users/3", json={"group_ids": {"1": ["full"], "2": ["full"]}})
    body = {"title": "x", "number": str(number), "group_id": 2, "customer_id": 2}
    article = {"body": "y", "type": "note"}
    return int(zammad.ask("POST", "/tickets", json={**body, "article": article})["id"])


def test_what_failed_is_tried_again_and_nothing_else(site: Make) -> None:
    s = site()
    bad, other, *_ = s.sandbox.kayako.helpdesk.cases
    stranger = _take_number(s, bad)
    apply(s.config)
    assert pipeline.has_failed(s.config, Scope(failed=True))
    assert not pipeline.has_failed(s.config, Scope(("users",), failed=True))
    s.sandbox.kayako.helpdesk.change_subject(other, "Changed meanwhile")
    made = planned(s.config, Scope(failed=True))
    assert made.actions["tickets"].total() == 1
    Seen(s.sandbox.zammad_url).ask("DELETE", f"/tickets/{stranger}")
    result = apply(s.config, Scope(failed=True)).counts.as_import_job()
    assert (result["Tickets"]["created"], result["Tickets"]["total"]) == (1, 1)
    assert result["Users"]["total"] == 0
    assert not pipeline.has_failed(s.config, Scope(failed=True))
    assert bad in numbers(s)
    titles = {t["title"] for t in Seen(s.sandbox.zammad_url).everything()["tickets"].values()}
    assert "Changed meanwhile" not in titles
    # The whole was moved before, so finish does not wait for more.
    assert open_ends(s.config) == []


def test_a_person_who_failed_is_tried_again_before_their_tickets(site: Make) -> None:
    s = site()
    helpdesk = s.sandbox.kayako.helpdesk
    person = next(iter(helpdesk.cases.values()))["requester"]["id"]
    apply(s.config)
    ledger = Ledger.open(s.config.ledger_file)
    document = ledger.table("users").get(str(person))
    assert document is not None
    note = ["failed", "", "it was refused"]
    ledger.table("users").put({**document, "notes": [note], "fingerprint": ""})
    ledger.close()
    result = apply(s.config, Scope(failed=True)).counts.as_import_job()
    assert result["Users"]["total"] == 1
    assert result["Users"]["failed"] == 0
    assert not pipeline.has_failed(s.config, Scope(failed=True))


def test_verify_says_what_is_not_due_and_the_report_what_is_left(site: Make) -> None:
    s = site()
    ids = list(s.sandbox.kayako.helpdesk.cases)
    apply(s.config, of(ids[0], ids[1]))
    verified = verify(s.config)
    assert fields(verified) == set()
    assert verified.counts["tickets"]["wanted"] == verified.counts["tickets"]["there"] == 2
    told = f"tickets not in the scope of the last apply (--ids {ids[0]},{ids[1]})"
    assert verified.told[told] == 4
    assert any(word.startswith("users not in the scope") for word in verified.told)
    figures = figures_of(s.config)
    row = figures.row("tickets")
    assert (row.moved, row.untried, row.outside, row.open) == (2, 0, 4, 0)
    assert verdict(figures) == "problems"
    assert not figures.complete
    said = {line.key: line for line in lines(figures)}
    assert said["adds_up_in_part"].holds
    assert said["adds_up_in_part"].values["outside"] == 4
    # The rest comes with the next whole apply.
    applied = apply(s.config)
    result = applied.counts.as_import_job()["Tickets"]
    assert (result["created"], result["unchanged"]) == (4, 2)
    assert applied.outside_scope == 0
    assert open_ends(s.config) == []
    # What is lost in a scope is a difference all the same.
    apply(s.config, of(ids[0]))
    zammad = Seen(s.sandbox.zammad_url)
    zammad.ask("DELETE", f"/tickets/{s.sandbox.zammad.state.store.numbers[str(ids[0])]}")
    assert (str(ids[0]), "record", "missing") in fields(verify(s.config))


def test_a_run_that_was_cut_off_in_a_scope_goes_on_within_it_and_can_be_taken_back(
    site: Make,
) -> None:
    s = site()
    before = Seen(s.sandbox.zammad_url).everything()
    ids = list(s.sandbox.kayako.helpdesk.cases)
    stop = threading.Event()

    class OnlyOne(Notes):
        def record(self, change: Change, problem: MigrateError | None) -> None:
            super().record(change, problem)
            if change.entity == "tickets":
                stop.set()

    config = replace(s.config, zammad=replace(s.config.zammad, workers=1))
    with pytest.raises(Interrupted):
        apply(config, of(*ids[:4]), watcher=OnlyOne(), stop=stop)
    assert 1 <= len(numbers(s)) < 4
    apply(config, of(*ids[:4]))
    assert numbers(s) == set(ids[:4])
    everything = Seen(s.sandbox.zammad_url).everything()["tickets"]
    assert all(len(everything[str(number)]["articles"]) == 3 for number in ids[:4])
    removed = pipeline.run_reset(
        s.config, discard_changes=False, tell=lambda _: None, stopped=lambda: False
    )
    assert removed.remains == []
    assert Seen(s.sandbox.zammad_url).everything() == before


@pytest.mark.parametrize(
    ("runs", "left"),
    [
        ([], None),
        ([("", "done")], None),
        ([("--ids 1", "done")], "--ids 1"),
        ([("", "done"), ("--ids 1", "done")], None),
        ([("", "interrupted"), ("--ids 1", "failed records")], "--ids 1"),
        ([("--wave open", "done")], "--wave open"),
        ([("--wave open", "done"), ("--wave history", "interrupted")], "--wave history"),
        ([("--wave open", "done"), ("--wave history", "done"), ("--failed", "done")], None),
    ],
)
def test_the_gate_knows_whether_runs_were_about_all(
    runs: list[tuple[str, str]], left: str | None
) -> None:
    told = [
        {"kind": "apply", "outcome": how, **({"scope": words} if words else {})}
        for words, how in runs
    ]
    assert not_covered(told) == left


def filtered(config: Config, filters: Filters) -> Config:
    return replace(config, filters=filters)


def test_what_the_config_leaves_behind_is_neither_read_nor_missing(site: Make) -> None:
    s = site(12)
    closed = _closed(s)
    config = filtered(s.config, Filters(states=Names(leave_out=("COMPLETED", "CLOSED"))))
    pulled = pipeline.headers_and_bodies(
        config, bodies=True, progress=lambda *_: None, stop=threading.Event()
    )
    assert pulled["bodies"].read == 12 - len(closed)
    made = planned(config, Scope())
    skipped = {why: n for (_, why), n in made.skipped.items() if "scope" in why}
    assert sum(skipped.values()) == len(closed)
    apply(config)
    assert numbers(s) == set(s.sandbox.kayako.helpdesk.cases) - closed
    asked = {r.path for r in s.sandbox.kayako.requests if "/posts" in r.path}
    assert not [n for n in closed if any(f"cases/{n}/" in path for path in asked)]
    verified = verify(config)
    assert fields(verified) == set()
    assert verified.counts["tickets"]["skipped"] == len(closed)
    figures = figures_of(config)
    row = figures.row("tickets")
    assert (row.left_out, row.open, row.outside) == (len(closed), 0, 0)
    assert any("left out by scope" in group.text for group in figures.left_out)


def test_what_enters_the_scope_later_is_missing_until_it_is_moved(site: Make) -> None:
    s = site(12)
    closed = _closed(s)
    apply(filtered(s.config, Filters(states=Names(leave_out=("COMPLETED", "CLOSED")))))
    wanted = {(str(number), "record", "missing") for number in closed}
    assert wanted <= fields(verify(s.config))
    apply(s.config)
    assert numbers(s) == set(s.sandbox.kayako.helpdesk.cases)
    assert fields(verify(s.config)) == set()


def test_what_leaves_the_scope_stays_and_stays_current(site: Make) -> None:
    s = site()
    helpdesk = s.sandbox.kayako.helpdesk
    apply(s.config)
    one = next(iter(helpdesk.cases))
    helpdesk.add_post(one, "Still of interest.")
    config = filtered(s.config, Filters(teams=Names(leave_out=(_team_of(s, one),))))
    applied = apply(config)
    assert applied.counts.as_import_job()["Tickets"]["updated"] == 1
    articles = Seen(s.sandbox.zammad_url).everything()["tickets"][str(one)]["articles"]
    assert len(articles) == 4
    assert fields(verify(config)) == set()
    made = planned(config, Scope())
    assert made.notes["tickets", "outside", "conversation"] >= 1
    assert made.actions["tickets"]["skip"] == 0


def _team_of(site: Site, case_id: int) -> str:
    helpdesk = site.sandbox.kayako.helpdesk
    team = helpdesk.cases[case_id].get("assigned_team")
    return str(helpdesk.teams[team["id"]]["title"]) if team else "none"


def test_names_that_kayako_does_not_have_are_refused_with_the_nearest(site: Make) -> None:
    s = site()
    title = next(str(team["title"]) for team in s.sandbox.kayako.helpdesk.teams.values())
    text = f"scope:\n  teams:\n    only:\n      - {title}x\n  states:\n    leave_out: [Closd]\n"
    s.config.file.write_text(text)
    filters = Filters(Names(only=(f"{title}x",)), Names(leave_out=("Closd",)))
    writes = len(s.sandbox.zammad.requests)
    with pytest.raises(InvalidFiles) as caught:
        apply(filtered(s.config, filters))
    team, state = caught.value.problems
    assert (team.line, state.line) == (4, 6)
    assert f"no team {title}x; did you mean {title}?" in team.message
    assert "did you mean Closed?" in state.message
    assert len(s.sandbox.zammad.requests) == writes
    with pytest.raises(InvalidFiles):
        planned(filtered(s.config, filters), Scope())
