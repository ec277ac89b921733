"""Messages of side conversations and ratings: none was ever recorded (kayako-api.md §9, §11.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.data.shapes.basics import dated, identifier, reference, typed

if TYPE_CHECKING:
    from runner.sandbox.data.table import Record


def side_message(
    key: int,
    conversation: int,
    *,
    subject: str,
    text: str,
    creator: int | None,
    recipients: list[Record],
    created_at: str,
    **more: Any,
) -> Record:
    """One mail of a side conversation; ``creator`` is nobody where an outsider answered."""
    return {
        "id": key,
        "uuid": identifier("side message", key),
        "subject": subject,
        "body_text": text,
        "body_html": f"<p>{text}</p>",
        "recipients": recipients,
        "fullname": None,
        "email": None,
        "creator": reference("user", creator),
        "attachments": [],
        **dated(created_at),
        **typed("side_conversation_message", f"side-conversations/{conversation}/messages/{key}"),
        **more,
    }


def rating(
    key: int, case: int, score: str, *, creator: int, created_at: str, comment: str | None = None
) -> Record:
    """What a customer thinks of how a conversation went: GOOD or BAD, and perhaps why."""
    return {
        "id": key,
        "case": reference("case", case),
        "score": score,
        "comment": comment,
        "creator": reference("user", creator),
        **dated(created_at),
        **typed("rating", f"ratings/{key}"),
    }
