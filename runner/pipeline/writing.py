"""Apply, finish and reset: what writes."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.engine import apply, attributes, finish, reset, target, tickets, walk
from runner.engine.counts import Counts
from runner.engine.world import SOURCES
from runner.errors import Interrupted, MigrateError, PreflightError
from runner.kayako.pull import pull_headers
from runner.ledger import Ledger, RunLock
from runner.mapping.load import load_mappings
from runner.pipeline.feed import BodyFeed
from runner.pipeline.opening import Scope, connect_kayako, first, go_live_of, open_world
from runner.snapshot import Snapshot
from runner.zammad.client import Zammad

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from runner.config.model import Config
    from runner.engine.apply import Watcher
    from runner.engine.reset import Removal
    from runner.kayako.client import Kayako


@dataclass(slots=True)
class Applied:
    """How an apply ended."""

    counts: Counts
    wrote: bool = False


def run_apply(
    config: Config,
    scope: Scope,
    *,
    pull: bool,
    watcher: Watcher,
    progress: Callable[[str, int, int | None], None],
    stop: threading.Event,
) -> Applied:
    """Apply: headers first, then every step, bodies beside the tickets."""
    load_mappings(config.mappings)
    with ExitStack() as stack:
        if not Snapshot.exists(config.snapshot_folder) and not pull:
            raise PreflightError(
                "there is no snapshot of Kayako yet", advice="run migrate pull, or leave --no-pull"
            )
        world = stack.enter_context(open_world(config, write=True, command="apply"))
        zammad = Zammad(config.zammad)
        stack.callback(zammad.close)
        kayako = connect_kayako(config, stop) if pull else None
        if kayako is not None:
            stack.callback(kayako.close)
            pull_headers(kayako, world.snapshot, progress=progress)
            if config.go_live is None:
                world.go_live = go_live_of(world.snapshot)
        target.look(world, zammad)
        counts = Counts()
        counts.only(scope.entities(config.order))
        run = apply.Run(
            world=world,
            target=target.Target(
                world, settle_seconds=config.zammad.settle_seconds, tell=watcher.say
            ),
            counts=counts,
            watcher=watcher,
            stop=stop,
            workers=config.zammad.workers,
        )
        return _carry_out(config, scope, run, kayako)


def _carry_out(config: Config, scope: Scope, run: apply.Run, kayako: Kayako | None) -> Applied:
    """Go through the steps; however it ends, the counts are written down."""
    ledger, counts = run.world.ledger, run.counts
    run_id = ledger.start_run("apply")
    outcome = "failed"
    try:
        if attributes.outlook(run.world, scope.entities(config.order)).has_changes:
            run.target.open()
        for entity in scope.entities(config.order):
            if entity == "tickets":
                _tickets(run, scope, kayako, config.kayako.workers)
            else:
                _begin(run, entity, run.world.snapshot.count(SOURCES[entity]))
                apply.listed(run, entity, walk.listed(run.world, entity))
            ledger.update_run(run_id, counts.as_import_job())
        outcome = "failed records" if counts.failed() else "done"
    except Interrupted:
        outcome = "interrupted"
        raise
    finally:
        ledger.finish_run(run_id, outcome, counts.as_import_job())
    return Applied(counts, wrote=run.target.is_open)


def _begin(run: apply.Run, entity: str, total: int) -> None:
    run.counts.expect(entity, total)
    run.watcher.begin(entity, total)


def _tickets(run: apply.Run, scope: Scope, kayako: Kayako | None, workers: int) -> None:
    snapshot = run.world.snapshot
    total = snapshot.count("cases")
    _begin(run, "tickets", total if scope.limit is None else min(total, scope.limit))
    feed = BodyFeed(run, kayako, workers, scope.limit) if kayako is not None else None
    try:
        apply.ticket_stream(
            run,
            tickets.changes(
                run.world,
                first(snapshot.case_ids(), scope.limit),
                bodies=feed.wait if feed else lambda case_id: _unread(snapshot, case_id),
            ),
            ready=feed.is_ready if feed else lambda: True,
        )
    finally:
        if feed is not None:
            feed.close()


def _unread(snapshot: Snapshot, case_id: int) -> MigrateError | None:
    """Say why a conversation cannot be written without pulling; None when it can."""
    if snapshot.bodies(case_id) == "missing":
        return MigrateError("they were never pulled; leave --no-pull, or run migrate pull first")
    return None


def run_finish(config: Config, *, tell: Callable[[str], None]) -> finish.Finished:
    """Finish: deferred values, import mode off."""
    with open_world(config, write=True, command="finish") as world:
        zammad = Zammad(config.zammad)
        try:
            target.look(world, zammad)
            run_id = world.ledger.start_run("finish")
            finished = finish.finish(
                world, zammad, settle_seconds=config.zammad.settle_seconds, tell=tell
            )
            world.ledger.finish_run(run_id, "failed records" if finished.failed else "done")
        finally:
            zammad.close()
        return finished


def run_reset(
    config: Config,
    *,
    discard_changes: bool,
    tell: Callable[[str], None],
    stopped: Callable[[], bool],
) -> Removal:
    """Reset: take away what this runner created."""
    with open_world(config, write=True, command="reset") as world:
        zammad = Zammad(config.zammad)
        try:
            target.look(world, zammad)
            return reset.reset(
                world,
                zammad,
                discard_changes=discard_changes,
                settle_seconds=config.zammad.settle_seconds,
                tell=tell,
                stopped=stopped,
            )
        finally:
            zammad.close()


def forget(config: Config) -> None:
    """Forget what was done, without touching Zammad (``reset --state-only``)."""
    with RunLock(config.workdir / "lock", "reset"):
        ledger = Ledger.open(config.ledger_file)
        ledger.discard()
        ledger.close()


def reset_outlook(config: Config) -> Removal:
    """Return what a reset would do, from the ledger alone."""
    with open_world(config, write=False, command="reset") as world:
        return reset.outlook(world)
