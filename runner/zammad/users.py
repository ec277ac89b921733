"""Users (reference §b4): matched by login or email, which import mode does not keep unique."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.errors import Refused
from runner.zammad.directory import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.zammad.client import Zammad

KIND = Kind(
    "users",
    "/users",
    keys=("login", "email"),
    fields=(
        "login",
        "email",
        "firstname",
        "lastname",
        "phone",
        "mobile",
        "web",
        "note",
        "department",
        "organization_id",
        "organization_ids",
        "last_login",
        "source",
        "active",
        "verified",
        "role_ids",
        "group_ids",
    ),
)

Access = dict[str, list[str]]
"""Who may do what in which group: ``{"2": ["full"], "3": ["read", "create"]}``."""

SYSTEM_USER_ID = 1
"""Zammad's own user ``-``: owner of tickets that nobody owns."""


def look_up(zammad: Zammad, login_or_email: str) -> dict[str, Any] | None:
    """Find one user exactly, without the search index: ``GET /users/me`` on behalf of him.

    The ``From`` header resolves ``login = x OR email = x`` in SQL (reference §b, "Exact user
    lookup"; recorded in both transcripts); an unknown one is 403.
    """
    name = login_or_email.lower()
    if not name.isascii():
        return _look_up_in_list(zammad, name)  # a header has no agreed encoding beyond ASCII
    try:
        row: dict[str, Any] = zammad.get("/users/me", headers={"From": name})
    except Refused as refusal:
        if refusal.status >= 500:
            raise  # it could not be found out, which is another thing than "unknown"
        return None
    # Digits are taken for an id first: then somebody else answers.
    return row if name in _names(row) else _look_up_in_list(zammad, name)


def _look_up_in_list(zammad: Zammad, name: str) -> dict[str, Any] | None:
    return next((r for r in zammad.pages("/users", per_page=1000) if name in _names(r)), None)


def _names(row: dict[str, Any]) -> set[str]:
    return {str(row.get(key) or "").lower() for key in KIND.keys}


def speak(zammad: Zammad, user_id: int, locale: str) -> None:
    """Give a user a language; the other preferences, which a PUT replaces, are sent again."""
    preferences = zammad.get(f"/users/{user_id}").get("preferences") or {}
    zammad.update(f"/users/{user_id}", {"preferences": {**preferences, "locale": locale}})


def give_access(zammad: Zammad, user_id: int, have: Access, group_ids: Iterable[int]) -> Access:
    """Add full access to some groups to what a user has; return all of it.

    Zammad replaces the whole map (reference §b4), so what was there has to be sent again.
    """
    access = {**have, **{str(group_id): ["full"] for group_id in sorted(group_ids)}}
    zammad.update(f"/users/{user_id}", {"group_ids": access})
    return access


def restore_updated_at(zammad: Zammad, user_id: int, moment: str | None) -> None:
    """Put back the time of a user's last change: roles and groups moved it (reference §a3).

    Args:
        zammad: the target, in import mode.
        user_id: whose.
        moment: the time; without one nothing is sent.
    """
    if moment is not None:
        zammad.update(f"/users/{user_id}", {"updated_at": moment})
