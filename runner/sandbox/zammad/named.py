"""Small objects that are found by name: organizations, groups, roles, states and triggers.

One shape of endpoint serves them all; what differs between them is a ``Kind``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import access, listing, moments, search, values
from runner.sandbox.zammad.state import State, stamps
from runner.sandbox.zammad.wire import Call, Reply, missing, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.store import Row


def _same(state: State, row: Row) -> Row:
    del state
    return dict(row)


def _nothing(state: State, call: Call, row: Row, before: Row | None) -> None:
    del state, call, row, before


def _free(state: State, row: Row) -> bool:
    del state, row
    return False


@dataclass(frozen=True)
class Kind:
    """One sort of object.

    Attributes:
        table: where its rows are.
        model: what Zammad calls it in errors.
        read: permissions, any of which may list it.
        write: permissions, any of which may change it.
        defaults: its columns with the values of a new one; also what clients may set.
        cut_at: longest name; longer ones are cut.
        unique: whether a name may be there once only.
        relations: columns that may be given by name (``email_address`` for ``…_id``).
        attributes: the model whose custom attributes it has; empty for none.
        show: makes the answer from a row.
        check: looks at a row before it is stored; may change it or raise a ``Failure``.
        stored: called after it was stored.
        in_use: whether it cannot be deleted, beyond what other rows refer to.
    """

    table: str
    model: str
    read: tuple[str, ...]
    write: tuple[str, ...]
    defaults: Row
    cut_at: int = 250
    unique: bool = True
    relations: tuple[str, ...] = ()
    attributes: str = ""
    show: Callable[[State, Row], Row] = _same
    check: Callable[[State, Call, Row, Row | None], None] = _nothing
    stored: Callable[[State, Call, Row, Row | None], None] = _nothing
    in_use: Callable[[State, Row], bool] = _free


def routes(path: str, kind: Kind) -> dict[tuple[str, str], Callable[[State, Call], Reply]]:
    """Return the five endpoints of a kind below ``path``."""

    def index(state: State, call: Call) -> Reply:
        access.require(state, call, *kind.read)
        rows = listing.page(call, state.store.tables.named(kind.table))
        shown = [kind.show(state, row) for row in rows]
        if call.flag("full"):
            records = {str(row["id"]): row for row in shown}
            return Reply(
                {
                    "record_ids": [row["id"] for row in shown],
                    "assets": {kind.model: records},
                    "total_count": len(state.store.tables.named(kind.table)),
                }
            )
        return Reply(shown)

    def show(state: State, call: Call) -> Reply:
        access.require(state, call, *kind.read)
        return Reply(kind.show(state, _row(state, kind, call)))

    def create(state: State, call: Call) -> Reply:
        access.require(state, call, *kind.write)
        return Reply(kind.show(state, _create(state, kind, call)), 201)

    def update(state: State, call: Call) -> Reply:
        access.require(state, call, *kind.write)
        return Reply(kind.show(state, _update(state, kind, call, _row(state, kind, call))))

    def delete(state: State, call: Call) -> Reply:
        access.require(state, call, *kind.write)
        row = _row(state, kind, call)
        if state.store.referenced(kind.table, row["id"]) or kind.in_use(state, row):
            raise unprocessable("Can't delete, object has references.")
        _remove(state, kind, row)
        return Reply({})

    return {
        ("GET", path): index,
        ("GET", f"{path}/:id"): show,
        ("POST", path): create,
        ("PUT", f"{path}/:id"): update,
        ("DELETE", f"{path}/:id"): delete,
    }


def searching(kind: Kind) -> Callable[[State, Call], Reply]:
    """Return the search endpoint of a kind: newest change first."""

    def handler(state: State, call: Call) -> Reply:
        access.require(state, call, *kind.read)
        rows = search.find(state, call, kind.table, ("name",))
        if call.flag("only_total_count"):
            return Reply({"total_count": len(rows)})
        rows.sort(key=lambda row: (row["active"], row["updated_at"], row["id"]), reverse=True)
        shown = listing.slice_of(call, rows, default=100)
        return Reply([kind.show(state, row) for row in shown])

    return handler


def _row(state: State, kind: Kind, call: Call) -> Row:
    row = state.row(kind.table, call.ids[0])
    if row is None:
        raise missing(kind.model, call.ids[0])
    return row


def _given(state: State, kind: Kind, call: Call, *, creating: bool) -> Row:
    """Return the columns that the client sent, coerced by the kind of their default."""
    fields = {
        name: _coerce(kind.defaults[name], call.params[name])
        for name in kind.defaults
        if name in call.params
    }
    if isinstance(fields.get("name"), str):
        fields["name"] = fields["name"][: kind.cut_at]
    fields.update(values.resolve(state, call.params, kind.relations))
    if kind.attributes:
        fields.update(values.custom(state, call, kind.attributes, creating=creating))
    return fields


def _coerce(default: Any, value: Any) -> Any:
    if isinstance(default, bool):
        return values.boolean(value)
    if isinstance(default, str) and value is not None:
        return values.text(value, 5000)
    return value


def _create(state: State, kind: Kind, call: Call) -> Row:
    fields = _given(state, kind, call, creating=True)
    row: Row = {"id": 0, **kind.defaults, **fields}
    kind.check(state, call, row, None)
    _check_name(state, kind, row)
    row.update(stamps(state, call.params, importing=call.importing, user_id=call.user["id"]))
    row["id"] = state.store.next_id(kind.table)
    state.store.insert(kind.table, row)
    state.store.names[kind.table].setdefault(row["name"].lower(), row["id"])
    kind.stored(state, call, row, None)
    return row


def _update(state: State, kind: Kind, call: Call, row: Row) -> Row:
    before = dict(row)
    fields = _given(state, kind, call, creating=False)
    after = {**row, **fields}
    kind.check(state, call, after, before)
    if after["name"] != before["name"]:
        _check_name(state, kind, after)
        state.store.names[kind.table].pop(before["name"].lower(), None)
        state.store.names[kind.table][after["name"].lower()] = row["id"]
    changed = state.store.change(row, after)
    sent = call.importing and not {"created_at", "updated_at"}.isdisjoint(call.params)
    if changed or sent:
        columns = stamps(
            state, call.params, importing=call.importing, user_id=call.user["id"], created=False
        )
        if sent and "created_at" in call.params:
            columns["created_at"] = moments.read(call.params["created_at"]) or row["created_at"]
        state.store.change(row, columns)
    kind.stored(state, call, row, before)
    return row


def _check_name(state: State, kind: Kind, row: Row) -> None:
    if not str(row["name"] or "").strip():
        raise unprocessable("Name can't be blank")
    holder = state.store.names[kind.table].get(row["name"].lower())
    if kind.unique and holder not in (None, row["id"] or None):
        raise unprocessable(state.dialect.name_taken)


def _remove(state: State, kind: Kind, row: Row) -> None:
    state.store.remove(kind.table, row["id"])
    names = state.store.names[kind.table]
    if names.get(row["name"].lower()) == row["id"]:
        del names[row["name"].lower()]
