"""Kinds of requests to Zammad that take differently long, for estimates."""

from __future__ import annotations

READS, REMOVALS = "reads", "removals"

_UPDATED = {"tickets": "ticket updates", "users": "user updates"}


def kind_of(method: str, path: str) -> str:
    """Return the kind of a request: ``reads``, else what it writes, such as ``articles``."""
    parts = path.strip("/").split("/")
    if method == "GET" or parts[-1] == "search":
        return READS
    if method == "DELETE":
        return REMOVALS
    if "time_accountings" in parts or "time_accounting" in parts:
        return "time entries"
    if parts[0] == "ticket_articles":
        return "articles"
    if method == "PUT" and parts[0] in _UPDATED:
        return _UPDATED[parts[0]]
    return parts[0]
