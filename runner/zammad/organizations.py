"""Organizations (reference §b2): one domain each, names unique."""

from __future__ import annotations

from runner.zammad.directory import Kind

KIND = Kind(
    "organizations",
    "/organizations",
    keys=("name",),
    fields=("name", "domain", "note", "shared", "active", "domain_assignment"),
)
