"""What steps are about, by name: mailboxes, teams, and what is switched off or built anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine.inventory import REBUILT
from runner.report.page.tame import short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.engine.inventory import Mailbox
    from runner.pipeline import Outline
    from runner.report.page.words import Words

_MOST = 40
"""So many names a list has; nobody ticks more on an evening."""


def names_of(known: Outline, words: Words) -> dict[str, tuple[str, ...]]:
    """Return the lists that steps may name (``names:`` in steps.yaml); empty ones among them."""
    living = [one for one in known.mailboxes if one.own_domain and one.enabled]
    ending = [one for one in known.mailboxes if not one.own_domain and one.enabled]
    lists = {
        "own_groups": list(known.own_groups),
        "rebuilt": list(_rebuilt(known, words)),
        "off_triggers": _on(known, "triggers"),
        "off_monitors": _on(known, "monitors"),
        "mailboxes": [one.address for one in living],
        "held": [one.address for one in living],
        "groups": [_group(one, words) for one in living],
        "ending": [one.address for one in ending],
    }
    return {name: _first(found, words) for name, found in lists.items()}


def _on(known: Outline, kind: str) -> list[str]:
    return [title for title, on in known.titles.get(kind, ()) if on]


def _rebuilt(known: Outline, words: Words) -> Iterator[str]:
    for kind in REBUILT:
        found = known.titles.get(kind, ())
        off = words("runbook.off")
        names = [short(title, 80) if on else f"{short(title, 80)} ({off})" for title, on in found]
        if names:
            yield f"{words(f'runbook.{kind}')}: {', '.join(names)}"


def _group(mailbox: Mailbox, words: Words) -> str:
    address = short(mailbox.address, 80)
    if not mailbox.routes:
        return words("runbook.no_mail", address=address)
    return words("runbook.to_group", address=address, group=short(mailbox.routes[0][1], 60))


def _first(names: list[str], words: Words) -> tuple[str, ...]:
    shown = tuple(short(name, 2000) for name in names[:_MOST])
    if len(names) <= _MOST:
        return shown
    return (*shown, words("runbook.more", number=len(names) - _MOST))
