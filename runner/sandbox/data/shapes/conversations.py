"""Cases, posts and time entries: kayako-api.md §10 and §11.3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.data.shapes.basics import dated, identifier, reference, typed

if TYPE_CHECKING:
    from runner.sandbox.data.table import Record


def case(
    key: int,
    subject: str | None,
    *,
    created_at: str,
    updated_at: str,
    requester: int | None,
    status: int,
    creator: int | None = None,
    source_channel: Record | None = None,
    **more: Any,
) -> Record:
    """A conversation; ``requester``, ``creator`` and ``status`` are ids.

    Counts and previews of its posts (``post_count``, ``has_notes``…) come through ``more``.
    """
    by = requester if creator is None else creator
    return {
        "id": key,
        "legacy_id": None,
        "subject": subject,
        "portal": "SERVICE",
        "source_channel": source_channel,
        "last_public_channel": source_channel,
        "requester": reference("user", requester),
        "creator": reference("user", by),
        "identity": reference("identity_email", requester),
        "assigned_agent": None,
        "assigned_team": None,
        "last_assigned_by": None,
        "brand": reference("brand", 1),
        "status": reference("case_status", status),
        "priority": None,
        "type": None,
        "read_marker": None,
        "sla_version": None,
        "sla_metrics": [],
        "form": None,
        "custom_fields": [],
        "last_replier": reference("user", requester),
        "last_replier_identity": reference("identity_email", requester),
        "last_updated_by": reference("user", requester),
        "last_completed_by": None,
        "last_closed_by": None,
        "state": "ACTIVE",
        "post_count": 0,
        "has_notes": False,
        "pinned_notes_count": 0,
        "has_attachments": False,
        "is_merged": False,
        "rating": None,
        "rating_status": "UNOFFERED",
        "tags": [],
        "last_post_status": "SEEN",
        "last_post_preview": "",
        "last_post_type": "PUBLIC",
        "last_message_preview": "",
        "realtime_channel": f"presence-case-{key}",
        "last_assigned_at": None,
        "last_replied_at": created_at,
        "last_opened_at": None,
        "last_pending_at": None,
        "last_closed_at": None,
        "last_completed_at": None,
        "last_agent_activity_at": None,
        "last_customer_activity_at": created_at,
        "last_reply_by_agent_at": None,
        "last_reply_by_requester_at": created_at,
        "agent_updated_at": None,
        "latest_assignee_update": None,
        **dated(created_at, updated_at),
        **typed("case", f"cases/{key}"),
        **more,
    }


def post(
    key: int,
    *,
    subject: str,
    contents: str,
    creator: Record | None,
    original: Record | None,
    source_channel: Record | None,
    created_at: str,
    is_requester: bool = False,
    **more: Any,
) -> Record:
    """A post; ``creator``, ``original`` and ``source_channel`` are records or references.

    ``attachments`` and ``download_all`` stand on the post and on its original, as Kayako does.
    """
    original = original or {}
    return {
        "id": key,
        "uuid": original.get("uuid") or identifier("post", key),
        "client_id": "",
        "subject": subject,
        "contents": contents,
        "creator": creator,
        "identity": original.get("identity"),
        "source_channel": source_channel,
        "attachments": original.get("attachments", []),
        "download_all": original.get("download_all"),
        "destination_medium": None,
        "source": None,
        "metadata": {"user_agent": "", "page_url": ""},
        "original": original or None,
        "post_status": "DELIVERED",
        "post_status_reject_type": None,
        "post_status_reject_reason": None,
        "post_status_updated_at": created_at,
        "is_requester": is_requester,
        **dated(created_at),
        **typed("post", f"cases/posts/{key}"),
        **more,
    }


def time_entry(
    key: int, case_key: int, agent: int, *, kind: str, seconds: int, created_at: str | int
) -> Record:
    """A line of time tracking; ``kind`` is VIEWED or WORKED, ``created_at`` may be an integer."""
    return {
        "id": key,
        "time_tracking_log_id": key,
        "case": reference("case", case_key),
        "agent": reference("user", agent),
        "log_type": kind,
        "time_spent": seconds,
        "creator": reference("user", agent),
        "created_at": created_at,
        "updated_at": created_at,
        **typed("timetracking_log", f"cases/time_track/log/{key}"),
    }
