"""Apply and reset: what writes."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

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
    touched,
)
from runner.engine.brake import Brake
from runner.engine.counts import Counts
from runner.engine.needed import ON_DEMAND
from runner.engine.pace import Pace
from runner.errors import Interrupted, PreflightError, TooManyErrors
from runner.kayako.articles import pull_articles
from runner.kayako.pull import pull_headers
from runner.mapping.load import load_mappings
from runner.pipeline import saving
from runner.pipeline.budgeting import begin_remaining, keep_pace
from runner.pipeline.catching_up import catch_up
from runner.pipeline.feed import reading_ahead
from runner.pipeline.filtering import refuse_unknown_names
from runner.pipeline.notes import body_notes, header_notes, time_notes
from runner.pipeline.opening import (
    connect_kayako,
    go_live_of,
    is_pulled,
    nobody,
    open_ledger,
    open_world,
)
from runner.pipeline.scoping import (
    Scope,
    check,
    chosen,
    expected,
    failures,
    listed,
    outside,
    unfinished,
    walked,
    with_people,
)
from runner.pipeline.windows import reopened
from runner.zammad.client import Zammad

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    from runner.config.model import Config
    from runner.engine.apply import Watcher
    from runner.engine.remaining import Remaining
    from runner.engine.reset import Removal
    from runner.engine.saved_plan import SavedPlan
    from runner.engine.world import World
    from runner.kayako.client import Kayako
    from runner.pipeline.feed import BodyFeed
    from runner.pipeline.opening import Connected


@dataclass(slots=True)
class Applied:
    """How an apply ended; ``conflicts``, ``gone`` and ``outside_scope`` as in a plan.

    ``reopened``: import mode is off again, see ``runner.pipeline.windows``.
    """

    counts: Counts
    wrote: bool = False
    notes: list[str] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    gone: dict[str, list[int]] = field(default_factory=dict)
    outside_scope: int = 0
    reopened: bool = False


class Wanted(NamedTuple):
    """What a run is about: its scope, and the conversations of it (None: all)."""

    scope: Scope
    case_ids: Sequence[int] | None


def run_apply(
    config: Config,
    scope: Scope,
    *,
    pull: bool,
    watcher: Watcher,
    progress: Callable[[str, int, int | None], None],
    stop: threading.Event,
    brake: Brake | None = None,
    saved: SavedPlan | None = None,
    remaining: Remaining | None = None,
    connected: Connected = nobody,
    backup: Mapping[str, str] | None = None,
    choose: Callable[[World], Scope] | None = None,
) -> Applied:
    """Apply: headers first, then every step, bodies beside the tickets.

    With ``saved``, a plan for this ``scope``, exactly its changes are written; ``pull`` is False.
    ``connected`` is told who is asked, and how to find out how hard; ``backup`` is what was said
    of one, see ``backups.statement``. ``remaining`` tells meanwhile how long it still takes.
    ``choose`` says what the scope is, where that is known only once the headers are read.

    Raises:
        Stale: ``saved`` is not what would be done now.
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
        connected("zammad", zammad.http.usage)
        kayako = connect_kayako(config, stop) if pull else None
        if kayako is not None:
            connected("kayako", kayako.http.usage)
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
        if choose is not None:
            scope = choose(world)
        check(world, scope)
        refuse_unknown_names(config, world.snapshot)
        touched.watch(world)
        target.look(world, zammad)
        agreement = saving.agree(saved, scope, config, world, zammad) if saved else None
        case_ids = None
        if "tickets" in scope.entities(config.order):
            case_ids = chosen(world, scope)
            if kayako is not None:
                snapshot = world.snapshot
                catch_up(config, kayako, snapshot, case_ids=case_ids, progress=progress, stop=stop)
        counts = Counts()
        counts.only(scope.shown(config.order))
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
            on_demand=frozenset(ON_DEMAND if scope.brings_people else ()),
            agreement=agreement,
        )
        sha256 = agreement.sha256 if agreement else None
        run_id = world.ledger.start_run("apply", scope=scope.words, plan=sha256)
        if backup is not None:
            world.ledger.note_run(run_id, {"backup": dict(backup)})
        if remaining is not None:
            limit = None if case_ids is None else len(case_ids)
            steps = scope.entities(config.order)
            begin_remaining(remaining, config, run, kayako, entities=steps, limit=limit)
        wanted = Wanted(scope, case_ids)
        with reopened(config, run, windowed=run.brake.until is not None) as door:
            done = _carry_out(config, wanted, run, kayako, notes, run_id=run_id)
        done.reopened = door.is_open
        done.notes += door.told
        return done


