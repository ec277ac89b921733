"""Erasure in Zammad (reference §c, data privacy): a task that it carries out a while later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.errors import Refused

if TYPE_CHECKING:
    from runner.zammad.client import Zammad

_PATH = "/data_privacy_tasks"


def ask_to_erase(zammad: Zammad, user_id: int) -> bool:
    """Ask for the erasure of a user and of all tickets whose customer it is.

    Looked up first, so it can be asked again after a crash or a lost answer: Zammad refuses a
    second task for the same user while one waits (recorded).

    Returns:
        Whether there is something to erase: False when the user is not there any more.

    Raises:
        Refused: Zammad does not erase it: the system, oneself, the last administrator; or the
            token lacks ``admin.data_privacy``.
    """
    if not is_there(zammad, f"/users/{user_id}"):
        return False
    if not any(
        task["deletable_type"] == "User"
        and task["deletable_id"] == user_id
        and task["state"] == "in process"
        for task in zammad.get(_PATH)
    ):
        zammad.create(_PATH, {"deletable_type": "User", "deletable_id": user_id})
    return True


def is_there(zammad: Zammad, path: str) -> bool:
    """Say whether Zammad has a record (or keeps us from seeing it)."""
    try:
        zammad.get(path)
    except Refused as refusal:
        return refusal.status != 404
    return True
