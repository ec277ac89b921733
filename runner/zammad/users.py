"""Users (reference §b4): matched by login or email, which import mode does not keep unique."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.errors import Refused
from runner.zammad.directory import Kind

if TYPE_CHECKING:
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
        "last_login",
        "source",
        "active",
        "verified",
        "role_ids",
        "group_ids",
    ),
)

SYSTEM_USER_ID = 1
"""Zammad's own user ``-``: owner of tickets that nobody owns."""


def look_up(zammad: Zammad, login_or_email: str) -> dict[str, Any] | None:
    """Find one user exactly, without the search index: ``GET /users/me`` on behalf of him.

    The ``From`` header resolves ``login = x OR email = x`` in SQL (reference §b, "Exact user
    lookup"; recorded in both transcripts); an unknown one is 403.
    """
    try:
        name = login_or_email.casefold().encode("latin-1").decode("latin-1")
    except UnicodeEncodeError:
        return _look_up_in_list(zammad, login_or_email)
    try:
        row: dict[str, Any] = zammad.get("/users/me", headers={"From": name})
    except Refused:
        return None
    return row


def _look_up_in_list(zammad: Zammad, name: str) -> dict[str, Any] | None:
    """Headers carry Latin-1 only: other names are looked for in the list."""
    for row in zammad.pages("/users", per_page=1000):
        if name.casefold() in {str(row.get(key) or "").casefold() for key in KIND.keys}:
            return row
    return None


def give_access(zammad: Zammad, user_id: int, group_ids: set[int]) -> None:
    """Set the groups in which a user may do everything; the whole set is replaced."""
    access = {str(group_id): ["full"] for group_id in sorted(group_ids)}
    zammad.update(f"/users/{user_id}", {"group_ids": access})
