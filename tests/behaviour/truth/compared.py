"""What was told from the data beside what stands in Zammad."""

from __future__ import annotations

from typing import Any

from tests.behaviour.support import differences
from tests.behaviour.truth import Truth


def unlike(truth: Truth, there: dict[str, dict[str, Any]]) -> list[str]:
    """Return every fact that is not in Zammad as it should be, a line each."""
    lines = []
    for key, facts in truth.facts.items():
        row = there.get(key)
        if row is None:
            lines.append(f"{key} is missing")
            continue
        for name, wanted in facts.items():
            if name == "note":
                lines += [f"{key}/note lacks {part}" for part in wanted if part not in row["note"]]
            else:
                lines += differences(row.get(name), wanted, f"{key}/{name}")
    return lines