def _carry_out(
    config: Config,
    wanted: Wanted,
    run: apply.Run,
    kayako: Kayako | None,
    notes: list[str],
    *,
    run_id: int,
) -> Applied:
    """Go through the steps; however it ends, the counts are written down."""
    scope, ledger, counts = wanted.scope, run.world.ledger, run.counts
    entities = scope.entities(config.order)
    pace = Pace(run.watcher, lambda points: ledger.note_pace(run_id, points))
    run.watcher = pace
    outcome = "failed"
    try:
        # Posts are read while people are written: the first ticket then waits for none.
        asked = kayako if "tickets" in entities else None
        with reading_ahead(run, asked, config, wanted.case_ids) as feed:
            if attributes.outlook(run.world, entities).has_changes:
                run.target.open()
            for entity in entities:
                if entity == "tickets":
                    notes += _tickets(run, wanted, feed)
                else:
                    _listed(run, scope, entity, kayako, config)
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
        gone=run.world.gone(entities),
        outside_scope=outside(run.world, wanted.case_ids),
    )


def _listed(
    run: apply.Run, scope: Scope, entity: str, kayako: Kayako | None, config: Config
) -> None:
    """Write everything but tickets, one step of it, and what hangs at its records."""
    if entity == knowledge_beside.ANSWERS and kayako is not None:
        workers = config.kayako.workers
        pull_articles(kayako, run.world.snapshot, workers=workers, stop=run.stop)
    _begin(run, entity, expected(run.world, scope, entity))
    apply.listed(run, entity, run.agreed(entity, listed(run.world, scope, entity)))
    if entity == "users":
        _pictures(run, scope)
    if entity == knowledge_beside.ANSWERS:
        knowledge_links.write(run)


def _pictures(run: apply.Run, scope: Scope) -> None:
    """Write people's pictures; with what failed only where pictures did."""
    if not scope.picks or (scope.failed and failures(run.world.ledger, avatars.TABLE)):
        avatars.write(run)


def _begin(run: apply.Run, entity: str, total: int) -> None:
    run.step = entity
    run.counts.expect(entity, total)
    run.watcher.begin(entity, total)


def _tickets(run: apply.Run, wanted: Wanted, feed: BodyFeed | None) -> list[str]:
    """Write tickets while posts are read; return what somebody should look at."""
    snapshot = run.world.snapshot
    total = snapshot.count("cases") if wanted.case_ids is None else len(wanted.case_ids)
    _begin(run, "tickets", total + len(unfinished(run.world, wanted.scope)))
    changes = tickets.changes(
        run.world,
        walked(run.world, wanted.scope, wanted.case_ids),
        bodies=feed.wait if feed else lambda case_id: saving.unread(snapshot, case_id),
    )
    apply.ticket_stream(
        run,
        run.agreed("tickets", with_people(run.world, wanted.scope, changes)),
        ready=feed.is_ready if feed else lambda: True,
    )
    if feed is not None:
        feed.close()
    ticket_links.write(run)
    return [*body_notes(feed.report if feed else None), *time_notes(snapshot)]


def run_reset(
    config: Config,
    *,
    discard_changes: bool,
    tell: Callable[[str], None],
    progress: Callable[[str, int, int | None], None] = lambda *_: None,
    stopped: Callable[[], bool],
    connected: Connected = nobody,
) -> Removal:
    """Reset: take away what this runner created. Needs neither mappings nor snapshot."""
    with open_ledger(config, write=True, command="reset") as ledger:
        zammad = Zammad(config.zammad)
        try:
            connected("zammad", zammad.http.usage)
            target.recognise(ledger, zammad)
            return reset.reset(
                ledger,
                zammad,
                kayako_host=config.kayako.host,
                discard_changes=discard_changes,
                settle_seconds=config.zammad.settle_seconds,
                tell=tell,
                progress=progress,
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
