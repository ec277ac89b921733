"""Macros (reference §b17): names unique, every agent may read them, few may write."""

from __future__ import annotations

from runner.zammad.directory import Kind

KIND = Kind(
    "macros",
    "/macros",
    keys=("name",),
    fields=("name", "perform", "note", "active", "group_ids"),
    right="admin.macro",
)
