"""How Zammad coerces, cuts and looks up what clients send."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import access, moments
from runner.sandbox.zammad.wire import Call, unprocessable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

_FALSE = {"", "0", "f", "false", "off", "no"}
_INTEGER = re.compile(r"\s*([+-]?\d+)")
_LISTS = ("multiselect", "multi_tree_select")
_TABLE_OF = {
    "group": "groups",
    "state": "ticket_states",
    "priority": "ticket_priorities",
    "organization": "organizations",
    "owner": "users",
    "customer": "users",
    "origin_by": "users",
    "signature": "signatures",
    "email_address": "email_addresses",
}


def text(value: Any, limit: int) -> str | None:
    """Return a string column's value: over-long strings are cut silently in every mode."""
    if value is None:
        return None
    if isinstance(value, bool):
        value = "t" if value else "f"
    return str(value).replace("\0", "")[:limit]


def boolean(value: Any) -> bool | None:
    """Coerce as Rails does: everything but a few words is true (recording 6.5: "maybe")."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return None if not value else value.lower() not in _FALSE
    return bool(value)


def integer(value: Any) -> int | None:
    """Coerce as Rails does: a word becomes 0, nothing stays null (recording 6.5: "seven")."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float)):
        return int(value)
    match = _INTEGER.match(str(value))
    return int(match.group(1)) if match else 0


def resolve(state: State, params: Row, names: tuple[str, ...]) -> Row:
    """Return ids for relations that are given by name or id.

    Args:
        state: the server.
        params: what the client sent.
        names: relations such as ``group``; ``group_id`` is looked at too and loses to a name.

    Raises:
        Failure: 422 for a name or id that nothing has.
    """
    found: Row = {}
    for name in names:
        key = f"{name}_id"
        given = params.get(name)
        if isinstance(given, str) and given:
            found[key] = _id_of_name(state, name, given)
        elif key in params:
            found[key] = _id_of_number(state, name, params[key])
    return found


def _id_of_name(state: State, relation: str, wanted: str) -> int:
    table = _TABLE_OF[relation]
    if table == "users":
        user = access.find_user(state, wanted)
        identifier = user["id"] if user else None
    else:
        identifier = state.store.names[table].get(wanted.lower())
    if identifier is None:
        raise unprocessable(f"No lookup value found for '{relation}': \"{wanted}\"")
    return int(identifier)


def _id_of_number(state: State, relation: str, value: Any) -> int | None:
    if value is None or value == "":
        return None
    identifier = integer(value)
    if state.row(_TABLE_OF[relation], identifier) is None:
        raise unprocessable(f"Invalid value for param '{relation}_id': {value}")
    return identifier


def require_known_people(state: State, params: Row) -> None:
    """Refuse unknown creators although they have no effect (recording 6.5, "article with an …").

    Raises:
        Failure: 422.
    """
    for key in ("created_by_id", "updated_by_id"):
        if params.get(key) is not None and state.row("users", integer(params[key])) is None:
            raise unprocessable(f"Invalid value for param '{key}': {params[key]}")


def custom(state: State, call: Call, model: str, *, creating: bool) -> Row:
    """Return the values of the attributes that were added to ``model``.

    Attributes that this process has not loaded yet are dropped silently, as measured with two
    processes on 5.2; so are unknown keys. A new record gets the defaults.
    """
    found: Row = {}
    for attribute in active_attributes(state, model, call.worker):
        name = attribute["name"]
        if name in call.params:
            found[name] = coerce(attribute, call.params[name])
        elif creating:
            found[name] = default(state, attribute)
    return found


def active_attributes(state: State, model: str, worker: int) -> list[Row]:
    """Return the added attributes of a model that this process knows."""
    return [
        row
        for row in state.added_attributes.get(model, ())
        if worker in state.column_workers[f"{model}.{row['name']}"]
    ]


def coerce(attribute: Row, value: Any) -> Any:
    """Turn a client's value into what the column holds."""
    kind = attribute["data_type"]
    if kind in _LISTS:
        items = value if isinstance(value, list) else [value] if value not in (None, "") else []
        return [str(item) for item in items]
    if kind == "boolean":
        return boolean(value)
    if kind == "integer":
        return integer(value)
    if kind == "date":
        return moments.read_date(value)
    if kind == "datetime":
        return moments.read(value)
    return text(value, int(attribute["data_option"].get("maxlength") or 255))


def default(state: State, attribute: Row) -> Any:
    """Return the value of an attribute that a new record was not given.

    ``diff`` of a date means "so many days from today": 0 makes it today (API reference §j).
    """
    option: Mapping[str, Any] = attribute["data_option"]
    kind = attribute["data_type"]
    if kind in _LISTS:
        return option.get("default") or []
    if kind in ("date", "datetime"):
        if option.get("diff") is None:
            return None
        span = {"days" if kind == "date" else "hours": int(option["diff"])}
        moment = datetime.fromtimestamp(state.clock(), UTC) + timedelta(**span)
        written = moments.stamp(moment.timestamp())
        return written[:10] if kind == "date" else written
    return option.get("default")


def choices(attribute: Row) -> set[str] | None:
    """Return the allowed values of a select attribute; None for attributes without a list."""
    options = attribute["data_option"].get("options")
    if attribute["data_type"] in ("select", "multiselect"):
        if isinstance(options, dict):
            return set(options)
        return {str(item.get("value")) for item in options or []}
    if attribute["data_type"] in ("tree_select", "multi_tree_select"):
        return set(_leaves(options or []))
    return None


def _leaves(options: list[Row]) -> list[str]:
    found: list[str] = []
    for item in options:
        found.append(str(item.get("value")))
        found += _leaves(item.get("children") or [])
    return found
