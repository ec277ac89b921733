"""Verify: what only reads, on both sides of what was applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine import target
from runner.engine.verify import Reach, verify
from runner.errors import PreflightError
from runner.pipeline.filtering import refuse_unknown_names
from runner.pipeline.opening import nobody, open_world
from runner.snapshot import Snapshot
from runner.zammad.client import Zammad

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from runner.config.model import Config
    from runner.engine.verified import Verified
    from runner.pipeline.opening import Connected


def run_verify(
    config: Config,
    *,
    sample: int | None,
    seed: int,
    progress: Callable[[str, int, int | None], None],
    stop: threading.Event,
    connected: Connected = nobody,
) -> Verified:
    """Read Zammad back and compare it with what the mappings say of the snapshot.

    Raises:
        PreflightError: nothing was applied yet, or Zammad cannot be reached.
        Stale: it is not the Zammad of the ledger.
    """
    if not Snapshot.exists(config.snapshot_folder):
        raise PreflightError("there is no snapshot of Kayako yet", advice="run migrate apply first")
    with open_world(config, write=False, command="verify") as world:
        if not world.ledger.target:
            raise PreflightError(
                f"nothing was applied to {config.zammad.url} yet", advice="run migrate apply first"
            )
        refuse_unknown_names(config, world.snapshot)
        zammad = Zammad(config.zammad, stop=stop)
        connected("zammad", zammad.http.usage)
        try:
            target.look(world, zammad)
            reach = Reach(sample, seed, config.zammad.workers)
            return verify(world, zammad, reach, progress=progress, stop=stop)
        finally:
            zammad.close()
