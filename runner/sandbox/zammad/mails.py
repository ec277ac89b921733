"""What outside import mode would reach people: mails, triggers, notifications."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.sandbox.zammad import rules
from runner.sandbox.zammad.wire import Failure, unprocessable

if TYPE_CHECKING:
    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Article, Row
    from runner.sandbox.zammad.wire import Call

_AGENT, _CUSTOMER = 1, 2
_EMAIL, _PHONE, _WEB = 1, 5, 11
_ADDRESS = re.compile(r"[^@\s<>,]+@[^@\s<>,]+")


def require_deliverable(
    state: State, group_id: int, type_id: int, sender_id: int, params: Row
) -> None:
    """Refuse an agent's mail that could not be sent; not called in import mode.

    Raises:
        Failure: 422 without a valid recipient (6.5), 500 when the group has no address.
    """
    if type_id != _EMAIL or sender_id != _AGENT:
        return
    if state.dialect.recipients_checked and not _ADDRESS.search(str(params.get("to") or "")):
        raise unprocessable("Sending an email without a valid recipient is not possible.")
    group = state.store.tables.groups[group_id]
    if group["email_address_id"] is None:
        words = f"No email address found for group '{group['name']}' ({group_id})"
        raise Failure(500, words, human=False)


def fill_sender(state: State, call: Call, article: Article) -> None:
    """Write the author's name into ``from``, as Zammad does outside import mode."""
    if article.type_id == _EMAIL and article.sender_id == _CUSTOMER:
        return
    author = state.store.tables.users.get(article.origin_by_id or call.user["id"], call.user)
    article.sent_from = f"{author['firstname']} {author['lastname']}".strip()


def send(state: State, ticket: Row, article: Article, *, first: bool) -> None:
    """Do what a new article sets off; not called in import mode."""
    if article.type_id == _EMAIL and article.sender_id == _AGENT:
        _mail(state, "article", article.to, ticket)
    if article.sender_id == _CUSTOMER and article.type_id in (_EMAIL, _PHONE, _WEB):
        customer = state.store.tables.users.get(ticket["customer_id"])
        name = "auto reply (on new tickets)" if first else "auto reply (on follow-up of tickets)"
        _trigger(state, name, customer["email"] if customer else None, ticket)
    notify_owner(state, ticket, article.created_by_id, created=first)


def notify_owner(state: State, ticket: Row, actor_id: int, *, created: bool = False) -> None:
    """Tell the owner by mail that somebody else touched the ticket, and run the triggers."""
    owner = state.store.tables.users.get(ticket["owner_id"])
    if owner and owner["id"] not in (1, actor_id) and owner["active"]:
        _mail(state, "notification", owner["email"], ticket)
    rules.fire(state, ticket, "create" if created else "update")


def _trigger(state: State, name: str, to: str | None, ticket: Row) -> None:
    identifier = state.store.names["triggers"].get(name)
    if identifier is None or not state.store.tables.triggers[identifier]["active"]:
        return
    state.triggers_fired.append({"trigger": name, "ticket_id": ticket["id"]})
    _mail(state, "trigger", to, ticket)


def _mail(state: State, kind: str, to: str | None, ticket: Row) -> None:
    state.mails_sent.append({"kind": kind, "to": to, "ticket_id": ticket["id"]})
