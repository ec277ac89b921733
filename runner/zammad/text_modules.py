"""Text modules (reference §b16); Zammad lets two share a name, we do not."""

from __future__ import annotations

from runner.zammad.directory import Kind

KIND = Kind(
    "text_modules",
    "/text_modules",
    keys=("name",),
    fields=("name", "content", "keywords", "note", "active", "group_ids"),
    right="admin.text_module",
)
