"""The knowledge base itself: made where there is none, given languages, never altered otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import results
from runner.engine.change import Action, Change
from runner.engine.knowledge_beside import look
from runner.errors import OutcomeUnknown, RecordError, Refused
from runner.zammad import knowledge_base

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.engine.world import World
    from runner.zammad.client import Zammad
    from runner.zammad.knowledge_base import Held

BASES = "knowledge_bases"
"""Table of the ledger that says whether the knowledge base itself is ours."""

BASE = "1"
"""Its source id: Zammad has one."""

_ATTEMPTS = 3


def prepare(world: World, zammad: Zammad, change: Change) -> None:
    """Make the knowledge base where there is none, and add the languages of a record."""
    held = look(world).held
    table = world.ledger.table(BASES)
    codes = list(change.payload["texts"])
    known = table.get(BASE)
    if known is None or known["status"] == "intended":
        if held.base is None:
            table.put_durably([_of_base(None)])
            _reread(zammad, held)  # an earlier run may have been cut off just here
        if held.base is None:
            _set_up(zammad, held, codes[0])
        ours = table.get(BASE) is not None
        table.put(_of_base((held.base or {})["id"], adopted=not ours))
    for code in codes:
        if code not in held.locales:
            _add_locale(zammad, held, code)


def _set_up(zammad: Zammad, held: Held, code: str) -> None:
    def there() -> bool:
        _reread(zammad, held)
        return held.base is not None

    _surely(lambda: knowledge_base.set_up(zammad, held, code), there)


def _add_locale(zammad: Zammad, held: Held, code: str) -> None:
    def there() -> bool:
        _reread(zammad, held)
        return code in held.locales

    try:
        _surely(lambda: knowledge_base.add_locale(zammad, held, code), there)
    except Refused as refusal:
        raise RecordError(
            f"the knowledge base cannot have the language {code}: {refusal}",
            advice="the token needs admin.knowledge_base, Zammad room for more languages",
        ) from refusal


def _surely(send: Callable[[], object], there: Callable[[], bool]) -> None:
    """Send; where the outcome is not known, see whether it is there before sending it again."""
    attempt = 0
    while True:
        attempt += 1
        try:
            send()
        except OutcomeUnknown:
            if there():
                return
            if attempt == _ATTEMPTS:
                raise
        else:
            return


def _reread(zammad: Zammad, held: Held) -> None:
    fresh = knowledge_base.read(zammad)
    held.base, held.locales, held.primary = fresh.base, fresh.locales, fresh.primary


def _of_base(target_id: int | None, *, adopted: bool = False) -> dict[str, Any]:
    change = Change(BASES, BASE, Action.CREATE, label="knowledge base", adopted=adopted)
    return results.intent(change, None) if target_id is None else results.done(change, target_id)
