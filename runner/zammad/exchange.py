"""What is kept of a request that Zammad did not carry out: enough to understand it, no more.

A ledger stays in memory and lies on a disk for weeks, so texts are cut, files are left out, and
the whole is bounded.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.errors import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

LONGEST_TEXT = 200
LONGEST_BODY = 4_000
LONGEST_ANSWER = 1_000
_MOST_ITEMS = 10
_DEEPEST = 6


def exchange(
    method: str, path: str, options: Mapping[str, Any], *, scrub: Callable[[str], str]
) -> Exchange:
    """Return a request as it is kept, without an answer.

    Args:
        method: ``POST``…
        path: below ``/api/v1``.
        options: those of ``Http.send``; ``json`` is the body, of ``files`` only names count.
        scrub: takes secrets out of a text; what it is given is still whole.
    """
    sent = options.get("json")
    if options.get("files"):
        sent = {name: f"file {file[0]}" for name, file in options["files"].items()}
    body = "" if sent is None else json.dumps(_cut(sent, scrub), ensure_ascii=True, default=str)
    return Exchange(method, path, _at_most(body, LONGEST_BODY))


def answered(response: requests.Response, *, scrub: Callable[[str], str]) -> str:
    """Return the beginning of an answer, as text."""
    return _at_most(scrub(response.text[: LONGEST_ANSWER * 2]), LONGEST_ANSWER)


def _cut(value: Any, scrub: Callable[[str], str], depth: int = 0) -> Any:
    if isinstance(value, str):
        return _at_most(scrub(value[: LONGEST_BODY * 2]), LONGEST_TEXT, whole=len(value))
    if depth == _DEEPEST and isinstance(value, dict | list):
        return "…"
    if isinstance(value, dict):
        return {
            scrub(str(key)): "…" if key == "data" else _cut(inner, scrub, depth + 1)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        kept = [_cut(inner, scrub, depth + 1) for inner in value[:_MOST_ITEMS]]
        more = len(value) - _MOST_ITEMS
        return [*kept, f"… {more} more"] if more > 0 else kept
    return value


def _at_most(text: str, most: int, whole: int | None = None) -> str:
    length = whole or len(text)
    return text if length <= most else f"{text[:most]}… ({length:,} characters)"
