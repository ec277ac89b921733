"""Everything that the hard cases hold is in Zammad afterwards, or its loss is named.

What has to arrive is told by ``tests.behaviour.truth`` from the sandbox's data alone; what arrived
is read from the tables of the sandbox's Zammad.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
import yaml

from runner import pipeline
from runner.config.model import Config
from runner.engine.verified import Verified
from runner.pipeline.standing import ledger_notes
from runner.pipeline.writing import Applied
from runner.sandbox.both import Sandbox, start
from runner.sandbox.data import Helpdesk, hard_cases
from runner.sandbox.data.hard.fields import ADDRESS_OF_SOMEBODY
from tests.behaviour.truth import Loss, conversations, merged, people, time, values
from tests.behaviour.truth.arrived import Arrived
from tests.behaviour.truth.compared import unlike
from tests.engine.support import Notes
from tests.mapping.support import ROOT
from tests.pipeline.conftest import config_of

GO_LIVE = date(2026, 12, 5)
IN_ZAMMAD_BEFORE = {"admin@example.com", "nicole.braun@zammad.org", "-"}


@dataclass
class Moved:
    """A helpdesk, the Zammad that it was moved to, and what the runner says was lost.

    ``verified`` holds what verify said before finish and after, ``written`` how many requests
    wrote something before and after the first of the two.
    """

    version: str
    helpdesk: Helpdesk
    sandbox: Sandbox
    applied: Applied
    verified: tuple[Verified, Verified]
    written: tuple[int, int]
    notes: set[Loss]
    there: Arrived


@pytest.fixture(scope="module", params=["6.5", "5.2"])
def moved(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Moved]:
    helpdesk = hard_cases()
    with start(helpdesk, zammad_version=request.param) as sandbox:
        folder = tmp_path_factory.mktemp("truth")
        config = config_of(folder, sandbox.kayako_url, sandbox.zammad_url)
        options = dataclasses.replace(config.options, secondary_organizations=True)
        config = dataclasses.replace(config, go_live=GO_LIVE, options=options)
        applied = pipeline.run_apply(
            config,
            pipeline.Scope(),
            pull=True,
            watcher=Notes(),
            progress=lambda *_: None,
            stop=threading.Event(),
        )
        before = writes(sandbox)
        first = verify(config)
        written = before, writes(sandbox)
        pipeline.run_finish(config, tell=lambda _: None)
        verified = first, verify(config)
        notes = {
            (note["entity"], note["source_id"], note["field"]) for note in ledger_notes(config)
        }
        there = Arrived(sandbox.zammad.state)
        yield Moved(request.param, helpdesk, sandbox, applied, verified, written, notes, there)


def verify(config: Config) -> Verified:
    return pipeline.run_verify(
        config, sample=None, seed=1, progress=lambda *_: None, stop=threading.Event()
    )


def writes(sandbox: Sandbox) -> int:
    """Count the requests that wrote something; searches are POSTs that do not."""
    return sum(
        request.method != "GET" and not request.path.endswith(("/search", "/init"))
        for request in sandbox.zammad.requests
    )


def test_no_record_fails_and_none_waits(moved: Moved) -> None:
    result = moved.applied.counts.as_import_job()
    assert {name: words["failed"] for name, words in result.items()} == dict.fromkeys(result, 0)
    assert all(words["sum"] == words["total"] for words in result.values())
    cases = list(moved.helpdesk.cases.values())
    left = [case for case in cases if case["state"] in {"TRASH", "SUSPENDED"}]
    assert (result["Tickets"]["created"], result["Tickets"]["skipped"]) == (
        len(cases) - len(left),
        len(left),
    )
    assert moved.sandbox.zammad.mails_sent == []


def test_verify_says_so_too_before_finish_and_after_and_writes_nothing(moved: Moved) -> None:
    for verified in moved.verified:
        assert verified.deviations == []
        assert verified.ok
        counts = verified.counts["tickets"]
        assert counts["wanted"] == verified.checked["tickets"] > 50
        assert verified.checked["articles"] > 300
        assert verified.checked["attachments"] > 20
    assert moved.written[0] == moved.written[1]


def test_groups_and_their_members_are_what_the_teams_were(moved: Moved) -> None:
    truth, there = people.groups(moved.helpdesk), moved.there.groups()
    for row in (*truth.facts.values(), *there.values()):
        # Who migrates has access everywhere, and is never trimmed.
        row["members"] = [login for login in row["members"] if login != people.ME]
    assert "\n".join(unlike(truth, there)) == ""
    assert there.keys() - truth.facts.keys() <= {"Users", "Tier 1", people.UNASSIGNED}


def test_organizations_arrive_field_by_field(moved: Moved) -> None:
    truth, there = people.organizations(moved.helpdesk), moved.there.organizations()
    assert "\n".join(unlike(truth, there)) == ""
    assert there.keys() - truth.facts.keys() == {"Zammad Foundation"}


def test_users_arrive_field_by_field(moved: Moved) -> None:
    truth, there = people.users(moved.helpdesk), moved.there.users()
    me = truth.facts.pop(people.ME)
    assert {name: there[people.ME][name] for name in ("email", "roles", "last_login")} == {
        name: me[name] for name in ("email", "roles", "last_login")
    }
    assert "\n".join(unlike(truth, there)) == ""
    assert there.keys() - truth.facts.keys() == IN_ZAMMAD_BEFORE


def test_tickets_and_articles_arrive_field_by_field(moved: Moved) -> None:
    truth = conversations.tickets(moved.helpdesk, GO_LIVE.isoformat())
    there = moved.there.tickets()
    assert "\n".join(unlike(truth, there)) == ""
    others = [there[number]["title"] for number in there.keys() - truth.facts.keys()]
    assert others == ["Welcome to Zammad!"]


def test_time_arrives_to_the_second_and_with_its_dates_where_zammad_has_them(
    moved: Moved,
) -> None:
    wanted, there = time.worked(moved.helpdesk), moved.there.time()
    assert there.keys() == wanted.keys()
    for number, entries in wanted.items():
        seconds = sum(spent for spent, _ in entries)
        minutes = sum(spent for spent, _ in there[number])
        assert abs(minutes - Decimal(seconds) / 60) <= Decimal("0.005"), number
        if moved.version == "6.5":
            assert sorted(moment for _, moment in there[number]) == sorted(m for _, m in entries)


def test_merged_conversations_are_linked_to_their_survivors(moved: Moved) -> None:
    links = merged.links(moved.helpdesk)
    assert links
    assert moved.there.links() == links


def test_choices_keep_their_words(moved: Moved) -> None:
    there = moved.there.choices()
    objects = {"case_field": "Ticket", "user_field": "User"}
    for kind, object_name in objects.items():
        for field in moved.helpdesk.table(kind).values():
            known = values.labels(field)
            if known and field["type"] != "CASCADINGSELECT":
                kept = there[object_name, values.name_of(field)]
                assert {key: kept.get(key) for key in known} == known


@pytest.mark.parametrize("entity", ["organizations", "users", "tickets"])
def test_every_loss_is_named(moved: Moved, entity: str) -> None:
    truths = {
        "organizations": lambda: people.organizations(moved.helpdesk),
        "users": lambda: people.users(moved.helpdesk),
        "tickets": lambda: conversations.tickets(moved.helpdesk, GO_LIVE.isoformat()),
    }
    losses = truths[entity]().losses
    assert losses
    assert losses - moved.notes == set()


@pytest.mark.parametrize(
    ("file", "field"),
    [
        ("articles", "bcc"),
        ("articles", "post_status"),
        ("tickets", "rating_status"),
        ("users", "last_seen_ip"),
        ("users", "last_seen_user_agent"),
    ],
)
def test_what_stays_behind_by_rule_is_declared(file: str, field: str) -> None:
    shipped = yaml.safe_load((ROOT / "mappings" / f"{file}.yaml").read_text())
    assert shipped["ignore"][field]


def test_what_kayako_knew_of_browsers_is_nowhere_in_zammad(moved: Moved) -> None:
    everything = repr(dataclasses.asdict(moved.sandbox.zammad.state.store.tables))
    assert ADDRESS_OF_SOMEBODY not in everything
    assert "Browser 7" not in everything
