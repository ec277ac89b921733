"""Brings files into the snapshot that are not there yet: attachments, and images in HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.kayako.downloads import fetch
from runner.snapshot.posts import attachment_key, image_key
from runner.snapshot.values import Json, number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.kayako.client import Kayako
    from runner.snapshot import Snapshot
    from runner.snapshot.writing import StoredFile


def fetch_missing(
    kayako: Kayako, snapshot: Snapshot, attachments: Iterable[Json], images: Iterable[str]
) -> list[StoredFile]:
    """Fetch what is not there; what cannot be had comes back with its reason.

    Args:
        kayako: Whom to ask.
        snapshot: Where it goes.
        attachments: Attachments as Kayako sends them.
        images: Addresses of images.
    """
    fetched: dict[str, StoredFile] = {}
    for item in attachments:
        key = attachment_key(item)
        if key not in fetched and not _is_there(snapshot, key):
            address = str(item.get("url_download") or f"{key}/download")
            size = number(item.get("size")) if item.get("size") is not None else None
            fetched[key] = fetch(kayako, snapshot.files, key, address, size=size)
    for address in images:
        key = image_key(address)
        if key not in fetched and not _is_there(snapshot, key):
            fetched[key] = fetch(kayako, snapshot.files, key, address, size=None, image=True)
    return list(fetched.values())


def _is_there(snapshot: Snapshot, key: str) -> bool:
    sha256, _ = snapshot.file_of(key)
    return sha256 is not None and snapshot.file(sha256).exists()
