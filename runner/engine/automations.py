"""Triggers and schedulers: what Zammad's administrators told it to do by itself.

In import mode triggers rest (Zammad's app/models/transaction/trigger.rb) and what a job mails is
held back (reference §a2); after it both act on every ticket that matches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine.obstacle import Obstacle
from runner.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.zammad.client import Zammad

_CUSTOMERS = {"ticket_customer", "article_last_sender"}
_AGENTS = {"ticket_owner": "the owner", "ticket_agents": "the group's agents"}
_SENDING = {"notification.email": "mails", "notification.sms": "writes an SMS to"}
_OTHER = {"notification.webhook": "calls a webhook", "article.note": "adds a note"}
_LISTS = (
    ("triggers", "/triggers", "Manage, Trigger"),
    ("jobs", "/jobs", "Manage, Scheduler"),
)


def obstacles(zammad: Zammad) -> Iterator[Obstacle]:
    """Yield the active triggers and jobs, those that mail customers apart from the others."""
    for kind, path, place in _LISTS:
        noun = "triggers" if kind == "triggers" else "schedulers"
        steps = f"Zammad: {place}: switch off what should not act on what was moved"
        try:
            rows = [row for row in zammad.pages(path, per_page=1000) if row.get("active")]
        except Refused as refusal:
            text = f"{noun} cannot be read ({refusal.status}): look yourself which are active"
            yield Obstacle(kind, text, steps=steps)
            continue
        for to_customers in (True, False):
            lines = tuple(_line(row) for row in rows if _reaches_customers(row) is to_customers)
            if lines:
                whom = "that write to customers" if to_customers else "that do not write to them"
                text = f"active {noun} {whom}: {len(lines):,}"
                yield Obstacle(kind, text, lines, to_customers=to_customers, steps=steps)


def _line(row: Mapping[str, Any]) -> str:
    does = [
        f"{verb} {', '.join(_whom(recipient) for recipient in _recipients(row, key))}"
        for key, verb in _SENDING.items()
        if key in _perform(row)
    ]
    does += [text for key, text in _OTHER.items() if key in _perform(row)]
    changed = [key.removeprefix("ticket.") for key in _perform(row) if key.startswith("ticket.")]
    if changed:
        does.append(f"sets {', '.join(changed)}")
    return f"{row['name']}: {'; '.join(does) or 'nothing'}"


def _perform(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return row.get("perform") or {}


def _recipients(row: Mapping[str, Any], key: str) -> list[str]:
    """Return to whom one of the actions goes; old versions keep one, newer ones a list."""
    recipient = (_perform(row).get(key) or {}).get("recipient") or []
    return [str(name) for name in (recipient if isinstance(recipient, list) else [recipient])]


def _whom(recipient: str) -> str:
    if recipient in _CUSTOMERS:
        return "the customer"
    return _AGENTS.get(recipient, "a named user")


def _reaches_customers(row: Mapping[str, Any]) -> bool:
    return any(recipient in _CUSTOMERS for key in _SENDING for recipient in _recipients(row, key))
