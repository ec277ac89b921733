"""Pull and plan: what only reads."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from runner.engine import plan, target
from runner.engine.remembered import RememberedThreads
from runner.errors import Unreachable
from runner.kayako.articles import pull_articles
from runner.kayako.pull import pull_bodies, pull_headers
from runner.ledger import RunLock
from runner.mapping.load import load_mappings
from runner.pipeline.budgeting import budget_of, keep_pace
from runner.pipeline.catching_up import catch_up, with_originals
from runner.pipeline.opening import (
    Scope,
    aside_of,
    connect_kayako,
    first,
    is_pulled,
    make_workdir,
    open_world,
)
from runner.snapshot import Snapshot
from runner.zammad.client import Zammad

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from runner.config.model import Config
    from runner.engine.change import Change


def headers_and_bodies(
    config: Config,
    *,
    bodies: bool,
    progress: Callable[[str, int, int | None], None],
    stop: threading.Event,
) -> dict[str, Any]:
    """Pull: headers, then bodies; return counts and what is not available."""
    make_workdir(config)
    with ExitStack() as stack:
        stack.enter_context(RunLock(config.workdir / "lock", "pull"))
        snapshot = Snapshot.open(config.snapshot_folder, kayako_url=config.kayako.url)
        stack.callback(snapshot.close)
        kayako = connect_kayako(config, stop)
        stack.callback(kayako.close)
        stack.callback(keep_pace, snapshot, kayako)
        header_report = pull_headers(
            kayako,
            snapshot,
            progress=progress,
            memberships=config.options.secondary_organizations,
            avatars=config.options.avatars,
        )
        body_report = None
        if bodies:
            pull_articles(
                kayako, snapshot, workers=config.kayako.workers, stop=stop, progress=progress
            )
            catch_up(config, kayako, snapshot, progress=progress, stop=stop)
            body_report = pull_bodies(
                kayako,
                snapshot,
                since=config.options.keep_since,
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
                made = plan.make(
                    world,
                    scope.entities(config.order),
                    case_ids=lambda: first(world.snapshot.case_ids(), scope.limit),
                    show=show,
                    seen=seen,
                    census=remembered.census(world),
                    detail=detail,
                )
                there = None if unreachable else zammad
                made.budget = budget_of(config, world, made.needs, there, outlook=made.attributes)
        finally:
            remembered.close()
            zammad.close()
        return made, unreachable
