"""Object attributes: Zammad's own, those that are added, and the migration that makes columns."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import access
from runner.sandbox.zammad.state import State, stamps
from runner.sandbox.zammad.wire import Call, Reply, forbidden, missing, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.store import Row

_OWN = {
    "Ticket": (
        "number title customer_id organization_id type group_id owner_id state_id pending_time "
        "priority_id tags note"
    ),
    "TicketArticle": "type_id internal to cc body",
    "User": (
        "login firstname lastname email web phone mobile fax organization_id organization_ids "
        "department street zip city country address password vip note role_ids group_ids active"
    ),
    "Organization": "name shared domain_assignment domain note active",
    "Group": (
        "name assignment_timeout follow_up_possible follow_up_assignment email_address_id "
        "signature_id note active"
    ),
}
_NAME = re.compile(r"[a-z0-9_]*[a-z][a-z0-9_]*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RESERVED = _words(
    "destroy true false integer select drop create alter index table varchar blob date datetime "
    "timestamp url icon initials avatar permission validate subscribe unsubscribe translate "
    "search _type _doc _id id attribute article created_at updated_at preferences"
)
_LARGEST = 2_147_483_647
_RESTART_AFTER = 0.2
_TYPE_OPTIONS = {name: name for name in ("Incident", "Problem", "Request for Change")}


def fill(state: State, by: Row) -> None:
    """Create Zammad's own attributes; ids 5 to 8 are as recorded."""
    for model, names in _OWN.items():
        for name in names.split():
            identifier = state.store.next_id("attributes")
            row = _blank(identifier, model, name, name.replace("_", " ").capitalize())
            row |= {**by, "editable": name == "type", "deletable": name == "type", "added": False}
            if model == "Ticket":
                row |= _recorded(state, name)
            state.store.insert("attributes", row)
    state.store.start_after("attributes", state.dialect.first_attribute_id - 1)


def _blank(identifier: int, model: str, name: str, display: str) -> Row:
    return {
        "id": identifier,
        "name": name,
        "display": display,
        "data_type": "input",
        "data_option": {"type": "text", "maxlength": 255, "null": True},
        "data_option_new": {},
        "editable": True,
        "active": True,
        "screens": {},
        "to_create": False,
        "to_migrate": False,
        "to_delete": False,
        "to_config": False,
        "position": 20,
        "object": model,
        "deletable": True,
        "added": True,
    }


def _recorded(state: State, name: str) -> Row:
    """Return what the recordings show of the ticket attributes that matter to a mover."""
    select = {"data_type": "select", "data_option": {"default": "", "maxlength": 255}}
    groups = "tree_select" if state.dialect.nested_groups else "select"
    if name == "type":
        option = {"default": "", "options": dict(_TYPE_OPTIONS), "nulloption": True}
        option |= {"multiple": False, "null": True, "translate": True, "maxlength": 255}
        return {"data_type": "select", "data_option": option, "active": False}
    return {
        "group_id": {**select, "data_type": groups, "display": "Group", "position": 25},
        "owner_id": {**select, "display": "Owner", "position": 30},
        "state_id": {**select, "display": "State", "position": 40},
    }.get(name, {})


def _shown(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "added"}


