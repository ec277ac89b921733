"""Files and pictures of an article on both sides, as far as they can be compared."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.zammad.images import data_uri

if TYPE_CHECKING:
    from runner.engine.change import Child
    from runner.engine.world import World

_DATA_PICTURE = re.compile(r"data:image/(?:png|jpe?g);base64,(.*)", re.IGNORECASE | re.DOTALL)
_SNAPSHOT = re.compile(r"snapshot:([0-9a-f]{64})\Z")
_DOWNLOAD = re.compile(r"/api/v1(/ticket_attachment/\d+/\d+/\d+)")


@dataclass(frozen=True, slots=True)
class File:
    """A file of an article: ``sha256`` is known of what we sent, ``path`` of what Zammad has."""

    name: str
    size: int
    sha256: str = ""
    path: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it for a difference."""
        return {"name": self.name, "size": self.size, "sha256": self.sha256 or None}


def wanted(world: World, child: Child) -> list[File]:
    """Return the attachments of an article as they are sent."""
    found = []
    for entry in child.payload.get("attachments") or ():
        if entry.get("sha256"):
            size = world.snapshot.whole_file(entry["sha256"]).stat().st_size
            found.append(File(entry["name"] or "attachment", size, entry["sha256"]))
    return found


def there(row: dict[str, Any]) -> list[File]:
    """Return the attachments that Zammad lists of an article; their bytes are not read yet."""
    place = f"/ticket_attachment/{row['ticket_id']}/{row['id']}"
    return [
        File(str(file["filename"]), int(file["size"]), path=f"{place}/{file['id']}")
        for file in row.get("attachments") or ()
    ]


def path_in(source: str) -> str:
    """Return which of Zammad's files an image in a body shows; nothing for any other image."""
    match = _DOWNLOAD.search(source)
    return match[1] if match else ""


def picture(world: World, source: str) -> str | File:
    """Return the digest of an image as it is sent; nothing for one that Zammad drops.

    A file that is no picture is a ``File``: it is sent as one more attachment.
    """
    stored = _SNAPSHOT.match(source)
    if stored is None:
        sent = _DATA_PICTURE.match(source)
        return _digest(sent[1]) if sent else ""
    path = world.snapshot.whole_file(stored[1])
    converted = data_uri(path)
    if converted is None:
        return File(f"image-{stored[1][:12]}", path.stat().st_size, stored[1])
    uri, changed = converted
    return _digest(uri.partition(",")[2]) if changed else stored[1]


def _digest(encoded: str) -> str:
    """Return the digest of a picture in a ``data:`` URI; nothing where it is no base64."""
    try:
        return hashlib.sha256(base64.b64decode(encoded)).hexdigest()
    except binascii.Error:
        return ""
