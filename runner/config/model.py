"""What the config file says, as plain frozen data. Every room may use these types."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from runner.config.filters import Filters

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from runner.config.hours import OfficeHours

ENTITIES = (
    "groups",
    "organizations",
    "users",
    "calendars",
    "macros",
    "text_modules",
    "kb_categories",
    "kb_sections",
    "kb_answers",
    "tickets",
)
"""Steps of a run in the order in which they refer to each other; articles ride in tickets."""

_LOOPBACK = re.compile(r"^(localhost|127(\.\d+){3}|::1)$")


class Secret:
    """A value that prints as ``***``; ``reveal()`` is the only way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written down")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def is_loopback(url: str) -> bool:
    """Say whether ``url`` points to this very machine (the sandbox does)."""
    return bool(_LOOPBACK.match(urlsplit(url).hostname or ""))


@dataclass(frozen=True, slots=True)
class KayakoConfig:
    """The source: where it is, who we are there, how hard we may ask."""

    url: str
    email: str
    password: Secret
    requests_per_minute: int
    workers: int
    ca_bundle: Path | None = None
    file_hosts: tuple[str, ...] = ()
    office_hours: OfficeHours | None = None

    @property
    def host(self) -> str:
        """Host name without port: the right-hand side of our message ids."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class ZammadConfig:
    """The target; ``settle_seconds`` is how long its settings are cached a process."""

    url: str
    token: Secret
    workers: int
    settle_seconds: float
    requests_per_minute: int | None
    ca_bundle: Path | None = None

    @property
    def key(self) -> str:
        """Name of this target for its ledger file: host, and port where one is given."""
        parts = urlsplit(self.url)
        name = parts.hostname or "zammad"
        path = parts.path.strip("/").replace("/", "-")
        return "-".join(part for part in (name, str(parts.port or ""), path) if part)


@dataclass(frozen=True, slots=True)
class Options:
    """How records are carried over, where there is a choice; defaults are those of the schema."""

    attribute_prefix: str = "kayako_"
    publish: str = "internal"
    side_conversations: bool = True
    activities: bool = False
    original_message_ids: str = "open"
    secondary_organizations: bool = False
    exact_updated_at: str = "rest"
    time_unit: str = "minutes"
    user_updated_at: bool = False
    keep_since: date | None = None
    links: str = "rewrite"
    avatars: bool = False
    follow_ups: str = "find"


@dataclass(frozen=True, slots=True)
class Config:
    """One config file; paths are absolute."""

    file: Path
    kayako: KayakoConfig
    zammad: ZammadConfig
    mappings: Path
    workdir: Path
    go_live: date | None
    order: tuple[str, ...]
    options: Options = Options()
    filters: Filters = field(default_factory=Filters)

    @property
    def read_since(self) -> date | None:
        """The day before which conversations need not be read, for they were not touched since."""
        return self.options.keep_since or self.filters.updated.since

    @property
    def snapshot_folder(self) -> Path:
        """One snapshot for all targets."""
        return self.workdir / "snapshot"

    @property
    def ledger_file(self) -> Path:
        """One ledger a target."""
        return self.workdir / "ledgers" / f"{self.zammad.key}.json"

    @property
    def plan_cache(self) -> Path:
        """What plans remember of the snapshot; it can be removed at any time."""
        return self.workdir / "cache" / "plan.sqlite3"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be printed."""
        password = self.kayako.password.reveal()
        basic = base64.b64encode(f"{self.kayako.email}:{password}".encode()).decode()
        return (password, basic, self.zammad.token.reveal())

    @property
    def in_the_clear(self) -> tuple[str, ...]:
        """Addresses of other machines to which logins go without encryption, as was allowed."""
        urls = (self.kayako.url, self.zammad.url)
        return tuple(url for url in urls if url.startswith("http://") and not is_loopback(url))
