"""What a client sends about a user, read into columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import access, moments, people, values
from runner.sandbox.zammad.wire import Call, unprocessable

if TYPE_CHECKING:
    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

_FLAGS = ("vip", "verified", "active", "out_of_office")
_DATES = ("last_login",)
_DAYS = ("out_of_office_start_at", "out_of_office_end_at")


def fields_of(state: State, call: Call, *, creating: bool) -> Row:
    """Read the columns that the client sent.

    Raises:
        Failure: 422 for names and ids that nothing has.
    """
    params = call.params
    fields: Row = {
        name: values.text(params[name], limit) or ""
        for name, limit in people.TEXT_LIMITS.items()
        if name in params and name != "login"
    }
    if params.get("login"):
        fields["login"] = values.text(params["login"], 255)
    for name in _FLAGS:
        if name in params:
            fields[name] = bool(values.boolean(params[name]))
    fields.update({name: moments.read(params[name]) for name in _DATES if name in params})
    fields.update({name: moments.read_date(params[name]) for name in _DAYS if name in params})
    if "out_of_office_replacement_id" in params:
        fields["out_of_office_replacement_id"] = values.integer(
            params["out_of_office_replacement_id"]
        )
    if isinstance(params.get("preferences"), dict):
        fields["preferences"] = params["preferences"]
    fields.update(values.resolve(state, params, ("organization",)))
    if access.may(state, call.user, "admin.user"):
        fields.update(_associations(state, params))
    fields.update(values.custom(state, call, "User", creating=creating))
    return fields


def _associations(state: State, params: Row) -> Row:
    fields: Row = {}
    for plural, table in (("roles", "roles"), ("organizations", "organizations")):
        key = f"{plural[:-1]}_ids"
        if plural in params:
            fields[key] = _ids_by_name(state, plural, table, params[plural] or [])
        elif key in params:
            fields[key] = _ids_by_number(state, key, table, params[key] or [])
    if "groups" in params:
        fields["group_ids"] = {
            str(_ids_by_name(state, "groups", "groups", [name])[0]): _levels(held)
            for name, held in (params["groups"] or {}).items()
        }
    elif "group_ids" in params:
        given = params["group_ids"] or {}
        given = given if isinstance(given, dict) else dict.fromkeys(given, "full")
        _ids_by_number(state, "group_ids", "groups", list(given))
        fields["group_ids"] = {str(key): _levels(held) for key, held in given.items() if held}
    return fields


def _levels(held: Any) -> list[str]:
    return [str(level) for level in held] if isinstance(held, list) else [str(held)]


def _ids_by_name(state: State, key: str, table: str, names: list[Any]) -> list[int]:
    found = []
    for name in names:
        identifier = state.store.names[table].get(str(name).lower())
        if identifier is None:
            raise unprocessable(f"No lookup value found for '{key}': \"{name}\"")
        found.append(identifier)
    return found


def _ids_by_number(state: State, key: str, table: str, numbers: list[Any]) -> list[int]:
    found = []
    for number in numbers:
        identifier = values.integer(number)
        if identifier is None or state.row(table, identifier) is None:
            raise unprocessable(f"Invalid value for param '{key}': {number}")
        found.append(identifier)
    return found
