"""Calendars (reference §b19): hours a weekday, whole days off, one of them the default one."""

from __future__ import annotations

from runner.zammad.directory import Kind

KIND = Kind(
    "calendars",
    "/calendars",
    keys=("name",),
    fields=("name", "timezone", "business_hours", "public_holidays", "default"),
    right="admin.calendar",
)
