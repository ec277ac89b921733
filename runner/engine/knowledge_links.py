"""Links from one answer to another, once all answers are there.

While answers are written nobody knows the ids of later ones, so their links still lead to Kayako.
This step computes the changes of those answers again and writes what came of it. An interrupted
run leaves nothing behind: the next one finds the same difference, here or in the step before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runner.engine import knowledge, results, write_knowledge
from runner.engine.apply import raise_if_stopped
from runner.engine.change import Action, Change
from runner.engine.knowledge_beside import ANSWERS, look
from runner.errors import RecordError
from runner.zammad import knowledge_base

if TYPE_CHECKING:
    from runner.engine.apply import Run
    from runner.engine.world import World

STEP = "kb_links"
"""What the step is called where records are counted."""


def write(run: Run) -> None:
    """Lead the links that are not yet where they should; can be interrupted and run again."""
    waiting = list(_waiting(run.world))
    if not waiting:
        return
    run.target.open()
    run.counts.expect(STEP, len(waiting))
    run.watcher.begin(STEP, len(waiting))
    for source_id in waiting:
        raise_if_stopped(run)
        _settle(run, source_id)
    run.world.ledger.flush()


def _waiting(world: World) -> list[str]:
    """Return the articles whose answers are not as they should be now that all are there."""
    if world.knowledge is None:
        return []  # there was no article, so nothing is asked for
    linking = sorted(world.knowledge.linking, key=int)
    changes = ((source_id, _change(world, source_id)) for source_id in linking)
    return [source_id for source_id, change in changes if change is not None and change.fields]


def _change(world: World, source_id: str) -> Change | None:
    """Return what is left to be done of an answer; None where it did not arrive."""
    record = world.snapshot.record("articles", source_id)
    known = world.ledger.table(ANSWERS).get(source_id)
    if record is None or known is None or known["status"] != "done":
        return None
    return knowledge.of_record(world, ANSWERS, record)


def _settle(run: Run, source_id: str) -> None:
    """Write one answer, unless somebody changed it in Zammad since it was written."""
    world, zammad = run.world, run.target.zammad
    held, table = look(world).held, world.ledger.table(ANSWERS)
    known = table.get(source_id) or {}
    change = Change(ANSWERS, source_id, Action.UPDATE)
    try:
        # What was read when the run began is older than what the run wrote.
        answer_id = int(known["target_id"])
        held.answers[answer_id] = knowledge_base.answer(zammad, held, answer_id)
        change = _change(world, source_id) or change
        if change.fields:
            document = write_knowledge.write(world, zammad, change)
            made = [note for note in known.get("notes", []) if note[0] == "created"]
            table.put({**document, "notes": [*document["notes"], *made]})
    except RecordError as error:
        table.put(results.failed(change, error, known=known))
        run.settle(replace(change, entity=STEP, conflicts=()), error)
    else:
        told = {note[1] for note in known.get("notes", []) if note[0] == "conflict"}
        new = tuple(one for one in change.conflicts if one.field not in told)
        run.settle(replace(change, entity=STEP, conflicts=new))
