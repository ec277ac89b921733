"""Pull and plan: what only reads."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.engine import drift, plan, target, touched, walk
from runner.engine.conversations import taken_by
from runner.engine.remembered import RememberedThreads
from runner.engine.reset_time import expected
from runner.errors import Unreachable
from runner.kayako.articles import pull_articles
from runner.kayako.pull import pull_bodies, pull_headers
from runner.ledger import RunLock
from runner.mapping.load import load_mappings
from runner.pipeline import saving
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
from runner.pipeline.scoping import Scope, check, chosen, listed, outside, walked, with_people
from runner.snapshot import Snapshot
from runner.zammad.client import Zammad

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from pathlib import Path

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
    out: Path | None = None,
    refresh: bool = False,
    progress: Callable[[str, int, int | None], None],
    seen: Callable[[Change], None],
    stop: threading.Event,
    detail: plan.Detail | None = None,
) -> tuple[plan.Plan, str | None]:
    """Return the plan, and why the target could not be looked at (None: it was).

    With ``records`` (entity and source id) it is the plan for these alone. With ``out`` it is
    saved there, which needs all of Kayako's posts, and a Zammad that can be reached. With
    ``refresh`` it says how the records that the ledger knows are in Zammad now. ``detail`` is told
    each change with its fields while the plan is made.

    Raises:
        Unreachable: Zammad cannot be reached, and the plan was to be saved or refreshed.
    """
    load_mappings(config.mappings)
    if out is not None:
        saving.refuse_other(out)
    if pull or not is_pulled(config):
        headers_and_bodies(config, bodies=False, progress=progress, stop=stop)
    if out is not None:
        saving.read_all(config, scope, progress=progress, stop=stop)
    with ExitStack() as stack:
        world = stack.enter_context(open_world(config, write=False, command="plan"))
        check(world, scope)
        refuse_unknown_names(config, world.snapshot)
        zammad = Zammad(config.zammad, stop=stop)
        stack.callback(zammad.close)
        unreachable = _look(world, zammad, needed=out is not None or refresh)
        about: dict[str, Any] = {
            "drift": drift.look(world, zammad) if refresh else None,
            "reset": expected(world.ledger, settle_seconds=config.zammad.settle_seconds),
        }
        remembered = RememberedThreads(config.plan_cache, world)
        stack.callback(remembered.close)
        if records:
            world.threads = remembered
            return plan.of_records(world, records), unreachable
        how: dict[str, Any] = {"show": show, "census": remembered.census(world), "detail": detail}
        if out is not None:
            # What is remembered of messages is not all that is sent.
            with saving.saving(config, scope, out, world, zammad) as saved:
                made = _planned(world, scope, config.order, seen=seen, saved=saved, **how)
        else:
            world.threads = remembered
            made = _planned(world, scope, config.order, seen=seen, **how)
        there = None if unreachable else zammad
        made.budget = budget_of(config, world, made.needs, there, outlook=made.attributes)
        return replace(made, **about), unreachable


def _look(world: World, zammad: Zammad, *, needed: bool) -> str | None:
    """Look at Zammad; return why that is not possible, where it is not needed."""
    touched.watch(world)
    try:
        target.look(world, zammad)
    except Unreachable as error:
        if needed:
            raise
        return str(error)
    return None


def _planned(
    world: World,
    scope: Scope,
    order: tuple[str, ...],
    *,
    seen: Callable[[Change], None],
    saved: saving.Saving | None = None,
    **how: Any,
) -> plan.Plan:
    """Plan a scope, into a file as well where it is saved; it says what is not in it.

    ``how`` goes to ``plan.make``.
    """

    def take(change: Change) -> None:
        if saved is not None:
            saved.seen(change)
        seen(change)

    snapshot = world.snapshot
    entities = scope.entities(order)
    case_ids = chosen(world, scope) if "tickets" in entities else None
    changes = walk.everything(
        world,
        entities,
        lambda: walked(world, scope, case_ids),
        step=lambda world, entity: listed(world, scope, entity),
        around=lambda changes: with_people(world, scope, changes),
        begun=(lambda _: None) if saved is None else saved.begun,
        bodies=None if saved is None else lambda case_id: saving.unread(snapshot, case_id),
    )
    made = plan.make(world, scope.shown(order), changes=changes, seen=take, **how)
    made.scope, made.outside_scope = scope.words, outside(world, case_ids)
    if made.outside_scope:
        # Only a part was counted: no mailbox must look as if it were not needed.
        made.inventory.mailboxes = []
    return made
