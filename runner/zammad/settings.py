"""Zammad's settings: read all, write one (reference §a1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.errors import PreflightError, Refused

if TYPE_CHECKING:
    from runner.zammad.client import Zammad


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of ``/settings``; ``created_at`` as Zammad wrote it."""

    id: int
    value: Any
    created_at: str


def read(zammad: Zammad) -> dict[str, Setting]:
    """Return the settings that our token may see, by name."""
    try:
        rows = zammad.get("/settings")
    except Refused as refusal:
        raise PreflightError(
            f"the token may not read Zammad's settings: {refusal}",
            advice="its user needs the role Admin, and the token the permission admin",
        ) from refusal
    return {
        row["name"]: Setting(
            row["id"], (row.get("state_current") or {}).get("value"), row.get("created_at", "")
        )
        for row in rows
    }


def write(zammad: Zammad, setting: Setting, value: Any) -> None:
    """Set one setting; Zammad's processes see it within 15 seconds (reference §0.13)."""
    zammad.update(f"/settings/{setting.id}", {"state_current": {"value": value}})
