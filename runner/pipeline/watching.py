"""Planning again whenever a mapping file is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine.effect import Difference, Effects
from runner.errors import InvalidFiles
from runner.pipeline.reading import make_plan

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path

    from runner.config.model import Config
    from runner.engine.change import Change
    from runner.engine.plan import Plan
    from runner.pipeline.scoping import Scope

POLL_SECONDS = 0.2
"""How often the files are looked at: quicker than a hand goes from the editor to the terminal."""


def watch_plan(
    config: Config,
    scope: Scope,
    *,
    planned: Callable[[Plan, list[Difference]], None],
    mistaken: Callable[[InvalidFiles], None],
    progress: Callable[[str, int, int | None], None],
    seen: Callable[[Change], None],
    stop: threading.Event,
) -> None:
    """Plan, and plan again after every save, until told to stop.

    Args:
        config: Where mappings and snapshot are; it is not read again.
        scope: What is planned.
        planned: Told each plan, and what is different from the one before.
        mistaken: Told the mistakes of files that cannot be planned with.
        progress: Told what is read, how far, and of how many.
        seen: Told each change.
        stop: Set to end.
    """
    effects = Effects()

    def take(change: Change) -> None:
        effects.take(change)
        seen(change)

    while not stop.is_set():
        state = _state(config.mappings)
        try:
            made, _ = make_plan(
                config, scope, show=0, pull=False, progress=progress, seen=take, stop=stop
            )
        except InvalidFiles as error:
            mistaken(error)
        else:
            planned(made, effects.finish())
        while not stop.is_set() and _state(config.mappings) == state:
            stop.wait(POLL_SECONDS)


def _state(folder: Path) -> list[tuple[str, int, int]]:
    """Return what tells that a file was saved, added or removed."""
    found = []
    for path in sorted(folder.rglob("*.y*ml")):
        try:
            about = path.stat()
        except FileNotFoundError:
            # Editors put a new file in the place of the old one.
            continue
        found.append((str(path), about.st_mtime_ns, about.st_size))
    return found
