"""Is everything in Zammad, and as it should be? Green after apply, red for whatever is not."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from runner import pipeline
from runner.capped import ANSWER_BYTES
from runner.config.model import Config
from runner.engine.verified import Kind, Verified
from runner.http import Http
from runner.sandbox.both import Sandbox, start
from runner.sandbox.data import generate, hard_cases
from tests.behaviour import planted
from tests.behaviour.conftest import Stage
from tests.behaviour.planted import Damage, Reported
from tests.engine.support import Notes
from tests.pipeline.conftest import config_of

Make = Callable[..., Stage]


@dataclass
class Applied:
    """The hard cases, moved: ``damage`` a copy of it each time."""

    sandbox: Sandbox
    config: Config

    def verify(self, *, sample: int | None = None, seed: int = 1) -> Verified:
        return pipeline.run_verify(
            self.config,
            sample=sample,
            seed=seed,
            progress=lambda *_: None,
            stop=threading.Event(),
        )


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applied]:
    with start(hard_cases()) as sandbox:
        folder = tmp_path_factory.mktemp("moved")
        config = config_of(folder, sandbox.kayako_url, sandbox.zammad_url)
        pipeline.run_apply(
            config,
            pipeline.Scope(),
            pull=True,
            watcher=Notes(),
            progress=lambda *_: None,
            stop=threading.Event(),
        )
        yield Applied(sandbox, config)


@pytest.fixture
def applied(moved: Applied) -> Iterator[Applied]:
    """Put Zammad back to what it was when the test is over."""
    state = moved.sandbox.zammad.state
    before = state.store
    state.store = copy.deepcopy(before)
    yield moved
    state.store = before


def reported(verified: Verified) -> Reported:
    return {
        (found.entity, found.source_id, found.field, str(found.kind))
        for found in verified.deviations
        if found.kind != "count"
    }


@pytest.mark.parametrize("together", planted.TOGETHER)
def test_it_names_record_and_field_of_all_that_went_wrong_and_nothing_else(
    applied: Applied, together: str
) -> None:
    damage = Damage(applied.sandbox)
    expected = {plant.__name__: plant(damage) for plant in planted.TOGETHER[together]}
    verified = applied.verify()
    assert not verified.ok
    found = reported(verified)
    assert {name: wanted - found for name, wanted in expected.items() if wanted - found} == {}
    assert found - set().union(*expected.values()) == set()


def test_at_least_twenty_five_changes_deletions_and_doubles_are_planted_each_once() -> None:
    plants = [plant for plants in planted.TOGETHER.values() for plant in plants]
    assert len(set(plants)) == len(plants) >= 25


def test_counts_are_of_everything_even_where_a_sample_is_compared(applied: Applied) -> None:
    damage = Damage(applied.sandbox)
    assert applied.verify(sample=5).ok
    everything = list(damage.store.tables.tickets.values())[1:]
    for row in everything:
        row["priority_id"] = 4 - row["priority_id"] if row["priority_id"] != 2 else 1
    found = applied.verify(sample=5)
    assert {deviation.field for deviation in found.deviations} == {"priority"}
    assert len(found.deviations) == 5
    other = applied.verify(sample=5, seed=2)
    assert {d.source_id for d in other.deviations} != {d.source_id for d in found.deviations}
    deleted = everything[-1]
    damage.rest.ask("DELETE", f"/tickets/{deleted['id']}")
    state = damage.store.tables.ticket_states[deleted["state_id"]]["name"]
    lost = applied.verify(sample=1)
    assert ("tickets", deleted["number"], "record", "missing") in reported(lost)
    assert f"count by_state {state}" in {deviation.field for deviation in lost.deviations}


def test_what_agents_wrote_is_told_and_is_no_difference(applied: Applied) -> None:
    damage = Damage(applied.sandbox)
    body = {"ticket_id": damage.ticket("New")["id"], "body": "Mine.", "type": "note"}
    damage.rest.ask("POST", "/ticket_articles", json=body)
    verified = applied.verify()
    assert verified.ok
    assert verified.told["articles that were written in Zammad"] == 1


def test_it_ends_with_11_and_says_what_is_wrong(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes", "--limit", "5")
    assert "tickets not in the scope of the last apply (--limit 5)" in s.place.succeed("verify")
    s.place.succeed("apply", "--yes")
    # Without its newest tickets it would look like a Zammad from a backup.
    for row in s.zammad.rows("/tickets")[1:-5]:
        s.zammad.ask("DELETE", f"/tickets/{row['id']}")
    done = s.place.migrate("verify")
    assert done.returncode == 11
    assert "not in Zammad" in done.stdout
    assert ") record: missing" in done.stdout
    assert "… and " in done.stdout


def test_before_anything_was_applied_it_says_so(stage: Make) -> None:
    s = stage()
    assert s.place.migrate("verify").returncode == 4
    s.place.succeed("pull")
    done = s.place.migrate("verify")
    assert done.returncode == 4
    assert "migrate apply" in done.stderr


def test_what_finish_writes_is_due_only_after_it(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes")
    s.place.succeed("finish", "--accept", "--yes")
    assert "Zammad is as it should be" in s.place.succeed("verify")
    damage = Damage(s.sandbox)
    damage.put("/users", damage.user("customer-22@customers.example"), active=True)
    damage.put("/organizations", damage.organization("Organization 1"), domain_assignment=False)
    agent = damage.user("agent-7@acme.example")
    damage.put("/users", agent, group_ids={})
    found = s.place.migrate("verify", "--json")
    assert found.returncode == 11
    assert '"field": "active"' in found.stdout
    assert '"field": "domain_assignment"' in found.stdout
    assert '"field": "groups"' in found.stdout


def test_an_edit_that_was_not_applied_is_outdated_and_a_conflict_is_changed_in_zammad(
    stage: Make,
) -> None:
    s = stage(generate(2, posts_each=2, users=1))
    s.place.succeed("apply", "--yes")
    damage = Damage(s.sandbox)
    edited, clash = (damage.ticket(case["subject"]) for case in s.helpdesk.cases.values())
    damage.put("/tickets", clash, title="Ours")
    s.helpdesk.change_subject(int(edited["number"]), "Theirs")
    s.helpdesk.change_subject(int(clash["number"]), "Theirs, too")
    s.place.succeed("pull")
    found = s.place.migrate("verify")
    assert found.returncode == 11
    assert f"tickets/{edited['number']} (Zammad id {edited['id']}) title: outdated" in found.stdout
    assert f"tickets/{clash['number']} (Zammad id {clash['id']}) title: changed" in found.stdout
    s.place.succeed("apply", "--yes")
    found = s.place.migrate("verify")
    assert f"tickets/{edited['number']}" not in found.stdout
    assert f"tickets/{clash['number']} (Zammad id {clash['id']}) title: changed" in found.stdout


def test_a_ticket_whose_answer_is_too_large_is_one_finding_and_not_the_end(
    applied: Applied, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, path = Http.send, "/ticket_articles/by_ticket/"
    seen: list[str] = []

    def small(self: Http, method: str, where: str, **options: Any) -> Any:
        if where.startswith(path):
            seen.append(where)
            options["most"] = 10 if where == seen[0] else ANSWER_BYTES
        return send(self, method, where, **options)

    monkeypatch.setattr(Http, "send", small)
    verified = applied.verify()
    (found,) = verified.deviations
    assert (found.entity, found.field, found.kind) == ("tickets", "record", Kind.UNREADABLE)
    assert f"{path}{found.target_id}" in found.there
    assert "more than 10 bytes" in found.there
    assert len(seen) > 10
