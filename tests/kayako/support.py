"""A served fake Kayako, a client and a snapshot, as most tests of this folder need them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runner.kayako.bodies import BodyReport
from runner.kayako.client import Kayako
from runner.kayako.pull import HeaderReport, pull_bodies, pull_headers
from runner.sandbox.data import Helpdesk
from runner.sandbox.kayako import FakeKayako
from runner.sandbox.serving import serve
from runner.snapshot import Snapshot

EMAIL, PASSWORD = "admin@example.com", "sandbox"


@dataclass
class Pulling:
    fake: FakeKayako
    url: str
    kayako: Kayako
    snapshot: Snapshot
    pauses: list[float] = field(default_factory=list)

    def headers(self, **options: Any) -> HeaderReport:
        return pull_headers(self.kayako, self.snapshot, progress=lambda *_: None, **options)

    def bodies(self, **options: Any) -> BodyReport:
        return pull_bodies(self.kayako, self.snapshot, **{"workers": 3, **options})

    def both(self) -> tuple[HeaderReport, BodyReport]:
        return self.headers(), self.bodies()

    def asked(self, part: str) -> list[str]:
        return [seen.path for seen in self.fake.requests if part in seen.path]


@contextmanager
def pulling(
    helpdesk: Helpdesk, folder: Path, *, file_hosts: tuple[str, ...] = (), **switches: Any
) -> Iterator[Pulling]:
    """Serve ``helpdesk`` and open a snapshot of it; pauses are noted, not made."""
    fake = FakeKayako(helpdesk, **switches)
    pauses: list[float] = []
    with serve(fake.app) as served:
        kayako = Kayako(served.url, EMAIL, PASSWORD, file_hosts=file_hosts, sleep=pauses.append)
        snapshot = Snapshot.open(folder, kayako_url=served.url)
        try:
            yield Pulling(fake, served.url, kayako, snapshot, pauses)
        finally:
            kayako.close()
            snapshot.close()


def contents(snapshot: Snapshot) -> dict[str, Any]:
    """Everything that a snapshot yields, to compare two of them."""
    url = snapshot.kayako_url
    found: dict[str, Any] = {
        name: list(snapshot.records(name)) for name in ("teams", "organizations", "users", "cases")
    }
    found["posts"] = {case["id"]: snapshot.posts(case["id"]) for case in found["cases"]}
    found["gone"] = {name: snapshot.gone(name) for name in ("users", "cases")}
    without: dict[str, Any] = _without(found, url)
    return without


def _without(value: Any, url: str) -> Any:
    if isinstance(value, list):
        return [_without(item, url) for item in value]
    if isinstance(value, dict):
        return {_without(key, url): _without(item, url) for key, item in value.items()}
    return value.replace(url, "KAYAKO") if isinstance(value, str) else value
