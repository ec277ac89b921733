"""Answers to old mails find their ticket, and people in copy are not lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from runner import pipeline
from runner.config.model import Config, Options
from runner.engine.verified import Verified
from runner.sandbox.both import Sandbox, start
from runner.sandbox.data import Helpdesk, common, generate
from runner.sandbox.data.shapes import reference
from runner.sandbox.data.shapes.originals import email_original
from runner.sandbox.zammad.store import Article
from tests.engine.support import Notes
from tests.pipeline.conftest import config_of

MARK = "<mail-"
OPEN, CLOSED = 1001, 1002
TOLD = "articles that keep the message id they were written with"


@dataclass
class Move:
    """Both servers and a config, driven without a command line."""

    sandbox: Sandbox
    config: Config

    def choose(self, choice: str) -> None:
        self.config = replace(self.config, options=Options(original_message_ids=choice))

    def apply(self, *, pull: bool = True) -> pipeline.Applied:
        return pipeline.run_apply(
            self.config,
            pipeline.Scope(),
            pull=pull,
            watcher=Notes(),
            progress=lambda *_: None,
            stop=threading.Event(),
        )

    def plan(self) -> dict[str, Any]:
        made, _ = pipeline.make_plan(
            self.config,
            pipeline.Scope(),
            show=0,
            pull=False,
            progress=lambda *_: None,
            seen=lambda _: None,
            stop=threading.Event(),
        )
        return made.as_json()

    def verify(self) -> Verified:
        return pipeline.run_verify(
            self.config,
            sample=None,
            seed=1,
            progress=lambda *_: None,
            stop=threading.Event(),
        )

    def reset(self) -> Any:
        return pipeline.run_reset(
            self.config, discard_changes=False, tell=lambda _: None, stopped=lambda: False
        )

    @property
    def helpdesk(self) -> Helpdesk:
        return self.sandbox.kayako.helpdesk

    @property
    def articles(self) -> list[Article]:
        return list(self.sandbox.zammad.tables.articles.items_by_id.values())

    def mails(self) -> list[str]:
        return [a.message_id for a in self.articles if str(a.message_id).startswith(MARK)]

    def of(self, case_id: int) -> list[Article]:
        wanted = self.sandbox.zammad.state.store.numbers[str(case_id)]
        return [article for article in self.articles if article.ticket_id == wanted]

    def watching(self, case_id: int) -> list[str]:
        wanted = self.sandbox.zammad.state.store.numbers[str(case_id)]
        tables = self.sandbox.zammad.tables
        rows = [row for row in tables.mentions.values() if row["mentionable_id"] == wanted]
        return [tables.users[row["user_id"]]["login"] for row in rows]

    def answer(self, case_id: int, message_id: str) -> None:
        """Let the customer answer by mail."""
        added = self.helpdesk.add_post(case_id, "Is it done?")
        source = f"Message-ID: {message_id}\n\nIs it done?"
        self.helpdesk.sides.mails[added["id"]] = email_original(
            added, sender="customer@customers.example", to="support@acme.example", source=source
        )


@pytest.fixture
def move(tmp_path: Path) -> Iterator[Callable[..., Move]]:
    """Return a factory of moves of few conversations, one open and the others closed long ago."""
    started: list[Sandbox] = []

    def make(version: str = "6.5") -> Move:
        helpdesk = generate(6, posts_each=3, users=6)
        for case_id in helpdesk.cases:
            helpdesk.cases[case_id]["source_channel"]["account"] = reference("mailbox", 1)
            helpdesk.set_status(case_id, common.OPEN if case_id == OPEN else common.CLOSED)
        sandbox = start(helpdesk, zammad_version=version)
        started.append(sandbox)
        config = config_of(tmp_path, sandbox.kayako_url, sandbox.zammad_url)
        return Move(sandbox, replace(config, go_live=date(2099, 1, 1)))

    yield make
    for sandbox in started:
        threading.Thread(target=sandbox.stop).start()


@pytest.mark.parametrize("version", ["6.5", "5.2"])
def test_mails_that_may_be_answered_keep_their_ids_and_people_in_copy_stay(
    move: Callable[..., Move], version: str
) -> None:
    made = move(version)
    made.helpdesk.sides.participants[OPEN] = [1005, 3]
    made.answer(OPEN, "<answer@customers.example>")
    assert made.apply().counts.failed() == 0
    assert "<answer@customers.example>" in {article.message_id for article in made.of(OPEN)}
    for article in made.of(CLOSED):
        assert str(article.message_id).startswith("<kayako-post-")
    assert "customer-1005@customers.example" in str(made.of(OPEN)[0].cc)
    assert made.watching(OPEN) == ["agent-3@acme.example"]
    verified = made.verify()
    assert verified.ok, verified.deviations[:3]
    assert made.sandbox.zammad.mails_sent == []
    assert not made.apply().wrote
    assert made.reset().remains == []
    assert len(made.sandbox.zammad.tables.tickets) == 1


def test_another_choice_later_doubles_nothing_and_every_article_keeps_its_id(
    move: Callable[..., Move],
) -> None:
    made = move()
    made.choose("none")
    made.apply()
    number = len(made.articles)
    made.choose("all")
    unread = made.plan()["mails_unread"]
    assert unread > 5
    assert not made.apply().wrote
    assert (len(made.articles), made.mails()) == (number, [])
    plan = made.plan()
    assert plan["mails_unread"] == 0
    kept = plan["articles"]["keep the message id they have"]
    assert 5 < kept <= unread
    verified = made.verify()
    assert verified.ok, verified.deviations[:3]
    assert verified.told[TOLD] == kept
    made.answer(CLOSED, "<answer@customers.example>")
    made.apply()
    assert made.of(CLOSED)[-1].message_id == "<answer@customers.example>"
    made.choose("none")
    assert not made.apply().wrote
    verified = made.verify()
    assert (verified.ok, verified.told[TOLD]) == (True, 1)
    assert made.reset().remains == []


def test_a_move_that_the_ledger_forgot_is_found_by_real_ids_too(
    move: Callable[..., Move],
) -> None:
    made = move()
    made.choose("all")
    made.apply()
    before = sorted(made.mails())
    assert len(before) > 5
    pipeline.forget(made.config)
    assert made.apply(pull=False).counts.failed() == 0
    assert sorted(made.mails()) == before
    assert made.verify().ok


def test_a_double_with_a_real_id_is_found_unless_zammad_fetched_the_mail_itself(
    move: Callable[..., Move],
) -> None:
    made = move()
    made.choose("all")
    made.apply()
    first = next(a for a in made.of(OPEN) if str(a.message_id).startswith(MARK))
    (stranger,) = [article for article in made.articles if article.ticket_id == 1]
    stranger.message_id, stranger.created_by_id = first.message_id, 1
    assert made.verify().ok
    stranger.created_by_id = first.created_by_id
    found = {
        (d.entity, d.source_id.partition("/")[0], str(d.kind)) for d in made.verify().deviations
    }
    assert found == {("articles", str(OPEN), "doubled"), ("tickets", str(OPEN), "doubled")}


def test_who_comes_into_copy_later_is_no_difference_and_agents_begin_to_watch(
    move: Callable[..., Move],
) -> None:
    made = move()
    made.helpdesk.sides.participants[OPEN] = [1005, 3]
    made.apply()
    made.helpdesk.sides.participants[OPEN] = [1005, 1006, 3, 4]
    made.helpdesk.touch(OPEN)
    made.apply()
    assert made.watching(OPEN) == ["agent-3@acme.example", "agent-4@acme.example"]
    verified = made.verify()
    assert verified.ok, verified.deviations
    made.of(OPEN)[0].cc = "somebody@else.example"
    assert [d.field for d in made.verify().deviations] == ["cc"]
    assert made.sandbox.zammad.mails_sent == []
