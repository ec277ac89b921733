"""Pictures of users: everybody lists and adds their own (API reference §b6)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING

from runner.sandbox.zammad.wire import Call, Reply, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

_URI = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=]+)")


def _rows(state: State, user: Row) -> list[Row]:
    """Return somebody's pictures; everybody begins with initials."""
    table = state.store.tables.avatars
    found = [row for row in table.values() if row["o_id"] == user["id"]]
    if not found:
        found = [_add(state, user, {"initial": True, "source": "init", "deletable": False})]
    return found


def _add(state: State, user: Row, columns: Row) -> Row:
    now = {"created_at": state.now(), "updated_at": state.now()}
    row = {"id": state.store.next_id("avatars"), "o_id": user["id"], "default": True}
    row |= {"initial": False, "deletable": True, **columns, **now}
    state.store.tables.avatars[row["id"]] = row
    return row


def _index(state: State, call: Call) -> Reply:
    return Reply({"avatars": _rows(state, call.user)})


def _create(state: State, call: Call) -> Reply:
    """Add a picture, which is shown from now on; import mode changes nothing of it."""
    uris = [str(call.params.get(name) or "") for name in ("avatar_full", "avatar_resize")]
    matches = [_URI.fullmatch(uri) for uri in uris]
    try:
        contents = [base64.b64decode(match[2]) for match in matches if match]
    except binascii.Error:
        contents = []
    if len(contents) != len(uris):
        raise unprocessable("Invalid image")
    for row in _rows(state, call.user):
        row["default"] = False
    digest = hashlib.md5(contents[1], usedforsecurity=False).hexdigest()
    columns = {"source": f"upload {state.now()}", "content": uris[1], "store_hash": digest}
    row = _add(state, call.user, columns)
    state.store.change(call.user, {"image": digest, "updated_at": state.now()})
    return Reply({"avatar": {key: value for key, value in row.items() if key != "content"}})


ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("GET", "users/avatar"): _index,
    ("POST", "users/avatar"): _create,
}
