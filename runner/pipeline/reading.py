"""Pull and plan: what only reads."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from runner.engine import plan, target, walk
from runner.engine.conversations import taken_by
from runner.engine.remembered import RememberedThreads
from runner.errors import Unreachable
from runner.kayako.articles import pull_articles
from runner.kayako.pull import pull_bodies, pull_headers
from runner.ledger import RunLock
from runner.mapping.load import load_mappings
from runner.pipeline.budgeting import budget_of, keep_pace
from runner.pipeline.catching_up import catch_up, with_originals
from runner.pipeline.filtering import refuse_unknown_names
from runner.pipeline.opening import (
    aside_of,
    connect_kayako,
    is_pulled,
    make_workdir,
    nobody,
    open_world,
)
from runner.pipeline.scoping import Scope, check, chosen, listed, outside, with_people
from runner.snapshot import Snapshot
from runner.zammad.client import Zammad

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from runner.config.model import Config
    from runner.engine.change import Change
    from runner.engine.world import World
    from runner.pipeline.opening import Connected


def headers_and_bodies(
    config: Config,
    *,
    bodies: bool,
    progress: Callable[[str, int, int | None], None],
    stop: threading.Event,
    connected: Connected = nobody,
) -> dict[str, Any]:
    """Pull: headers, then bodies; return counts and what is not available."""
    make_workdir(config)
    with ExitStack() as stack:
        stack.enter_context(RunLock(config.workdir / "lock", "pull"))
        snapshot = Snapshot.open(config.snapshot_folder, kayako_url=config.kayako.url)
        stack.callback(snapshot.close)
        kayako = connect_kayako(config, stop)
        stack.callback(kayako.close)
        connected("kayako", kayako.http.usage)
        stack.callback(keep_pace, snapshot, kayako)
        header_report = pull_headers(
            kayako,
            snapshot,
            progress=progress,
            memberships=config.options.secondary_organizations,
            avatars=config.options.avatars,
        )
        refuse_unknown_names(config, snapshot)
        body_report = None
        if bodies:
            pull_articles(
                kayako, snapshot, workers=config.kayako.workers, stop=stop, progress=progress
            )
            catch_up(config, kayako, snapshot, progress=progress, stop=stop)
            body_report = pull_bodies(
                kayako,
                snapshot,
                since=config.read_since,
                wanted=taken_by(config.filters),
                aside=aside_of(config),
                people=True,
                originals=with_originals(config, snapshot),
                workers=config.kayako.workers,
                stop=stop,
                progress=progress,
            )
        return {
            "headers": header_report,
            "bodies": body_report,
            "requests": kayako.http.requests_sent,
        }


def make_plan(
    config: Config,
    scope: Scope,
    *,
    show: int,
    pull: bool,
    records: Sequence[tuple[str, str]] = (),
    progress: Callable[[str, int, int | None], None],
    seen: Callable[[Change], None],
    stop: threading.Event,
    detail: plan.Detail | None = None,
) -> tuple[plan.Plan, str | None]:
    """Return the plan, and why the target could not be looked at (None: it was).

    With ``records`` (entity and source id) it is the plan for these alone; ``detail`` is told each
    change with its fields while the plan is made.
    """
    load_mappings(config.mappings)
    if pull or not is_pulled(config):
        headers_and_bodies(config, bodies=False, progress=progress, stop=stop)
    with open_world(config, write=False, command="plan") as world:
        check(world, scope)
        refuse_unknown_names(config, world.snapshot)
        zammad = Zammad(config.zammad, stop=stop)
        unreachable = None
        try:
            target.look(world, zammad)
        except Unreachable as error:
            unreachable = str(error)
        remembered = RememberedThreads(config.plan_cache, world)
        world.threads = remembered
        try:
            if records:
                made = plan.of_records(world, records)
            else:
                census = remembered.census(world)
                make = partial(plan.make, show=show, seen=seen, census=census, detail=detail)
                made = _of_scope(world, scope, config.order, make)
                there = None if unreachable else zammad
                made.budget = budget_of(config, world, made.needs, there, outlook=made.attributes)
        finally:
            remembered.close()
            zammad.close()
        return made, unreachable


def _of_scope(
    world: World,
    scope: Scope,
    order: tuple[str, ...],
    make: Callable[..., plan.Plan],
) -> plan.Plan:
    """Return the plan for a scope, which says what is not in it."""
    entities = scope.entities(order)
    case_ids = chosen(world, scope) if "tickets" in entities else None
    changes = walk.everything(
        world,
        entities,
        lambda: world.snapshot.case_ids() if case_ids is None else case_ids,
        step=lambda world, entity: listed(world, scope, entity),
        around=lambda changes: with_people(world, scope, changes),
    )
    made = make(world, scope.shown(order), changes=changes)
    made.scope, made.outside_scope = scope.words, outside(world, case_ids)
    if made.outside_scope:
        # Only a part was counted: no mailbox must look as if it were not needed.
        made.inventory.mailboxes = []
    return made