def _index(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.object")
    return Reply([_shown(row) for row in state.store.tables.attributes.values()])


def _row(state: State, call: Call) -> Row:
    row = state.row("attributes", call.ids[0])
    if row is None:
        raise missing("ObjectManager::Attribute", call.ids[0])
    return row


def _show(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.object")
    return Reply(_shown(_row(state, call)))


def _create(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.object")
    params = call.params
    model, name = call.text("object"), call.text("name")
    if model not in _OWN:
        raise unprocessable(f"Invalid object '{model}'")
    _check_name(state, model, name)
    option = _option(state, params)
    row = _blank(state.store.next_id("attributes"), model, name, call.text("display"))
    row |= {
        "data_type": call.text("data_type"),
        "data_option": option,
        "active": params.get("active", True),
        "screens": params.get("screens") or {},
        "position": params.get("position", row["position"]),
        "to_create": True,
        "to_migrate": True,
        **stamps(state, {}, importing=False, user_id=call.user["id"]),
    }
    state.store.insert("attributes", row)
    return Reply(_shown(row), 201)


def _check_name(state: State, model: str, name: str) -> None:
    if name.endswith(("_id", "_ids")):
        raise unprocessable("Name can't be used because *_id and *_ids are not allowed")
    if not _NAME.fullmatch(name):
        raise unprocessable("Only lowercase letters, numbers, and '_' are allowed")
    if name in _RESERVED:
        raise unprocessable(f"{name} is a reserved word")
    for row in state.store.tables.attributes.values():
        if row["object"] == model and row["name"] == name:
            raise unprocessable(state.dialect.object_taken)


def _option(state: State, params: Row) -> Row:
    """Complete ``data_option`` as the server does (recordings "attribute: …").

    Raises:
        Failure: 422 for an unknown type or missing limits.
    """
    kind = params.get("data_type")
    if kind not in _COMPLETED:
        raise unprocessable(f"Invalid data_type '{kind}'")
    given: Row = dict(params.get("data_option") or {})
    if kind == "integer":
        _check_limits(state, given)
    if kind == "boolean" and isinstance(given.get("options"), dict):
        given["options"] = {str(key).lower(): value for key, value in given["options"].items()}
    return {**_COMPLETED[kind], **given, **_FORCED.get(kind, {})}


def _check_limits(state: State, option: Row) -> None:
    for key in ("min", "max"):
        if not isinstance(option.get(key), int) or abs(option[key]) > _LARGEST:
            raise unprocessable(f"Data option must have integer for :{key}")
    if option["min"] >= option["max"]:
        raise unprocessable("Data option min must be lower than max")
    del state


_NO_LIST: Row = {"null": True, "default": None, "options": {}, "relation": ""}
_TEXT: Row = {"null": True, "default": "", "options": {}, "relation": ""}
_CHOICE: Row = {"null": True, "default": "", "options": {}, "relation": ""}
_COMPLETED: dict[Any, Row] = {
    "input": _TEXT,
    "textarea": {"null": True, "options": {}, "relation": "", "default": None},
    "richtext": {"null": True, "options": {}, "relation": "", "default": None},
    "select": {**_CHOICE, "maxlength": 255},
    "multiselect": {**_CHOICE, "nulloption": True},
    "tree_select": {**_CHOICE, "nulloption": True},
    "multi_tree_select": _CHOICE,
    "boolean": {"null": True, "default": None, "options": {}, "relation": ""},
    "integer": _NO_LIST,
    "date": _NO_LIST,
    "datetime": _NO_LIST,
}
_FORCED: dict[Any, Row] = {
    "multiselect": {"multiple": True},
    "multi_tree_select": {"multiple": True},
}


def _update(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.object")
    row = _row(state, call)
    if not row["editable"]:
        raise unprocessable("Attribute not editable!")
    params = call.params
    for name in ("display", "active", "screens", "position"):
        if name in params:
            row[name] = params[name]
    if "data_option" in params:
        option = _option(state, {"data_type": row["data_type"], **params})
        if row["to_create"]:
            row["data_option"] = option
        else:
            row |= {"data_option_new": option, "to_config": True}
    row["updated_at"] = state.now()
    return Reply(_shown(row))


def _delete(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.object")
    row = _row(state, call)
    if not row["deletable"] or not row["added"]:
        raise forbidden()
    if row["to_create"]:
        state.store.remove("attributes", row["id"])
    else:
        row |= {"to_delete": True, "to_migrate": True}
    return Reply({})


def _discard(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.object")
    for row in list(state.store.tables.attributes.values()):
        if row["to_create"]:
            state.store.remove("attributes", row["id"])
        else:
            row |= {"data_option_new": {}, "to_config": False, "to_delete": False}
            row["to_migrate"] = False
    return Reply({})


def _migrate(state: State, call: Call) -> Reply:
    """Make the columns; the process that did so knows them, the others after a restart."""
    access.require(state, call, "admin.object")
    pending = [row for row in state.store.tables.attributes.values() if _is_pending(row)]
    for row in pending:
        if row["to_delete"]:
            _drop(state, row)
            continue
        if row["data_option_new"]:
            row["data_option"] = row["data_option_new"]
        if row["to_create"]:
            state.added_attributes.setdefault(row["object"], []).append(row)
            state.column_workers[f"{row['object']}.{row['name']}"] = {call.worker}
        row |= {"data_option_new": {}, "to_create": False, "to_migrate": False, "to_config": False}
    if pending:
        _restart(state)
    return Reply({})


def _is_pending(row: Row) -> bool:
    return bool(row["to_create"] or row["to_migrate"] or row["to_config"] or row["to_delete"])


def _drop(state: State, row: Row) -> None:
    state.store.remove("attributes", row["id"])
    state.added_attributes[row["object"]].remove(row)
    del state.column_workers[f"{row['object']}.{row['name']}"]
    table = {"TicketArticle": "triggers"}.get(row["object"], f"{row['object'].lower()}s")
    for holder in state.store.tables.named(table).values():
        holder.pop(row["name"], None)


def _restart(state: State) -> None:
    """Go down a moment later where the version restarts itself; 5.2 waits for a person."""
    if not state.dialect.restarts_itself or not state.settings.value("auto_shutdown"):
        return
    learn(state)
    if state.restart_seconds:
        begin = time.monotonic() + state.restart_seconds * _RESTART_AFTER
        state.down = (begin, begin + state.restart_seconds)


def learn(state: State) -> None:
    """Let all processes know all columns, as after a restart."""
    for workers in state.column_workers.values():
        workers.update(range(state.workers))


ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("GET", "object_manager_attributes"): _index,
    ("POST", "object_manager_attributes"): _create,
    ("GET", "object_manager_attributes/:id"): _show,
    ("PUT", "object_manager_attributes/:id"): _update,
    ("DELETE", "object_manager_attributes/:id"): _delete,
    ("POST", "object_manager_attributes_execute_migrations"): _migrate,
    ("POST", "object_manager_attributes_discard_changes"): _discard,
}
