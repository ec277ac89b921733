"""Walks Kayako's lists to their end, whichever of three ways of paging it uses.

``next_url`` in the body, a ``Link`` header, or arithmetic on what really came: Kayako may cap a
page below the limit we ask for (kayako-api.md §6).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from runner.errors import Unreachable
from runner.kayako.answers import LINK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.kayako.answers import Json
    from runner.kayako.client import Kayako

LIMIT = 100


class Page(NamedTuple):
    """One page: its rows, the size of the whole list if Kayako says so, rows read so far."""

    data: list[Json]
    total: int | None
    position: int


def pages(
    kayako: Kayako, path: str, params: Mapping[str, str] | None = None, *, start: int = 0
) -> Iterator[Page]:
    """Yield the pages of a list from row ``start`` on.

    A list ends with an empty page, or with a short one once as many rows came as it counts.
    Rows may come twice when the list changes meanwhile: telling them apart is the caller's.

    Raises:
        Unreachable: The pages go round in circles.
        Refused, Unavailable: As ``Kayako.get``.
    """
    query: dict[str, Any] = {**(params or {}), "limit": LIMIT}
    if start:
        query["offset"] = start
    where, position = path, start
    asked: set[int] = set()
    last_ids: list[Any] = []
    while True:
        _remember(asked, where, query)
        body = kayako.get(where, query)
        data = [item for item in body["data"] if isinstance(item, dict)]
        ids = [item.get("id", item.get("uuid")) for item in data]
        if data and ids == last_ids:
            raise _circle(path)
        last_ids = ids
        position += len(data)
        total = body.get("total_count")
        yield Page(data, total if isinstance(total, int) else None, position)
        following = _following(body, where, query, position, ids)
        if following is None:
            return
        where, query = following[0], {**following[1], **(params or {})}


def _following(
    body: Json, where: str, query: dict[str, Any], position: int, ids: list[Any]
) -> tuple[str, dict[str, Any]] | None:
    if not ids:
        return None
    named = body.get("next_url") or _linked(str(body.get(LINK) or ""))
    if named:
        # Only path and query: the address may carry another name of the same Kayako.
        parts = urlsplit(str(named))
        return parts.path, dict(parse_qsl(_unescaped(parts.query), keep_blank_values=True))
    if "limit" not in body and "offset" not in body:
        return None
    total = body.get("total_count")
    limit = body.get("limit") if isinstance(body.get("limit"), int) else LIMIT
    if len(ids) < (limit or LIMIT) and (not isinstance(total, int) or position >= total):
        return None
    if "offset" in body:
        return where, {**query, "offset": position}
    return where, {**query, "after_id": ids[-1]}


def _linked(header: str) -> str | None:
    for address, relation in re.findall(r'<([^>]*)>\s*;[^,]*?rel="?([\w ]+)"?', header):
        if "next" in relation.split():
            return str(address)
    return None


def _unescaped(query: str) -> str:
    # In the Link header Zammad's importer met queries that were escaped twice as a whole.
    for _ in range(3):
        if not query or ("=" in query and "%25" not in query):
            break
        query = unquote(query)
    return query


def _remember(asked: set[int], where: str, query: Mapping[str, Any]) -> None:
    mark = hash((where, tuple(sorted((key, str(value)) for key, value in query.items()))))
    if mark in asked:
        raise _circle(where)
    asked.add(mark)


def _circle(path: str) -> Unreachable:
    return Unreachable(
        f"Kayako's list {path} goes round in circles: the same page came twice.",
        advice="Run again. If it stays, ask Kayako's support whether paging of this list works.",
    )
