"""Whether the changes of a run are those of a saved plan, one by one, before they are written.

Where a run of the plan was cut off, the next one goes on: what is done already needs nothing, and
what was on its way is looked for, as after every interruption.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from runner.engine import knowledge_beside
from runner.engine.change import Action, Change
from runner.engine.saved_plan import Planned, SavedPlan, planned
from runner.errors import Stale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from runner.engine.world import World

_STOPPED = (
    "nothing more was written; what was is in the ledger. Make the plan anew: migrate plan"
    " --out FILE"
)
_NOTHING: tuple[str, Any] = ("end", None)


class Agreement:
    """Goes through a saved plan beside the walk of a run."""

    def __init__(self, saved: SavedPlan, world: World, *, goes_on: bool) -> None:
        """Begin at the first step; ``goes_on`` where an earlier run of the plan was cut off."""
        self._saved = saved
        self._world = world
        self._goes_on = goes_on
        self._lines = saved.steps()
        self._next: tuple[str, Any] = next(self._lines, _NOTHING)
        self._beside: dict[str, set[str]] = defaultdict(set)

    @property
    def sha256(self) -> str:
        """What tells the plan from any other."""
        return self._saved.sha256

    def checked(self, entity: str, changes: Iterable[Change]) -> Iterator[Change]:
        """Yield the changes of a step as long as each is the planned one.

        Raises:
            Stale: one is not; it was not handed out.
        """
        kind, name = self._next
        if kind != "step" or name != entity:
            raise self._stale(f"its next step is not {entity}")
        self._advance()
        for change in changes:
            self._check(change)
            yield change
        self._skip_done(lambda _: False)
        if self._next[0] == "do":
            raise self._stale(f"{self._next[1].name} is planned and does not come up")

    def allows(self, table: str, source_id: str) -> bool:
        """Say whether the plan writes this beside a record: a link, a picture."""
        return self._goes_on or source_id in self._beside[table]

    def _check(self, change: Change) -> None:
        found = planned(change)
        self._skip_done(lambda one: one.name == found.name)
        kind, wanted = self._next
        if kind != "do" or wanted.name != found.name:
            raise self._stale(f"{found.name} is not planned, and would now be: {found.action}")
        if not self._agree(wanted, found, change):
            raise self._stale(_how(wanted, found))
        self._advance()

    def _agree(self, wanted: Planned, found: Planned, change: Change) -> bool:
        same_record = wanted.target_id in {None, found.target_id}
        if wanted.digest == found.digest and same_record:
            return True
        if change.action is Action.SKIP and self._is_closed(change.entity):
            return True  # Zammad refused the first of its kind, and the run goes on without
        done = change.action is Action.UNCHANGED or change.resume
        return self._goes_on and done and wanted.action in {Action.CREATE, Action.UPDATE}

    def _is_closed(self, entity: str) -> bool:
        known = self._world.knowledge
        beside = entity in knowledge_beside.SOURCES and known is not None and known.held.why_not
        return bool(beside) or entity in self._world.closed

    def _skip_done(self, is_due: Callable[[Planned], bool]) -> None:
        """Pass over what an earlier run of the plan did and the walk does not come to again."""
        while self._goes_on and self._next[0] == "do" and not is_due(self._next[1]):
            known = self._world.ledger.table(self._next[1].entity).get(self._next[1].source_id)
            if known is None or known["status"] != "done":
                return
            self._advance()

    def _advance(self) -> None:
        """Go to the next change or step; take note of what is written beside a record."""
        self._next = next(self._lines, _NOTHING)
        while self._next[0] == "beside":
            table, source_id = self._next[1]
            self._beside[table].add(source_id)
            self._next = next(self._lines, _NOTHING)

    def _stale(self, what: str) -> Stale:
        return Stale(f"the plan in {self._saved.path} is stale: {what}", advice=_STOPPED)


def _how(wanted: Planned, found: Planned) -> str:
    """Tell what of a change is another one than was planned."""
    if wanted.action != found.action:
        return f"{found.name} was to be: {wanted.action}, and would now be: {found.action}"
    if wanted.target_id not in {None, found.target_id}:
        return f"{found.name} was id {wanted.target_id} in Zammad and is now {found.target_id}"
    names = sorted(wanted.fields.keys() | found.fields.keys())
    other = [name for name in names if wanted.fields.get(name) != found.fields.get(name)]
    if wanted.articles != found.articles:
        other.append("its articles")
    if wanted.times != found.times:
        other.append("its time entries")
    return f"{found.name} is not what was planned: {', '.join(other) or 'what is sent with it'}"
