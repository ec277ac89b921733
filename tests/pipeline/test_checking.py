"""Verify from config to result, where more has happened than one apply."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from runner import pipeline
from runner.config.model import Config
from runner.engine.verified import Verified
from runner.errors import Interrupted, PreflightError
from runner.sandbox.data.shapes import reference
from runner.sandbox.zammad.seeds import ADMIN_ID
from tests.behaviour.support import Seen
from tests.engine.support import Notes
from tests.pipeline.conftest import Site

MakeSite = Callable[..., Site]


def apply(config: Config) -> None:
    pipeline.run_apply(
        config,
        pipeline.Scope(),
        pull=True,
        watcher=Notes(),
        progress=lambda *_: None,
        stop=threading.Event(),
    )


def verify(config: Config, **options: Any) -> Verified:
    told = {"sample": None, "seed": 1, "progress": lambda *_: None, "stop": threading.Event()}
    return pipeline.run_verify(config, **{**told, **options})


def fields(verified: Verified) -> set[tuple[str, str, str]]:
    return {(d.source_id, d.field, str(d.kind)) for d in verified.deviations}


def test_it_is_green_again_after_what_changed_at_the_source_was_applied(site: MakeSite) -> None:
    s = site()
    apply(s.config)
    helpdesk = s.sandbox.kayako.helpdesk
    one, two, gone, *_ = helpdesk.cases
    helpdesk.add_post(one, "It is still broken.")
    helpdesk.change_subject(two, "Another subject")
    helpdesk.delete_case(gone)
    apply(s.config)
    verified = verify(s.config)
    assert fields(verified) == set()
    assert verified.counts["tickets"]["gone"] == 1
    assert verified.counts["tickets"]["wanted"] == 5


def test_articles_keep_the_names_that_people_had(site: MakeSite) -> None:
    s = site()
    apply(s.config)
    helpdesk = s.sandbox.kayako.helpdesk
    posts = [post for case_id in helpdesk.cases for post in helpdesk.posts(case_id)]
    for author in {post["creator"]["id"] for post in posts}:
        helpdesk.rename_user(author, f"Somebody {author}")
    for case_id, case in helpdesk.cases.items():
        others = [number for number in helpdesk.users if number != case["requester"]["id"]]
        helpdesk.touch(case_id, requester=reference("user", others[-1]))
    apply(s.config)
    verified = verify(s.config)
    assert [(d.source_id, d.wanted, d.there) for d in verified.deviations] == []
    told = "articles that name people as they were called then"
    assert verified.told[told] > 5
    rows = s.sandbox.zammad.tables.articles.items_by_id.values()
    article = next(row for row in rows if "kayako-post" in (row.message_id or ""))
    article.sent_from = "Somebody Else <else@customers.example>"
    assert [d.field for d in verify(s.config).deviations] == ["from"]


def test_a_ticket_that_is_lost_on_both_sides_is_missing(site: MakeSite) -> None:
    s = site()
    apply(s.config)
    gone = next(iter(s.sandbox.kayako.helpdesk.cases))
    s.sandbox.kayako.helpdesk.delete_case(gone)
    apply(s.config)
    zammad = Seen(s.sandbox.zammad_url)
    number = s.sandbox.zammad.state.store.numbers[str(gone)]
    zammad.ask("DELETE", f"/tickets/{number}")
    assert fields(verify(s.config)) == {(str(gone), "record", "missing")}


def test_of_adopted_records_only_what_they_were_given_counts(site: MakeSite) -> None:
    s = site()
    zammad = Seen(s.sandbox.zammad_url)
    helpdesk = s.sandbox.kayako.helpdesk
    emails = [row["email"] for row in helpdesk.table("identity_email").values()]
    for email in set(emails) - {"admin@example.com"}:
        body = {"login": email, "email": email, "firstname": "Kept", "roles": ["Customer"]}
        zammad.ask("POST", "/users", json=body)
    apply(s.config)
    assert fields(verify(s.config)) == set()
    pipeline.run_finish(s.config, tell=lambda _: None)
    assert fields(verify(s.config)) == set()
    given = next(
        row
        for row in s.sandbox.zammad.tables.users.values()
        if row["firstname"] == "Kept" and 2 in row["role_ids"]
    )
    zammad.ask("PUT", f"/users/{given['id']}", json={"roles": ["Customer"], "lastname": "Other"})
    kinds = {(name, kind) for _, name, kind in fields(verify(s.config))}
    assert kinds >= {("roles", "changed"), ("lastname", "changed")}


def test_what_a_forgotten_run_left_behind_is_told(site: MakeSite) -> None:
    s = site()
    apply(s.config)
    s.sandbox.kayako.helpdesk.delete_case(next(iter(s.sandbox.kayako.helpdesk.cases)))
    pipeline.forget(s.config)
    with pytest.raises(PreflightError, match="nothing was applied"):
        verify(s.config)
    apply(s.config)
    verified = verify(s.config)
    assert fields(verified) == set()
    assert verified.told["articles of an earlier move in tickets that are not ours"] == 3


def test_a_ticket_that_is_closed_to_us_is_unreadable_not_missing(site: MakeSite) -> None:
    s = site()
    apply(s.config)
    tables = s.sandbox.zammad.tables
    group_id = next(iter({row["group_id"] for row in tables.tickets.values()} - {1}))
    s.sandbox.zammad.state.store.change(
        tables.users[ADMIN_ID],
        {
            "group_ids": {
                key: held
                for key, held in tables.users[ADMIN_ID]["group_ids"].items()
                if key != str(group_id)
            }
        },
    )
    kinds = {kind for _, name, kind in fields(verify(s.config)) if name == "record"}
    assert kinds == {"unreadable"}


def test_failed_and_skipped_records_are_counted_and_not_compared(site: MakeSite) -> None:
    s = site()
    cases = s.sandbox.kayako.helpdesk.cases
    bad, left_out = list(cases)[:2]
    zammad = Seen(s.sandbox.zammad_url)
    zammad.ask("POST", "/groups", json={"name": "Strange", "active": True})
    zammad.ask("PUT", "/users/3", json={"group_ids": {"1": ["full"], "2": ["full"]}})
    stranger = {"title": "x", "number": str(bad), "group_id": 2, "customer_id": 2}
    zammad.ask("POST", "/tickets", json={**stranger, "article": {"body": "y", "type": "note"}})
    cases[left_out]["state"] = "TRASH"
    apply(s.config)
    verified = verify(s.config)
    assert fields(verified) == set()
    assert verified.counts["tickets"]["failed"] == 1


def test_it_can_be_stopped(site: MakeSite) -> None:
    s = site()
    apply(s.config)
    stop = threading.Event()

    def progress(what: str, done: int, _total: int | None) -> None:
        if what == "tickets" and done == 1:
            stop.set()

    with pytest.raises(Interrupted):
        verify(s.config, progress=progress, stop=stop)
