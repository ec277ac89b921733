"""From an erasure in Kayako to one in Zammad; and what ``keep_since`` saves."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from runner import pipeline
from runner.config.model import Options
from runner.sandbox.data import Helpdesk
from tests.behaviour.support import Seen
from tests.pipeline.conftest import Site
from tests.pipeline.test_checking import apply, fields, verify

Make = Callable[..., Site]


def requester_of_few(helpdesk: Helpdesk) -> tuple[int, list[int]]:
    """Return a customer and their conversations."""
    asked: dict[int, list[int]] = {}
    for case_id, case in helpdesk.cases.items():
        asked.setdefault(case["requester"]["id"], []).append(case_id)
    return min(asked.items(), key=lambda entry: len(entry[1]))


def test_a_customer_who_is_erased_in_kayako_can_be_erased_here(site: Make) -> None:
    s = site()
    apply(s.config)
    person, asked = requester_of_few(s.sandbox.kayako.helpdesk)
    assert pipeline.erasable(s.config) == []
    s.sandbox.kayako.helpdesk.delete_user(person)
    apply(s.config)
    (found,) = pipeline.erasable(s.config)
    assert found.id == person
    done = pipeline.run_erase(s.config, person)
    assert (done.tickets, done.conversations) == (len(asked), len(asked))
    time.sleep(0.15)  # the task's time
    numbers = {row["number"] for row in Seen(s.sandbox.zammad_url).rows("/tickets")}
    assert not numbers & set(map(str, asked))
    assert len(numbers) == 1 + 6 - len(asked)
    assert pipeline.erasable(s.config) == []

    # Kayako still lists their conversations: they do not come back.
    writes = len(s.sandbox.zammad.requests)
    apply(s.config)
    sent = list(s.sandbox.zammad.requests)[writes:]
    assert [request for request in sent if request.method != "GET"] == []
    assert fields(verify(s.config)) == set()
    stored = s.config.ledger_file.read_text()
    assert found.name not in json.dumps(json.loads(stored), ensure_ascii=False)


def test_an_agent_who_is_erased_does_not_come_back_as_a_placeholder(site: Make) -> None:
    s = site()
    helpdesk = s.sandbox.kayako.helpdesk
    asked = {case["requester"]["id"] for case in helpdesk.cases.values()}
    wrote = {post["creator"]["id"] for case in helpdesk.cases for post in helpdesk.posts(case)}
    person = min(wrote - asked)
    name = helpdesk.users[person]["full_name"]
    apply(s.config)
    helpdesk.delete_user(person)
    apply(s.config)
    assert pipeline.run_erase(s.config, person).asked_zammad
    time.sleep(0.15)  # the task's time
    writes = len(s.sandbox.zammad.requests)
    apply(s.config)
    sent = list(s.sandbox.zammad.requests)[writes:]
    assert [request for request in sent if request.method != "GET"] == []
    assert fields(verify(s.config)) == set()
    document = json.loads(s.config.ledger_file.read_text())
    assert f"({name})" not in json.dumps(document["tickets"], ensure_ascii=False)


def test_old_conversations_cost_no_request_and_are_no_difference(site: Make) -> None:
    s = site()
    cases = s.sandbox.kayako.helpdesk.cases
    old = list(cases)[:2]
    for number in old:
        s.sandbox.kayako.helpdesk.touch(number, updated_at="2018-12-31T23:59:59+00:00")
    since = date(2019, 1, 1)
    config = replace(s.config, options=Options(keep_since=since))
    pulled = pipeline.headers_and_bodies(
        config, bodies=True, progress=lambda *_: None, stop=threading.Event()
    )
    assert pulled["headers"].lists["cases"].seen == len(cases)
    assert pulled["bodies"].read == len(cases) - len(old)
    apply(config)
    asked = {request.path for request in s.sandbox.kayako.requests}
    assert not [number for number in old if any(f"cases/{number}/posts" in p for p in asked)]
    verified = verify(config)
    assert fields(verified) == set()
    assert verified.counts["tickets"]["skipped"] == len(old)
    assert verified.counts["users"]["wanted"] == verified.counts["users"]["there"]
