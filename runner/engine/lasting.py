"""How long the steps of a move last: from what was measured, else from figures of a small Zammad.

Pure: figures in, seconds out. A span that nobody measured yet says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_A_PAGE = 100
"""Records that Kayako gives in one request (kayako-api.md §6)."""

_OTHER_LISTS = 20
"""Requests for definitions, teams, rules and the like."""

_USER, _TICKET, _ARTICLE, _DATE = 0.074, 0.124, 0.072, 0.095
"""Seconds of each write on a Zammad 6.5 with one process on 2 cores (zammad-api.md §k.18)."""

_READ = 0.02
"""Seconds of a read on such a Zammad; verify makes three of them a conversation."""


@dataclass(frozen=True, slots=True)
class Span:
    """So many seconds; ``measured`` here, or estimated."""

    seconds: float
    measured: bool = False


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is in Kayako: records of each kind, and how often Kayako may be asked.

    ``unread`` are the conversations whose posts are not copied yet; ``files`` those of the others.
    """

    cases: int
    unread: int
    users: int
    organizations: int
    posts: int
    files: int
    requests_per_minute: int


def spans(
    sizes: Sizes, runs: Sequence[Mapping[str, Any]], checked: Mapping[str, Any] | None
) -> dict[str, Span]:
    """Return how long ``pull``, ``apply``, ``delta`` and ``verify`` take.

    Args:
        sizes: what there is.
        runs: rows of a ledger, oldest first; the longest apply counts (``runner.engine.pace``).
        checked: the last verification with ``started_at`` and ``seconds``, None before the first.

    Returns:
        A span for each. ``pull`` is what is not copied yet, ``delta`` what an apply takes that
        finds nothing new: in both the lists are read whole.
    """
    a_second = max(sizes.requests_per_minute, 1) / 60
    lists = (sizes.cases + sizes.users + sizes.organizations) / _A_PAGE + _OTHER_LISTS
    read = sizes.cases - sizes.unread
    files = sizes.files * sizes.unread / read if read else 0
    return {
        "pull": Span((lists + sizes.unread + files) / a_second),
        "apply": _apply(sizes, runs),
        "delta": Span(lists / a_second),
        "verify": _verify(sizes, checked),
    }


def _apply(sizes: Sizes, runs: Sequence[Mapping[str, Any]]) -> Span:
    measured = [
        (int(points[-1][1]), float(points[-1][0]))
        for run in runs
        if run.get("kind") == "apply" and (points := (run.get("pace") or {}).get("tickets"))
    ]
    tickets, seconds = max(measured, default=(0, 0.0))
    if tickets:
        return Span(seconds * max(sizes.cases / tickets, 1), measured=True)
    further = max(sizes.posts - sizes.cases, 0)
    return Span(
        sizes.users * _USER + sizes.cases * (_TICKET + _DATE) + further * _ARTICLE,
    )


def _verify(sizes: Sizes, checked: Mapping[str, Any] | None) -> Span:
    tickets = (checked or {}).get("tickets") or 0
    if checked is not None and tickets and checked.get("seconds"):
        return Span(checked["seconds"] * max(sizes.cases / tickets, 1), measured=True)
    return Span(3 * sizes.cases * _READ)
