"""The console script, from config to files: nothing is asked over the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine import console_script
from runner.errors import PreflightError
from runner.pipeline.opening import open_world
from runner.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runner.config.model import Config
    from runner.engine.console_script import Made


def make_console_script(
    config: Config, folder: Path | None, *, progress: Callable[[str, int, int | None], None]
) -> Made:
    """Write what the ledger of the configured target holds as a console script.

    Args:
        config: whose target, snapshot and mappings.
        folder: where to; None is ``console-script`` in the workdir.
        progress: is told how far it is.

    Raises:
        PreflightError: nothing was applied yet.
        UsageError: the folder cannot be written to.
    """
    if not Snapshot.exists(config.snapshot_folder):
        raise PreflightError("there is no snapshot of Kayako yet", advice="run migrate apply first")
    with open_world(config, write=False, command="console-script") as world:
        # A container takes a folder of this machine only by its whole path.
        whole = (folder or config.workdir / "console-script").resolve()
        return console_script.make(world, whole, progress=progress)
