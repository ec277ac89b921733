"""Records that are made only to find something out, and taken away at once.

Their names begin with ``migrate-probe-`` and are unique; who makes one writes its name down first.
Import mode must be on: nobody is told of them then.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from runner.errors import OutcomeUnknown, PreflightError, Refused
from runner.zammad import preflight, tickets, users
from runner.zammad.import_mode import PROBES, remove_probes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.zammad.client import Zammad

PATHS = {"organizations": "/organizations", "users": "/users", "tickets": "/tickets"}
_ATTEMPTS = 3


def create(zammad: Zammad, entity: str, name: str, **values: Any) -> int:
    """Create a probe and return its id.

    Args:
        zammad: the server, in import mode.
        entity: organizations, users or tickets.
        name: the name, login or number.
        values: further values, instead of ours.

    Raises:
        Refused: Zammad says no.
        PreflightError: there is no group for a ticket, or no answer.
    """
    body = {**_BODIES[entity](zammad, name), **values}
    for _ in range(_ATTEMPTS):
        try:
            return int(zammad.create(PATHS[entity], body)["id"])
        except OutcomeUnknown:
            found = _look_up(zammad, entity, name)
            if found is not None:
                return int(found["id"])
    raise PreflightError(
        f"Zammad did not answer {_ATTEMPTS} probes in a row",
        advice="look at its log; nothing was moved by this run",
    )


def remove(zammad: Zammad, entity: str, name: str) -> None:
    """Delete a probe, if it is there; one that Zammad keeps is left."""
    with contextlib.suppress(Refused):
        if entity == "organizations":
            remove_probes(zammad, [name])
            return
        found = _look_up(zammad, entity, name)
        if found is not None:
            zammad.delete(f"{PATHS[entity]}/{found['id']}")


def lost_values(
    zammad: Zammad, path: str, samples: Sequence[Mapping[str, Any]], *, rounds: int = PROBES
) -> list[str]:
    """Write values into a record again and again, and return the fields that did not keep them.

    Each time on a new connection, so that every process of the server gets its turn, and with
    other values than before: a process that does not know a field leaves the old ones.
    """
    for number in range(rounds):
        wanted = samples[number % len(samples)]
        answer = zammad.update(path, wanted, fresh_connection=True)
        lost = [name for name, value in wanted.items() if not _same(answer.get(name), value)]
        if lost:
            return lost
    return []


def _same(there: Any, wanted: Any) -> bool:
    return there == wanted or (there in (None, "", []) and wanted in (None, "", []))


def _look_up(zammad: Zammad, entity: str, name: str) -> dict[str, Any] | None:
    if entity == "users":
        return users.look_up(zammad, name)
    if entity == "tickets":
        return tickets.by_number(zammad, name)
    rows = zammad.pages(PATHS[entity], per_page=1000)
    return next((row for row in rows if row["name"] == name), None)


def _ticket(zammad: Zammad, name: str) -> dict[str, Any]:
    """Return a ticket of our own in a group that we may write to."""
    me = preflight.who_am_i(zammad)
    groups = zammad.pages("/groups", per_page=1000)
    group = next((row["id"] for row in groups if row["active"] and row["id"] in me.group_ids), None)
    if group is None:
        raise PreflightError(
            "there is no active group in Zammad for a probe",
            advice="set one active (Manage, Groups), then apply again",
        )
    return {
        "title": name,
        "number": name,
        "group_id": group,
        "customer_id": me.id,
        # States that wait need a time; others do not mind.
        "pending_time": "2101-02-03T04:05:06Z",
    }


_BODIES = {
    "organizations": lambda _zammad, name: {"name": name},
    "users": lambda _zammad, name: {
        "login": name,
        "firstname": "migrate",
        "lastname": "probe",
        "roles": ["Customer"],
    },
    "tickets": _ticket,
}
