"""The first lines of a plan: what there is, what is lost elsewhere, what is in the way."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from runner.engine.change import Action
from runner.engine.importer import losses
from runner.report.losses import counted
from runner.report.terminal import line, listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from runner.engine.highlights import Highlights
    from runner.engine.importer import Loss
    from runner.engine.plan import Plan
    from runner.snapshot.census import Census

_MOST_NAMES = 5
_WORDS = (
    (Action.CREATE, "to be moved"),
    (Action.UPDATE, "to be brought up to date"),
    (Action.UNCHANGED, "there as they are"),
    (Action.SKIP, "to be left out"),
    (Action.FAIL, "that cannot be moved"),
)
_UNITS = ("bytes", "KB", "MB", "GB", "TB")


def opening(out: Console, made: Plan) -> None:
    """Print it; each part only where there is something to say."""
    if made.census is not None:
        _holds(out, made, made.census)
        lost = losses(made.census) if _is_first(made) else []
        if lost:
            _lost_elsewhere(out, lost)
            out.print()
    for text in _in_the_way(made):
        line(out, "", text)
    if made.census is not None:
        out.print()


def _holds(out: Console, made: Plan, census: Census) -> None:
    files = f"{counted(census.files, 'files')} ({size(census.bytes)})" if census.files else ""
    if census.unread:
        files = f"{files} so far" if files else "files that are not counted yet"
    parts = [counted(census.messages, "messages"), files]
    parts += [counted(census.people, "users"), counted(census.organizations, "organizations")]
    span = ""
    if census.oldest and census.newest:
        first, last = census.oldest[:10], census.newest[:10]
        span = f" of {first}" if first == last else f" from {first} to {last}"
    what = ", ".join(part for part in parts if part)
    line(out, "Kayako: ", f"{counted(census.conversations, 'conversations')}{span}; {what}")
    tickets = made.actions.get("tickets")
    if tickets:
        told = [f"{tickets[action]:,} {text}" for action, text in _WORDS if tickets[action]]
        line(out, "", f"Conversations: {', '.join(told)}")


def _is_first(made: Plan) -> bool:
    """Say whether this is a plan of everything, and nothing was moved yet."""
    tickets = made.actions.get("tickets")
    return tickets is not None and not (tickets[Action.UPDATE] or tickets[Action.UNCHANGED])


def _lost_elsewhere(out: Console, found: list[Loss]) -> None:
    """Print a line for each kind of loss of Zammad's own importer."""
    out.print("\nOf this, Zammad's own Kayako importer would lose:")
    for name, group in groupby(found, key=lambda loss: loss.line):
        told = ", ".join(_loss(loss) for loss in group)
        more = " (your team's own)" if name == "labels" else ""
        line(out, "  ", f"{told}{more}")


def _loss(loss: Loss) -> str:
    why = f" ({loss.why})" if loss.why else ""
    on = f" on {counted(loss.conversations, 'conversations')}" if loss.conversations else ""
    return f"{loss.number:,} {loss.one if loss.number == 1 else loss.what}{on}{why}"


def _in_the_way(made: Plan) -> Iterator[str]:
    """Yield what somebody has to look at before going on."""
    failed = sum(words[Action.FAIL] for words in made.actions.values())
    if failed:
        yield f"[red]{counted(failed, 'records')} cannot be moved[/] (Failures, below)"
    doubled = made.highlights.doubled
    if doubled:
        number = made.highlights.doubled_total
        tickets = [f"{row['source_id']} (number {row['number']})" for row in doubled]
        names = listing(tickets, most=_MOST_NAMES, total=number)
        yield (
            f"[red]{counted(number, 'tickets')} would get a number that another one gets too[/]"
            f" (zammad_fields: number in tickets.yaml); in Kayako: {names}"
        )
    if made.conflicts:
        which = counted(len(made.conflicts), "fields")
        yield f"[yellow]{which} changed on both sides[/]: Zammad's stay (Conflicts, below)"
    yield from _new_staff(made.highlights)


def _new_staff(highlights: Highlights) -> Iterator[str]:
    """Yield who would be an admin, and how many would be agents."""
    agents = counted(highlights.agents, "new agents")
    if highlights.admins:
        number = highlights.admins_total
        labels = [row["label"] for row in highlights.admins]
        names = listing(labels, most=_MOST_NAMES, total=number)
        yield f"[yellow]{counted(number, 'new admins')} in Zammad[/]: {names}; {agents}"
    elif highlights.agents:
        yield f"{agents} in Zammad, no new admin"


def size(number: int) -> str:
    """Return a size in bytes as people say it: ``1.2 MB``."""
    value, unit = float(number), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:,.0f} {_UNITS[unit]}" if unit == 0 else f"{value:,.1f} {_UNITS[unit]}"
