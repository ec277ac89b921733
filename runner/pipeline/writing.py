"""Apply and reset: what writes."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from runner.engine import (
    apply,
    attributes,
    avatars,
    knowledge_beside,
    knowledge_links,
    reset,
    target,
    ticket_links,
    tickets,
    walk,
)
from runner.engine.brake import Brake
from runner.engine.counts import Counts
from runner.engine.pace import Pace
from runner.engine.world import SOURCES
from runner.errors import Interrupted, MigrateError, PreflightError, TooManyErrors
from runner.kayako.articles import pull_articles
from runner.kayako.pull import pull_headers
from runner.mapping.load import load_mappings
from runner.pipeline.budgeting import begin_remaining, keep_pace
from runner.pipeline.catching_up import catch_up
from runner.pipeline.feed import BodyFeed
from runner.pipeline.notes import body_notes, header_notes, time_notes
from runner.pipeline.opening import (
    Scope,
    aside_of,
    connect_kayako,
    first,
    go_live_of,
    is_pulled,
    open_ledger,
    open_world,
)
from runner.zammad.client import Zammad

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from runner.config.model import Config
    from runner.engine.apply import Watcher
    from runner.engine.remaining import Remaining
    from runner.engine.reset import Removal
    from runner.kayako.client import Kayako
    from runner.snapshot import Snapshot


@dataclass(slots=True)
class Applied:
    """How an apply ended; ``conflicts`` and ``gone`` as in a plan."""

    counts: Counts
    wrote: bool = False
    notes: list[str] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    gone: dict[str, list[int]] = field(default_factory=dict)


def run_apply(
    config: Config,
    scope: Scope,
    *,
    pull: bool,
    watcher: Watcher,
    progress: Callable[[str, int, int | None], None],
    stop: threading.Event,
    brake: Brake | None = None,
    remaining: Remaining | None = None,
) -> Applied:
    """Apply: headers first, then every step, bodies beside the tickets.

    ``remaining`` tells meanwhile how long it still takes.

    Raises:
        TooManyErrors: ``brake`` ended the run.
        Interrupted: ``stop`` or ``brake`` did.
    """
    load_mappings(config.mappings)
    notes: list[str] = []
    with ExitStack() as stack:
        if not pull and not is_pulled(config):
            raise PreflightError(
                "there is no snapshot of Kayako yet", advice="run migrate pull, or leave --no-pull"
            )
        world = stack.enter_context(open_world(config, write=True, command="apply"))
        zammad = Zammad(config.zammad)
        stack.callback(zammad.close)
        kayako = connect_kayako(config, stop) if pull else None
        if kayako is not None:
            stack.callback(kayako.close)
            stack.callback(keep_pace, world.snapshot, kayako)
            report = pull_headers(
                kayako,
                world.snapshot,
                progress=progress,
                memberships=config.options.secondary_organizations,
                avatars=config.options.avatars,
            )
            notes += header_notes(report)
            if config.go_live is None:
                world.go_live = go_live_of(world.snapshot)
            if "tickets" in scope.entities(config.order):
                snapshot, limit = world.snapshot, scope.limit
                catch_up(config, kayako, snapshot, limit=limit, progress=progress, stop=stop)
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
            brake=brake or Brake(),
        )
        if remaining is not None:
            begin_remaining(remaining, config, run, kayako, scope)
        return _carry_out(config, scope, run, kayako, notes)


def _carry_out(
    config: Config, scope: Scope, run: apply.Run, kayako: Kayako | None, notes: list[str]
) -> Applied:
    """Go through the steps; however it ends, the counts are written down."""
    ledger, counts = run.world.ledger, run.counts
    run_id = ledger.start_run("apply")
    pace = Pace(run.watcher, lambda points: ledger.note_pace(run_id, points))
    run.watcher = pace
    outcome = "failed"
    try:
        if attributes.outlook(run.world, scope.entities(config.order)).has_changes:
            run.target.open()
        for entity in scope.entities(config.order):
            if entity == "tickets":
                notes += _tickets(run, scope, kayako, config)
            else:
                if entity == knowledge_beside.ANSWERS and kayako is not None:
                    workers = config.kayako.workers
                    pull_articles(kayako, run.world.snapshot, workers=workers, stop=run.stop)
                source = (SOURCES | knowledge_beside.SOURCES)[entity]
                _begin(run, entity, run.world.snapshot.count(source))
                apply.listed(run, entity, walk.listed(run.world, entity))
                if entity == "users":
                    avatars.write(run)
                if entity == knowledge_beside.ANSWERS:
                    knowledge_links.write(run)
            ledger.update_run(run_id, counts.as_import_job())
        outcome = "failed records" if counts.failed() else "done"
    except TooManyErrors:
        outcome = "too many errors"
        raise
    except Interrupted:
        # Whoever noticed first may only know that the run is to stop.
        outcome = "too many errors" if isinstance(run.ended, TooManyErrors) else "interrupted"
        raise run.why_stopped() from None
    finally:
        pace.close()
        kinds = run.target.zammad.http.timings.as_json()
        ledger.note_requests(run_id, {"workers": run.workers, "kinds": kinds})
        ledger.finish_run(run_id, outcome, counts.as_import_job())
    return Applied(
        counts,
        wrote=run.target.is_open,
        notes=notes,
        conflicts=run.conflicts,
        gone=run.world.gone(scope.entities(config.order)),
    )


def _begin(run: apply.Run, entity: str, total: int) -> None:
    run.counts.expect(entity, total)
    run.watcher.begin(entity, total)


def _tickets(run: apply.Run, scope: Scope, kayako: Kayako | None, config: Config) -> list[str]:
    """Write tickets while posts are read; return what somebody should look at."""
    workers = config.kayako.workers
    snapshot = run.world.snapshot
    unfinished = tickets.unfinished(run.world)
    total = snapshot.count("cases") + len(unfinished)
    _begin(run, "tickets", total if scope.limit is None else min(total, scope.limit))
    feed = None
    if kayako is not None:
        feed = BodyFeed(run, kayako, workers, scope.limit, aside_of(config))
    try:
        apply.ticket_stream(
            run,
            tickets.changes(
                run.world,
                chain(unfinished, first(snapshot.case_ids(), scope.limit)),
                bodies=feed.wait if feed else lambda case_id: _unread(snapshot, case_id),
            ),
            ready=feed.is_ready if feed else lambda: True,
        )
    finally:
        if feed is not None:
            feed.close()
    ticket_links.write(run)
    return [*body_notes(feed.report if feed else None), *time_notes(snapshot)]


def _unread(snapshot: Snapshot, case_id: int) -> MigrateError | None:
    """Say why a conversation cannot be written without pulling; None when it can."""
    if snapshot.bodies(case_id) == "missing":
        return MigrateError("they were never pulled; leave --no-pull, or run migrate pull first")
    return None


def run_reset(
    config: Config,
    *,
    discard_changes: bool,
    tell: Callable[[str], None],
    stopped: Callable[[], bool],
) -> Removal:
    """Reset: take away what this runner created. Needs neither mappings nor snapshot."""
    with open_ledger(config, write=True, command="reset") as ledger:
        zammad = Zammad(config.zammad)
        try:
            target.recognise(ledger, zammad)
            return reset.reset(
                ledger,
                zammad,
                kayako_host=config.kayako.host,
                discard_changes=discard_changes,
                settle_seconds=config.zammad.settle_seconds,
                tell=tell,
                stopped=stopped,
            )
        finally:
            zammad.close()


def forget(config: Config) -> None:
    """Forget what was done, without touching Zammad (``reset --state-only``)."""
    with open_ledger(config, write=True, command="reset") as ledger:
        ledger.discard()


def reset_outlook(config: Config) -> Removal:
    """Return what a reset would do, from the ledger alone."""
    with open_ledger(config, write=False, command="reset") as ledger:
        return reset.outlook(ledger)
