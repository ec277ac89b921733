"""Pictures of users: one request each, for those who have one of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.kayako.downloads import fetch
from runner.snapshot.beside import AVATARS, avatar_key

if TYPE_CHECKING:
    from runner.kayako.client import Kayako
    from runner.snapshot import Snapshot
    from runner.snapshot.writing import Writer


def read_avatars(kayako: Kayako, snapshot: Snapshot, writer: Writer) -> int:
    """Fetch the pictures that are new or changed (``avatar_updated_at``); return how many.

    The address is public (``/avatar/get/UUID``, kayako-api.md §10): our own host is asked for it,
    another one without any credentials.
    """
    read = 0
    for user_id, wanted in snapshot.beside.pending(AVATARS):
        address = (snapshot.stored("users", user_id) or {}).get("avatar")
        if not address:  # whoever was erased since has none
            snapshot.beside.forget(AVATARS, user_id)
            continue
        key = avatar_key(user_id)
        file = fetch(kayako, snapshot.files, key, str(address), size=None, image=True)
        answer = {"sha256": file.sha256, "error": file.error}
        writer.beside(AVATARS, user_id, answer, stamp=wanted, files=[file])
        read += file.sha256 is not None
    return read
