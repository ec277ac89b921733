"""Plans in files: saved by ``plan --out``, and carried out by ``apply FILE`` as they are."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner import __version__
from runner.engine import conversations, made_from, plan, touched
from runner.engine.agreement import Agreement
from runner.engine.message_ids import chosen as with_original
from runner.engine.saved_plan import SavedPlan, Writer, is_plan, planned
from runner.errors import MigrateError, PreflightError, Stale, UsageError
from runner.kayako.articles import pull_articles
from runner.kayako.pull import pull_bodies
from runner.pipeline.budgeting import keep_pace
from runner.pipeline.catching_up import catch_up
from runner.pipeline.keeping import private_file
from runner.pipeline.opening import aside_of, connect_kayako, open_world
from runner.pipeline.scoping import Scope, check, chosen
from runner.snapshot import stamps

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from runner.config.model import Config
    from runner.engine.change import Change
    from runner.engine.world import World
    from runner.snapshot import Snapshot
    from runner.zammad.client import Zammad

_MOST_MOVED = 30


@dataclass(frozen=True, slots=True)
class Saving:
    """A plan on its way into a file."""

    world: World
    zammad: Zammad
    writer: Writer

    def begun(self, entity: str) -> None:
        """A step begins."""
        self.writer.step(entity)

    def seen(self, change: Change) -> None:
        """Take one change in, and what is written beside it."""
        updated_at = touched.relied_on(self.world, self.zammad, change)
        self.writer.change(planned(change, updated_at))
        beside = plan.beside(self.world, change)
        if beside is not None:
            self.writer.beside(beside[0], change.source_id)


@contextmanager
def saving(
    config: Config, scope: Scope, path: Path, world: World, zammad: Zammad
) -> Iterator[Saving]:
    """Yield what takes a plan in; the file is there, whole, when the block ends well.

    Args:
        config: Where and how.
        scope: What is planned.
        path: The file; one that is there is replaced only if it is a plan.
        world: What is planned with; Zammad was looked at.
        zammad: It.

    Raises:
        UsageError: something else stands in the file.
        MigrateError: it cannot be written.
    """
    refuse_other(path)
    with private_file(path) as file:
        about = {
            "made_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            **made_from.describe(config, world, zammad, scope.shown(config.order)),
            "scope": asdict(scope),
        }
        writer = Writer(file, about)
        writer.seen(stamps.records(world.snapshot))
        yield Saving(world, zammad, writer)
        writer.end()


def refuse_other(path: Path) -> None:
    """Make sure that saving a plan overwrites nothing but a plan.

    Raises:
        UsageError: it would.
    """
    if path.exists() and not is_plan(path):
        raise UsageError(
            f"--out {path}: there is something else in that file", advice="name another file"
        )


def unread(snapshot: Snapshot, case_id: int) -> MigrateError | None:
    """Say why a conversation cannot be written without pulling; None when it can."""
    if snapshot.bodies(case_id) == "missing":
        return MigrateError("they were never pulled; leave --no-pull, or run migrate pull first")
    return None


def read_all(
    config: Config,
    scope: Scope,
    *,
    progress: Callable[[str, int, int | None], None],
    stop: threading.Event,
) -> None:
    """Read what the snapshot lacks of a scope, so that nothing of Kayako is needed to apply it.

    Kayako is asked for posts, files and what hangs beside them; its lists are not read again.
    """
    entities = scope.entities(config.order)
    with ExitStack() as stack:
        world = stack.enter_context(open_world(config, write=True, command="plan"))
        kayako = connect_kayako(config, stop)
        stack.callback(kayako.close)
        snapshot, workers = world.snapshot, config.kayako.workers
        stack.callback(keep_pace, snapshot, kayako)
        check(world, scope)
        if "kb_answers" in entities:
            pull_articles(kayako, snapshot, workers=workers, stop=stop, progress=progress)
        if "tickets" not in entities:
            return
        case_ids = chosen(world, scope)
        catch_up(config, kayako, snapshot, case_ids=case_ids, progress=progress, stop=stop)
        tried: set[int] = set()
        # What a conversation was merged into is known once its own posts are read.
        while wanted := [one for one in _lacking(world, case_ids) if one not in tried]:
            tried.update(wanted)
            pull_bodies(
                kayako,
                snapshot,
                case_ids=wanted,
                aside=aside_of(config),
                originals=lambda case: with_original(world, case),
                people=True,
                workers=workers,
                stop=stop,
                progress=progress,
            )


def _lacking(world: World, case_ids: Sequence[int] | None) -> Iterator[int]:
    """Yield conversations whose posts are needed and not there: those that move, and survivors."""
    snapshot = world.snapshot
    for case_id in snapshot.case_ids() if case_ids is None else case_ids:
        following: int | None = case_id
        seen: set[int] = set()
        while following is not None and following not in seen:
            seen.add(following)
            record = snapshot.record("cases", following)
            if record is None or conversations.outcome(world, record).skip is not None:
                break
            if snapshot.bodies(following) != "complete":
                yield following
            following = record.get("merged_into")


def open_plan(config: Config, path: Path) -> tuple[SavedPlan, Scope]:
    """Open a saved plan and see that it is one for this config's folder and hosts.

    Raises:
        StoreUnreadable: it is not whole, or no plan.
        Stale: it is of another format, program, folder or host.
        PreflightError: there is no snapshot any more.
    """
    saved = SavedPlan(path)
    for name, here in made_from.place(config).items():
        there = saved.made_from[name]
        if there != here:
            raise Stale(
                f"{path} was made for the {name} {there}, and the config names {here}",
                advice="apply it with the config that it was made with, or make a new plan here",
            )
    if saved.made_from["program"] != __version__:
        raise Stale(
            f"{path} was saved by version {saved.made_from['program']} of this program, this is"
            f" {__version__}",
            advice=_again(path),
        )
    if not config.snapshot_folder.exists():
        raise PreflightError("the snapshot that the plan was made from is not there any more")
    known = {one.name for one in fields(Scope)}
    values: dict[str, Any] = {
        name: _tuples(value) for name, value in saved.made_from["scope"].items() if name in known
    }
    return saved, Scope(**values)


def _tuples(value: Any) -> Any:
    """Return what JSON made of tuples, as tuples again."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def agree(
    saved: SavedPlan, scope: Scope, config: Config, world: World, zammad: Zammad
) -> Agreement:
    """Make sure that nothing moved since a plan was saved, and go on to watch over its changes.

    Zammad was looked at; tickets that the plan touches are asked for, one request each. Nothing is
    written. A run of the same plan that was cut off is continued: what it wrote itself is no reason
    to refuse, so of Zammad only the installation is compared then.

    Raises:
        Stale: something moved, each by its name.
    """
    goes_on = _goes_on(saved, world)
    moved = [*made_from.moved_here(saved, config, world, goes_on=goes_on)]
    if not goes_on:
        entities = scope.shown(config.order)
        moved += made_from.moved_there(saved, world, zammad, entities)
        moved += touched.moved(saved, world, zammad, workers=config.zammad.workers)
    if moved:
        more = len(moved) - _MOST_MOVED
        shown = [*moved[:_MOST_MOVED], *([f"and {more:,} more"] if more > 0 else [])]
        lines = "".join(f"\n  {line}" for line in shown)
        raise Stale(
            f"the plan in {saved.path} is stale; since {saved.made_at}:{lines}",
            advice=f"nothing was written; {_again(saved.path)}",
        )
    return Agreement(saved, world, goes_on=goes_on)


def _goes_on(saved: SavedPlan, world: World) -> bool:
    """Say whether every run since the plan was saved is one of this very plan."""
    since: list[dict[str, Any]] = world.ledger.runs()[saved.made_from["ledger"]["runs"] :]
    return bool(since) and all(run.get("plan") == saved.sha256 for run in since)


def _again(path: Path) -> str:
    return f"make it anew: migrate plan --out {path}"
