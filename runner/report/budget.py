"""The budget of an apply on a terminal: requests, time, what holds it up, disk, attachments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine.budget import STATED
from runner.report.losses import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from runner.engine.costs import Amount, Budget

_KAYAKO = {
    "lists": "pages of lists",
    "posts": "pages of messages",
    "beside": "of what hangs beside conversations",
}
_ZAMMAD = {
    "knowledge_bases": "of the knowledge base",
    "opening": "to prove import mode and attributes",
}
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def budget(out: Console, made: Budget) -> None:
    """Print what an apply would take."""
    out.print("\n[bold]What apply takes[/] (if it begins now)")
    found = made.estimate
    low, high = duration(found.low), duration(found.high)
    span = "" if low == high else f", between {low.removeprefix('about ')} and {high[6:]}"
    out.print(f"  Time: {duration(found.seconds)}{span if low.startswith('about') else ''}")
    if found.limit is not None:
        out.print(
            f"  What holds it up: {found.limit}" + (f": {made.advice}" if made.advice else "")
        )
    if made.setup.office_hours is not None:
        limit = made.setup.office_hours.requests_per_minute
        out.print(f"  Within the office hours Kayako is asked {limit:,} times a minute at most")
    _not_measured(out, made)
    out.print(f"  Requests to Kayako: {_counts(made.kayako, _KAYAKO)}")
    out.print(f"  Requests to Zammad: {_counts(made.zammad, _ZAMMAD)}")
    _volumes(out, made)


def duration(seconds: float) -> str:
    """Return a time in words, rounded as people would: ``about 5 h 40 min``."""
    minutes = round(seconds / 60)
    if seconds < 60:
        return "less than a minute"
    if minutes < 60:
        return f"about {minutes} min"
    if minutes < 24 * 60:
        hours, rest = divmod(round(minutes / 10) * 10, 60)
        return f"about {hours} h {rest} min" if rest else f"about {hours} h"
    days, hours = divmod(round(minutes / 60), 24)
    return f"about {counted(days, 'days')} {hours} h" if hours else f"about {counted(days, 'days')}"


def size(number: int) -> str:
    """Return bytes in words: ``1.2 GB``."""
    value, unit = float(number), _UNITS[0]
    for larger in _UNITS[1:]:
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{number} bytes" if unit == "bytes" else f"{value:,.3g} {unit}"


def _not_measured(out: Console, made: Budget) -> None:
    guessed = made.estimate.guessed
    if "Zammad" in guessed:
        figures = ", ".join(
            f"{1000 * seconds:.0f} ms for {words}"
            for seconds, words in (
                (STATED["tickets"], "a ticket with its first article"),
                (STATED["articles"], "an article"),
                (STATED["ticket updates"], "a ticket's last update"),
            )
        )
        out.print(
            f"  This Zammad's speed was not measured yet; reckoned with that of one of 2 cores"
            f" ({figures}). migrate apply --limit 20 measures yours"
        )
    if "Kayako" in guessed:
        out.print(
            "  How long Kayako takes for messages was not measured yet; reckoned with its lists."
            " migrate pull or apply measures it"
        )


def _counts(counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    if not counts:
        return "none"
    named = ", ".join(
        f"{number:,} {words[kind]}" if kind in words else counted(number, kind)
        for kind, number in counts.items()
    )
    return f"{sum(counts.values()):,} ({named})"


def _volumes(out: Console, made: Budget) -> None:
    files, disk = made.attachments, made.disk
    coming = _coming(files.to_come)
    out.print(f"  Attachments: {_amount(files.read)} read{coming}")
    line = (
        f"  Disk: the snapshot takes {size(disk.used)}, about {size(disk.to_come)} come to it"
        f" and to the ledger, {size(disk.free)} are free"
    )
    out.print(line if disk.is_enough else f"{line}\n  [red bold]That is not enough:[/] free some")


def _coming(amount: Amount | None) -> str:
    if amount is None:
        return "; how many come is known once some messages are read"
    return f", about {_amount(amount)} to come" if amount.files else ""


def _amount(amount: Amount) -> str:
    return f"{counted(amount.files, 'files')}, {size(amount.size)}"
