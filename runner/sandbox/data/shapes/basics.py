"""What all records share: references, addresses, identifiers."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.sandbox.data.table import Key, Record

HOST = "https://kayako.invalid"
"""Stands for the server's own address in records; answers hold the address that was asked."""

FOREIGN_HOST = "https://media.invalid"
"""Stands for another host that serves files: a brand's alias or a storage of its own."""


def reference(resource_type: str, key: Key | None) -> Record | None:
    """The short form of a record, or None where there is none."""
    return None if key is None else {"id": key, "resource_type": resource_type}


def references(resource_type: str, keys: tuple[int, ...] | list[int]) -> list[Record]:
    """The short forms of several records."""
    return [{"id": key, "resource_type": resource_type} for key in keys]


def url(path: str) -> str:
    """The absolute address of an API path."""
    return f"{HOST}/api/v1/{path}"


def identifier(*parts: object) -> str:
    """A UUID that is the same in every run for the same parts."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(map(str, parts))))


def dated(created_at: str, updated_at: str | None = None) -> dict[str, Any]:
    """The two timestamps that nearly every record has."""
    return {"created_at": created_at, "updated_at": updated_at or created_at}


def typed(resource_type: str, path: str | None = None) -> dict[str, Any]:
    """The last keys of a record: its type and, where it has one, its address."""
    ends: dict[str, Any] = {"resource_type": resource_type}
    if path is not None:
        ends["resource_url"] = url(path)
    return ends


def original_key(post_key: int) -> int:
    """The id of a post's note or message: never the post's own, so that nobody mixes them up."""
    return post_key + 100_000
