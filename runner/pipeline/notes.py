"""What of a pull somebody should look at, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.kayako.pull import BodyReport, HeaderReport
    from runner.snapshot import Snapshot

_MOST_LISTED = 20


def header_notes(report: HeaderReport) -> list[str]:
    """Return what the lists lack: what Kayako refused, and counts that do not agree."""
    refused = [f"{name} could not be read: {why}" for name, why in report.unavailable.items()]
    return [*refused, *report.notes]


def body_notes(report: BodyReport | None) -> list[str]:
    """Return what messages and files lack."""
    if report is None:
        return []
    notes = []
    if report.posts_missing:
        notes.append(f"{report.posts_missing:,} messages that Kayako counts were not delivered")
    if report.refused:
        notes.append(
            f"{report.refused:,} requests for people in copy, merged conversations or original"
            " mails were refused: Kayako's plan or the account's role does not include them"
        )
    if report.files_missing:
        notes.append(f"{report.files_missing:,} files could not be read; their articles say so")
    for case_id, why in list(report.failures.items())[:_MOST_LISTED]:
        notes.append(f"conversation {case_id} could not be read: {why}")
    if report.failed > _MOST_LISTED:
        notes.append(f"{report.failed:,} conversations could not be read in all")
    return notes


def time_notes(snapshot: Snapshot) -> list[str]:
    """Return how many time entries have no conversation to go to."""
    dangling = snapshot.dangling_time_entries()
    text = f"{dangling:,} time entries are left out: Kayako does not have their conversations"
    return [text] if dangling else []
