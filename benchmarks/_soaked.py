"""The servers of a soak: faults on both sides, people who go on working, and the truth in the end.

Each function runs in the process that serves the sandbox.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

from runner.sandbox.both import Sandbox
from runner.sandbox.data import File, common, generate
from runner.sandbox.data.making import FIRST_CASE
from runner.sandbox.faults import Faults
from runner.sandbox.kayako import FakeKayako
from runner.sandbox.zammad import FakeZammad
from tests.behaviour.truth import Truth, conversations, people, time
from tests.behaviour.truth.arrived import Arrived
from tests.behaviour.truth.compared import unlike

if TYPE_CHECKING:
    from collections.abc import Collection

GO_LIVE = "2026-12-05"
_THERE_BEFORE = {
    "groups": {"Users", "Tier 1", people.UNASSIGNED},
    "organizations": {"Zammad Foundation"},
    "users": {people.ME, "nicole.braun@zammad.org", "-"},
}
_OF_POST = re.compile(r"^<(kayako-post|mail)-(\d+)@.*>$")
_RENAMED = "Another subject, number"
_WELCOME = 1  # Zammad's own first ticket


def servers(count: int, *, rate: float, seed: int, secrets: tuple[str, str, str]) -> Sandbox:
    """Return both sides, not serving yet: so many conversations and the hard cases.

    Args:
        count: Plain conversations.
        rate: Share of requests hit by a fault.
        seed: Which ones.
        secrets: Kayako's email and password, and Zammad's token.
    """
    email, password, token = secrets
    source, target = Faults(rate=rate, seed=seed), Faults(rate=rate, seed=seed + 1)
    helpdesk = generate(count, with_hard_cases=True)
    kayako = FakeKayako(helpdesk, email=email, password=password, faults=source)
    return Sandbox(kayako, FakeZammad(token=token, faults=target), "", "")


def disturb(sandbox: Sandbox, rate: float, latency: float) -> None:
    """Set the share of requests hit by faults, and what each answer of Zammad takes longer."""
    sandbox.kayako.faults.rate = sandbox.zammad.faults.rate = rate
    sandbox.zammad.faults.latency = latency


def work(sandbox: Sandbox, seed: int) -> int:
    """Let people work in Kayako: several changes, each of a plain conversation; return how many."""
    helpdesk, chance = sandbox.kayako.helpdesk, random.Random(seed)
    plain = [key for key in helpdesk.cases.ids() if key >= FIRST_CASE]
    answered, noted, renamed, moved, closed = chance.sample(plain, 5)
    helpdesk.add_post(answered, f"One more thing, number {seed}.")
    sheet = File(f"sheet-{seed}.txt", "text/plain", b"a line\n" * 40)
    agent = chance.choice(common.AGENTS)
    helpdesk.add_post(noted, f"Seen, {seed}.", kind="NOTE", creator=agent, files=(sheet,))
    helpdesk.change_subject(renamed, f"{_RENAMED} {seed}")
    helpdesk.move_team(moved, chance.randint(1, 3))
    helpdesk.set_status(closed, chance.choice((common.OPEN, common.CLOSED)))
    return 5


def faults(sandbox: Sandbox) -> int:
    """Return how many requests were hit so far."""
    return sandbox.kayako.faults.counts.faulted + sandbox.zammad.faults.counts.faulted


def tickets(sandbox: Sandbox) -> int:
    """Return how many tickets there are."""
    return len(sandbox.zammad.state.store.tables.tickets)


def wrong(sandbox: Sandbox) -> dict[str, list[str]]:
    """Return what is not as the truth has it: ``missing or different``, ``doubled``, ``mails``."""
    helpdesk, there = sandbox.kayako.helpdesk, Arrived(sandbox.zammad.state)
    truths = {
        "groups": people.groups(helpdesk),
        "organizations": people.organizations(helpdesk),
        "users": people.users(helpdesk),
    }
    # Who migrates has access everywhere and keeps the profile of before.
    truths["users"].facts.pop(people.ME)
    arrived = {name: getattr(there, name)() for name in truths}
    for row in (*truths["groups"].facts.values(), *arrived["groups"].values()):
        row["members"] = [login for login in row["members"] if login != people.ME]
    different = [line for name, truth in truths.items() for line in unlike(truth, arrived[name])]
    moved = conversations.tickets(helpdesk, GO_LIVE)
    different += _tickets(moved, there.tickets())
    worked = {number: len(entries) for number, entries in time.worked(helpdesk).items()}
    accounted = {number: len(entries) for number, entries in there.time().items()}
    different += [
        f"time of {n}" for n in worked.keys() | accounted if worked.get(n) != accounted.get(n)
    ]
    return {
        "missing or different": different,
        "doubled": _doubled(sandbox, truths, moved),
        "mails": [str(mail) for mail in sandbox.zammad.mails_sent],
    }


def _tickets(moved: Truth, there: dict[str, dict[str, Any]]) -> list[str]:
    """Return how tickets differ, but for what an article keeps of the time it was written at.

    That is the subject of then, and whether the message id is ours or the mail's, which depends
    on whether the conversation was closed then. Either names the post.
    """
    for number, facts in moved.facts.items():
        for article in (*facts["articles"], *there.get(number, {"articles": []})["articles"]):
            if facts["title"].startswith(_RENAMED):
                article["subject"] = None
            article["message_id"] = _OF_POST.sub(r"\2", article["message_id"] or "")
    return unlike(moved, there)


def _doubled(sandbox: Sandbox, truths: dict[str, Truth], moved: Truth) -> list[str]:
    """Return a line for each table that holds more rows than the truth and a new Zammad."""
    tables = sandbox.zammad.state.store.tables
    wanted: dict[str, int] = {
        name: len(truth.facts.keys() | _THERE_BEFORE[name]) for name, truth in truths.items()
    }
    wanted["tickets"] = len(moved.facts) + _WELCOME
    wanted["articles"] = _WELCOME + sum(len(each["articles"]) for each in moved.facts.values())
    found: dict[str, Collection[Any]] = {name: getattr(tables, name) for name in wanted}
    return [
        f"{name}: {len(found[name])} rows instead of {number}"
        for name, number in wanted.items()
        if len(found[name]) > number
    ]
