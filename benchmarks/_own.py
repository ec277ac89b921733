"""What a conversation costs this computer without any request: mapping it, and writing it down."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING

from runner.config.load import load
from runner.engine import results, tickets
from runner.pipeline.opening import open_world

if TYPE_CHECKING:
    from pathlib import Path


def cost_of_records(config: Path) -> float:
    """Return milliseconds of CPU a record (a conversation, or one of its posts) of a snapshot.

    Each conversation is read from the snapshot, becomes a change with its articles, and is written
    down three times as apply does: as an intent, when its ticket is there, and when all is.
    """
    with open_world(load(config), write=True, command="apply") as world:
        table = world.ledger.table("tickets")
        records = 0
        began = time.process_time()
        changes = (
            change
            for change in tickets.changes(world, world.snapshot.case_ids())
            if change.entity == "tickets"
        )
        while block := list(islice(changes, 100)):
            table.put_durably([results.intent(change, None) for change in block])
            for change in block:
                posts = {child.source_id: [1, child.digest] for child in change.children}
                table.put(results.partial(change, 1, dict(list(posts.items())[:1])))
                table.put(results.done(change, 1, posts=posts))
                records += 1 + len(posts)
        world.ledger.flush()
        return 1000 * (time.process_time() - began) / records
