"""Pictures of users (reference §b6): Zammad takes and shows them on the user's own behalf only."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.zammad.client import Zammad

_PATH = "/users/avatar"


def add(zammad: Zammad, user_id: int, uri: str) -> None:
    """Give a user a picture, which becomes the one that is shown.

    Args:
        zammad: whom to tell.
        user_id: whose picture it is.
        uri: ``data:image/png;base64,…``; it stands for the small one, too.

    Raises:
        OutcomeUnknown: it was sent and no answer came.
        Refused: Zammad does not take it.
    """
    body = {"avatar_full": uri, "avatar_resize": uri}
    zammad.create(_PATH, body, headers={"From": str(user_id)})


def shown(zammad: Zammad, user_id: int) -> str | None:
    """Return the digest of the picture that a user shows; None where it is initials.

    Raises:
        Refused: there is no such user, or one who may not have a picture.
    """
    rows = zammad.get(_PATH, headers={"From": str(user_id)})["avatars"]
    for row in rows:
        if row.get("default") and row.get("content"):
            try:
                content = base64.b64decode(str(row["content"]).partition(",")[2])
            except binascii.Error:
                return ""
            return hashlib.sha256(content).hexdigest()
    return None
