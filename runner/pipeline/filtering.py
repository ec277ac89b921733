"""Whether the names in the block ``scope`` of the config file are names that Kayako has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.config.filters import NONE
from runner.documents import closest, load
from runner.errors import InvalidFiles, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.config.filters import Names
    from runner.config.model import Config
    from runner.snapshot import Snapshot


def refuse_unknown_names(config: Config, snapshot: Snapshot) -> None:
    """Compare the scope's teams and states with Kayako's, as far as its lists were read.

    Raises:
        InvalidFiles: With every name that Kayako does not have, and the nearest one that it has.
    """
    problems = list(_unknown(config, snapshot)) if snapshot.pulled_at is not None else []
    if problems:
        raise InvalidFiles(problems)


def _unknown(config: Config, snapshot: Snapshot) -> Iterator[Problem]:
    teams, states = config.filters.teams, config.filters.states
    if teams.only or teams.leave_out:
        titles = [str(team.get("title") or "").strip() for team in snapshot.records("teams")]
        yield from _of(config, "teams", teams, [*titles, NONE])
    if states.only or states.leave_out:
        found = snapshot.definitions("case_status")
        words = [str(row.get(key) or "").strip() for key in ("type", "label") for row in found]
        # Labels count in any case: of Closed and CLOSED the label is enough.
        yield from _of(config, "states", states, list({w.casefold(): w for w in words}.values()))


def _of(config: Config, block: str, names: Names, there: list[str]) -> Iterator[Problem]:
    known = {name.casefold() for name in there}
    for key, listed in (("only", names.only), ("leave_out", names.leave_out)):
        for position, name in enumerate(listed):
            if name.strip().casefold() not in known:
                yield load(config.file).problem(
                    ("scope", block, key, position),
                    f"Kayako has no {block.removesuffix('s')} {name}{closest(name, there)}",
                    f"Kayako has: {', '.join(filter(None, there))}.",
                )
