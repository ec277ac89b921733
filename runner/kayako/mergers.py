"""Finds into which conversation another was merged, as far as its history tells.

No field of a merged conversation names the survivor (kayako-api.md §11.5); its activities may: an
activity has a target and changed objects (§10). Never recorded: what does not name one other
conversation clearly is not known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.snapshot.values import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.kayako.answers import Json

_PLACES = ("target", "result", "object", "in_reply_to", "place")
_WORDS = ("activity", "verb", "summary")
_ADDRESS = re.compile(r"/(?:cases|conversations)/(?:view/)?(\d+)\b")


def survivor(activities: list[Json], case_id: int) -> int | None:
    """Return the id of the conversation that ``case_id`` was merged into, None if not known.

    Args:
        activities: Of the merged conversation, in any order.
        case_id: Its own id, which is no answer.
    """
    mergers = [item for item in activities if _speaks_of_merging(item)]
    mergers.sort(key=lambda item: str(item.get("created_at") or ""), reverse=True)
    for activity in mergers:
        # The first place that names another conversation: the target before the summary.
        for place in (*(activity.get(name) for name in _PLACES), _objects(activity)):
            others = set(_cases(place)) - {case_id}
            if len(others) == 1:
                return others.pop()
        others = {int(found) for found in _ADDRESS.findall(str(activity.get("summary") or ""))}
        if len(others - {case_id}) == 1:
            return (others - {case_id}).pop()
    return None


def _speaks_of_merging(activity: Json) -> bool:
    return any("merge" in str(activity.get(name) or "").casefold() for name in _WORDS)


def _objects(activity: Json) -> list[Any]:
    actions = activity.get("actions")
    found = (
        [item for item in actions if isinstance(item, dict)] if isinstance(actions, list) else []
    )
    return [item.get("new_object") for item in found]


def _cases(value: Any) -> Iterator[int]:
    """Yield the ids of conversations that a value refers to, by reference or by address."""
    if isinstance(value, list):
        for item in value:
            yield from _cases(item)
    elif isinstance(value, dict):
        if value.get("resource_type") == "case":
            identifier = number(value.get("id"))
            if identifier is not None:
                yield identifier
            return
        yield from _cases(value.get("original"))
        for key in ("url", "resource_url"):
            yield from map(int, _ADDRESS.findall(str(value.get(key) or "")))
