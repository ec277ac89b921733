"""What a plan says about an apply's requests, time, disk and attachments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runner.engine.budget import Estimate, Limit, Needs, Setup

_ADVICE = {
    Limit.KAYAKO_RATE: "raise kayako.requests_per_minute (now {requests_per_minute:,}) if your"
    " plan with Kayako allows more; more workers gain nothing",
    Limit.KAYAKO_LATENCY: "raise kayako.workers (now {kayako_workers}): more is then read at once",
    Limit.KAYAKO_LISTS: "",
    Limit.ONE_WRITER: "empty es_url and stop Zammad's background workers meanwhile",
    Limit.ZAMMAD: "give Zammad more server processes (WEB_CONCURRENCY) and raise zammad.workers"
    " (now {zammad_workers}) to as many; empty es_url and stop its background workers meanwhile",
    Limit.ZAMMAD_RATE: "raise zammad.requests_per_minute (now {zammad_requests_per_minute:,})",
    Limit.OWN: "run migrate on a faster computer; no setting helps",
    Limit.WAITING: "",
}
_RESERVE = 1.1


@dataclass(frozen=True, slots=True)
class Amount:
    """Files and their bytes."""

    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Attachments:
    """Files that are read already, and those still to come; None: nobody can tell yet."""

    read: Amount
    to_come: Amount | None


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes that the working files take, will come to them, and are free where they lie."""

    used: int
    to_come: int
    free: int

    @property
    def is_enough(self) -> bool:
        """Say whether there is room for what comes, with a tenth to spare."""
        return self.free >= self.to_come * _RESERVE


@dataclass(frozen=True, slots=True)
class Budget:
    """All of it; ``setup`` is what the estimate reckoned with."""

    needs: Needs
    setup: Setup
    estimate: Estimate
    attachments: Attachments
    disk: Disk

    @property
    def kayako(self) -> dict[str, int]:
        """Requests to Kayako by kind."""
        return _there({"lists": self.needs.lists, **self.needs.reading})

    @property
    def zammad(self) -> dict[str, int]:
        """Requests to Zammad by kind."""
        opening = {"opening": self.needs.opening}
        return _there({**opening, **self.needs.one_writer, **self.needs.writing})

    @property
    def advice(self) -> str:
        """Say which setting makes it quicker; empty where none does."""
        limit, setup = self.estimate.limit, self.setup
        if limit is None:
            return ""
        return _ADVICE[limit].format(
            requests_per_minute=setup.requests_per_minute,
            kayako_workers=setup.kayako_workers,
            zammad_workers=setup.zammad_workers,
            zammad_requests_per_minute=setup.zammad_requests_per_minute or 0,
        )

    def as_json(self) -> dict[str, Any]:
        """Return it for machines; times in seconds, sizes in bytes."""
        found, files = self.estimate, self.attachments
        to_come = files.to_come
        return {
            "requests": {"kayako": self.kayako, "zammad": self.zammad},
            "seconds": round(found.seconds, 1),
            "at_best": round(found.low, 1),
            "at_worst": round(found.high, 1),
            "parts": [
                {"part": part.name, "seconds": round(part.seconds, 1), "limit": str(part.limit)}
                for part in found.parts
            ],
            "limit": None if found.limit is None else str(found.limit),
            "advice": self.advice,
            "not_measured": list(found.guessed),
            "attachments": {
                "read": {"files": files.read.files, "bytes": files.read.size},
                "to_come": None
                if to_come is None
                else {"files": to_come.files, "bytes": to_come.size},
            },
            "disk": {
                "used": self.disk.used,
                "to_come": self.disk.to_come,
                "free": self.disk.free,
                "is_enough": self.disk.is_enough,
            },
        }


def _there(counts: dict[str, int]) -> dict[str, int]:
    return {kind: number for kind, number in counts.items() if number}
