"""What an article changes on its ticket: counts, contact times, ``updated_at``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Article, Row

_AGENT, _CUSTOMER, _SYSTEM = 1, 2, 3


def note(state: State, ticket: Row, article: Article, now: str, *, importing: bool) -> None:
    """Let ``article`` move its ticket, in import mode too (API reference §0, fact 8).

    A customer's message counts as contact only when an agent has answered the one before
    (recording "ticket after its articles": 2019-03-04 stays although 2019-03-05 follows).
    """
    fields: Row = {"updated_at": now}
    if article.sender_id != _SYSTEM:
        fields["article_count"] = (ticket["article_count"] or 0) + 1
    if ticket["create_article_type_id"] is None:
        fields["create_article_type_id"] = article.type_id
        fields["create_article_sender_id"] = article.sender_id
    communication = state.dialect.article_types[article.type_id - 1] != "note"
    if communication and not article.internal:
        fields.update(_contact(ticket, article))
        first = article.sender_id == _AGENT and ticket["first_response_at"] is None
        if first and not importing and "last_contact_agent_at" in fields:
            fields["first_response_at"] = article.created_at
    ticket.update(fields)


def _contact(ticket: Row, article: Article) -> Row:
    when = article.created_at
    if article.sender_id == _AGENT:
        return {"last_contact_at": when, "last_contact_agent_at": when}
    if article.sender_id != _CUSTOMER:
        return {}
    customer, agent = ticket["last_contact_customer_at"], ticket["last_contact_agent_at"]
    if customer is None or (agent is not None and agent > customer):
        return {"last_contact_at": when, "last_contact_customer_at": when}
    return {}
