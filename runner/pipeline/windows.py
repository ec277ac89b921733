"""Giving a Zammad back that is in use already, at the end of a run in a closed window."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.engine import finish
from runner.engine.awakening import Awakening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.config.model import Config
    from runner.engine.apply import Run
    from runner.ledger import Readable


@dataclass(slots=True)
class Door:
    """``is_open``: import mode is off again, and people may work; ``told``: who hears of what."""

    is_open: bool = False
    told: list[str] = field(default_factory=list)


def is_live(ledger: Readable) -> bool:
    """Say whether the move was finished once, so that people work in Zammad."""
    return any(run["kind"] == "finish" and run["outcome"] is not None for run in ledger.runs())


@contextmanager
def reopened(config: Config, run: Run, *, windowed: bool) -> Iterator[Door]:
    """Do what ``finish`` does when a run in a window ends, however it ends.

    Only where people worked in Zammad before it: they come back in the morning, and mails that
    they write in import mode vanish silently. What is still to be moved waits for the next window.
    Nobody is there to be asked, so what Zammad does by itself now, as on any other day, is told
    before it is let: reminders that are due, tickets whose waiting is over.
    """
    door = Door()
    try:
        yield door
    finally:
        world = run.world
        if windowed and run.target.is_open and is_live(world.ledger):
            for obstacle in Awakening(world.ledger, run.target.zammad).obstacles():
                door.told.append(f"Zammad acts on this now that people are back: {obstacle.text}")
                run.watcher.say(door.told[-1])
            run_id = world.ledger.start_run("finish")
            finished = finish.finish(
                world,
                run.target.zammad,
                settle_seconds=config.zammad.settle_seconds,
                tell=run.watcher.say,
                follow_ups=config.options.follow_ups == "find",
            )
            outcome = "failed records" if finished.failed else "done"
            world.ledger.finish_run(run_id, outcome)
            door.is_open = True
