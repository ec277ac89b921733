"""Finish: what stands in the way, going live, and a look at it afterwards."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.engine import finish, gate, logins, searching, target
from runner.pipeline.keeping import kept_verification
from runner.pipeline.opening import open_ledger, open_world
from runner.pipeline.runs import who
from runner.zammad import settings as zammad_settings
from runner.zammad.client import Zammad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from runner.config.model import Config
    from runner.engine.obstacle import Obstacle
    from runner.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Aftermath:
    """How it stands after going live; ``indexed`` says that Elasticsearch answers searches."""

    searched: searching.Searched
    logins: logins.Logins
    indexed: bool


def obstacles(config: Config) -> list[Obstacle]:
    """Return what has to be accepted before import mode ends; writes nothing.

    Raises:
        Stale: it is not the Zammad of the ledger.
    """
    with _reading(config) as (ledger, zammad):
        return list(gate.obstacles(ledger, zammad, kept_verification(config)))


def run_finish(
    config: Config, *, tell: Callable[[str], None], accepted: Sequence[Obstacle] = ()
) -> finish.Finished:
    """Finish: deferred values, settings, import mode off.

    ``accepted`` is kept in the run's row: what it was, who took it on, and when.
    """
    with open_world(config, write=True, command="finish") as world:
        zammad = Zammad(config.zammad)
        try:
            target.look(world, zammad)
            # Where nothing was moved, reset still has settings to give back.
            target.remember(world.ledger, zammad, zammad_settings.read(zammad))
            run_id = world.ledger.start_run("finish")
            if accepted:
                facts = [{"kind": obstacle.kind, "text": obstacle.text} for obstacle in accepted]
                world.ledger.note_run(run_id, {"accepted": facts, "accepted_by": who()})
            finished = finish.finish(
                world,
                zammad,
                settle_seconds=config.zammad.settle_seconds,
                tell=tell,
                follow_ups=config.options.follow_ups == "find",
            )
            world.ledger.finish_run(run_id, "failed records" if finished.failed else "done")
        finally:
            zammad.close()
        return finished


def aftermath(config: Config) -> Aftermath:
    """Search for old tickets as an agent would, and look how agents come in; writes nothing.

    Raises:
        Stale: it is not the Zammad of the ledger.
    """
    with _reading(config) as (ledger, zammad):
        settings = zammad_settings.read(zammad)
        index = settings.get("es_url")
        return Aftermath(
            searched=searching.search(ledger, zammad),
            logins=logins.logins(ledger, settings, config.zammad.url),
            indexed=bool(index and index.value),
        )


@contextmanager
def _reading(config: Config) -> Iterator[tuple[Ledger, Zammad]]:
    with open_ledger(config, write=False, command="finish") as ledger:
        zammad = Zammad(config.zammad)
        try:
            target.recognise(ledger, zammad)
            yield ledger, zammad
        finally:
            zammad.close()
