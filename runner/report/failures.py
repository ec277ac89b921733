"""What is kept of a failed record, in the terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.report.terminal import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console


def failure(out: Console, kept: Mapping[str, Any]) -> None:
    """Print how often it was tried, what was sent last, the answer, and what to do."""
    times = "once" if kept["attempts"] == 1 else f"{kept['attempts']:,} times"
    since = "at" if kept["attempts"] == 1 else "since"
    out.print(f"    tried {times} {since} {clean(kept['since'])}")
    sent = kept.get("request")
    if sent is None:
        out.print("    nothing was sent: it failed before")
    else:
        out.print(f"    sent: {clean(sent['method'])} {clean(sent['path'])}")
        for line in _lines(sent["body"]):
            out.print(f"      [dim]{clean(line)}[/]")
        answer = "none came" if sent["status"] is None else f"{sent['status']} {sent['answer']}"
        out.print(f"    answer: {clean(answer)}")
    if kept["advice"]:
        out.print(f"    what to do: {clean(kept['advice'])}")


def _lines(body: str) -> list[str]:
    """Return a body a field a line; one that was cut as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False).splitlines()[1:-1]
    except ValueError:
        return [body] if body else []
