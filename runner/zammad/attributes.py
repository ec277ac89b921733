"""Object attributes (reference §b7): read, compare, create, widen, migrate, remove.

An attribute is a line in a table until ``execute_migrations`` makes a column of it. A migration
restarts the server where it can (6.5, setting ``auto_shutdown``, §k1).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.errors import OutcomeUnknown, PreflightError, Refused, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.zammad.client import Zammad
    from runner.zammad.settings import Setting

    Row = dict[str, Any]

PATH = "/object_manager_attributes"
TICKET_TYPE = "Ticket.type"
"""Zammad's own list of ticket types; switched off in a fresh installation (recorded)."""
CREATE, UPDATE, UNCHANGED = "create", "update", "unchanged"

_PENDING = ("to_create", "to_migrate", "to_delete", "to_config")
_KEPT = ("object", "name", "display", "data_type", "active", "position", "screens")
_POLL_SECONDS = 0.25
_LONGEST_RESTART_SECONDS = 300.0
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one attribute; ``body`` is what is sent, ``there`` what was found."""

    action: str
    body: Row
    there: Row | None = None

    @property
    def key(self) -> str:
        """``Ticket.kayako_product``."""
        return key_of(self.body)


def readable(zammad: Zammad) -> dict[str, Row]:
    """Return all attributes, none where the token may not see them: who needs them says so."""
    try:
        return read(zammad)
    except PreflightError:
        return {}


def choices(row: Mapping[str, Any] | None) -> frozenset[str]:
    """Return the values that an attribute's list offers; none while it is switched off.

    Nobody sees or checks an attribute that is switched off: it takes any text.
    """
    if row is None or not row["active"]:
        return frozenset()
    return frozenset(_values((row.get("data_option") or {}).get("options") or []))


def _values(options: Any) -> Iterator[str]:
    for item in _as_list(options):
        yield str(item["value"])
        yield from _values(item.get("children") or [])


def key_of(row: Mapping[str, Any]) -> str:
    """Return what identifies an attribute: its object and its name."""
    return f"{row['object']}.{row['name']}"


def read(zammad: Zammad) -> dict[str, Row]:
    """Return all attributes of all objects, by ``key_of``.

    Raises:
        PreflightError: the token may not see them.
    """
    try:
        rows = zammad.get(PATH)
    except Refused as refusal:
        raise PreflightError(
            f"the token may not read Zammad's object attributes: {refusal}",
            advice="its user needs the role Admin, the token the permission admin",
        ) from refusal
    return {key_of(row): row for row in rows}


def is_pending(row: Mapping[str, Any]) -> bool:
    """Say whether a change of an attribute waits for a migration."""
    return any(row.get(name) for name in _PENDING)


def compare(body: Row, there: Row | None) -> Step:
    """Return what has to be done so that an attribute holds what it should.

    Choices are added and limits widened; nothing is taken away, and what people changed about
    label, place and screens stays.

    Raises:
        PreflightError: there is an attribute of this name and of another type.
    """
    if there is None:
        return Step(CREATE, body)
    if there["data_type"] != body["data_type"]:
        raise PreflightError(
            f"the attribute {body['name']} of {body['object']} is there already, of the type"
            f" {there['data_type']}; the custom field needs {body['data_type']}",
            advice=(
                "give it another name in mappings/custom_fields.yaml (change: name:), or say there"
                f" as: what it is to be; or remove {body['name']} in Zammad (Manage, Objects)"
            ),
        )
    has = there.get("data_option_new") or there["data_option"]
    option = widened(has, body["data_option"])
    if option == has:
        return Step(UNCHANGED, body, there)
    if not there.get("editable", True):
        raise PreflightError(
            f"Zammad does not let the attribute {body['name']} of {body['object']} be changed",
            advice="give it another name in mappings/custom_fields.yaml (change: name:)",
        )
    return Step(UPDATE, with_option(there, option), there)


def with_option(row: Row, option: Mapping[str, Any]) -> Row:
    """Return what a PUT takes to change nothing of an attribute but its ``data_option``."""
    return {name: row[name] for name in _KEPT} | {"data_option": dict(option)}


def widened(has: Mapping[str, Any], wanted: Mapping[str, Any]) -> Row:
    """Return a ``data_option`` that takes what both take."""
    option = dict(has)
    for name, choose in (("maxlength", max), ("max", max), ("min", min)):
        if name in wanted and isinstance(has.get(name), int):
            option[name] = choose(has[name], wanted[name])
    if wanted.get("options"):
        option["options"] = _joined(has.get("options") or {}, wanted["options"])
    return option


def _joined(has: Any, wanted: Any) -> Any:
    """Add the choices that are missing: to names by key, or to a list with values and children."""
    if isinstance(has, dict) and isinstance(wanted, dict):
        return has | {key: name for key, name in wanted.items() if key not in has}
    there = _as_list(has)
    by_value = {item["value"]: item for item in there}
    joined = [
        item | {"children": _joined(item.get("children") or [], more["children"])}
        if (more := _found(wanted, item["value"])).get("children")
        else item
        for item in there
    ]
    return joined + [item for item in _as_list(wanted) if item["value"] not in by_value]


def _as_list(options: Any) -> list[Row]:
    if isinstance(options, dict):
        return [{"name": name, "value": key} for key, name in options.items()]
    return list(options)


def _found(options: Any, value: str) -> Row:
    return next((item for item in _as_list(options) if item["value"] == value), {})


def send(zammad: Zammad, step: Step) -> int:
    """Create or change one attribute and return its id; it counts after ``migrate``.

    Raises:
        PreflightError: Zammad refuses it.
    """
    for _ in range(_ATTEMPTS):
        try:
            if step.there is not None:
                zammad.update(f"{PATH}/{step.there['id']}", step.body)
                return int(step.there["id"])
            return int(zammad.create(PATH, step.body)["id"])
        except OutcomeUnknown:
            found = read(zammad).get(step.key)
            if found is not None:
                return int(found["id"])
        except Refused as refusal:
            raise PreflightError(
                f"Zammad refuses the attribute {step.body['name']} of {step.body['object']}:"
                f" {refusal}",
                advice="change its name or its kind in mappings/custom_fields.yaml, or ignore it",
            ) from refusal
    raise PreflightError(
        f"Zammad did not answer {_ATTEMPTS} times when {step.key} was created",
        advice="look at its log, then apply again",
    )


def refuse_unfinished(rows: Iterable[Row], ours: frozenset[str]) -> None:
    """Stop where somebody else's changes wait: our migration would carry them out as well.

    Raises:
        PreflightError: naming them.
    """
    waiting = sorted(key_of(row) for row in rows if is_pending(row) and key_of(row) not in ours)
    if waiting:
        raise PreflightError(
            f"changes of attributes are waiting in Zammad: {', '.join(waiting)}",
            advice="carry them out or discard them there first (Manage, Objects)",
        )


def migrate(zammad: Zammad, settings: Mapping[str, Setting], *, patience: float) -> None:
    """Make columns of what is pending, and wait until the server is back.

    Args:
        zammad: the server.
        settings: its settings: ``auto_shutdown`` says whether it restarts itself.
        patience: how many seconds it may take to go down; the old process answers for a while.

    Raises:
        PreflightError: the migration failed.
        Unreachable: the server went down and did not come back.
    """
    restarts = settings.get("auto_shutdown")
    for _ in range(_ATTEMPTS):
        try:
            zammad.create(f"{PATH}_execute_migrations", {})
        except OutcomeUnknown:
            pass  # it may have gone down too early to answer: what is pending tells
        except Refused as refusal:
            raise PreflightError(
                f"Zammad cannot carry out the migration of its attributes: {refusal}",
                advice="look into its log; Manage, Objects in Zammad shows what is pending",
            ) from refusal
        wait_until_back(zammad, patience=patience if restarts and restarts.value else 0.0)
        if not any(is_pending(row) for row in read(zammad).values()):
            return
    raise PreflightError(
        "attributes are still pending after their migration",
        advice="look into Zammad's log; Manage, Objects in Zammad shows what is pending",
    )


def wait_until_back(zammad: Zammad, *, patience: float) -> None:
    """Return when the server has been down and answers again, or did not go down in time.

    Raises:
        Unreachable: it does not come back.
    """
    until = time.monotonic() + patience
    while _answers(zammad):
        if time.monotonic() >= until:
            return
        time.sleep(_POLL_SECONDS)
    until = time.monotonic() + _LONGEST_RESTART_SECONDS
    while not _answers(zammad):
        if time.monotonic() >= until:
            raise Unreachable(
                f"{zammad.host} went down after the migration of its attributes and did not come"
                f" back within {_LONGEST_RESTART_SECONDS / 60:.0f} minutes",
                advice="start Zammad again, then apply again: it goes on from there",
            )
        time.sleep(_POLL_SECONDS)


def _answers(zammad: Zammad) -> bool:
    """Ask once, on a new connection."""
    try:
        return zammad.http.send("GET", "/users/me", attempts=1, fresh_connection=True).ok
    except Unreachable:
        return False
