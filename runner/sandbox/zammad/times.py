"""Accounted time: entries, their sum on the ticket, and what articles bring."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import access, moments, values
from runner.sandbox.zammad.state import State, stamps
from runner.sandbox.zammad.wire import Call, Failure, Reply, forbidden, missing, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.dialect import Dialect
    from runner.sandbox.zammad.store import Article, Row

_CENT = Decimal("0.01")
_TOO_MUCH = Decimal(10_000)
"""Columns of accounted time, a ticket's sum among them, are decimal(6,2) (reference §b15)."""


def is_allowed(state: State, call: Call, params: Row) -> bool:
    """Return whether an article may bring the time that it brings, if any."""
    if params.get("time_unit") in (None, "") or not state.dialect.time_accountings:
        return True
    return bool(state.settings.value("time_accounting", call.worker))


def require_allowed(state: State, call: Call, params: Row) -> None:
    """Refuse an article's time where time is not accounted (recording 6.5).

    Raises:
        Failure: 403.
    """
    if not is_allowed(state, call, params):
        raise forbidden("Not authorized (Time Accounting is not enabled)!")


def from_article(state: State, call: Call, ticket: Row, article: Article, params: Row) -> None:
    """Enter the time that an article brings; its date is always now (recording 6.5)."""
    if params.get("time_unit") in (None, ""):
        return
    row: Row = {
        "ticket_article_id": article.id,
        "time_unit": _amount(params["time_unit"]),
        "type_id": values.integer(params.get("accounted_time_type_id")),
    }
    _require_room(state, ticket, Decimal(row["time_unit"]))
    columns = stamps(state, {}, importing=False, user_id=call.user["id"])
    _store(state, ticket, {**row, **columns})


def of_article(state: State, article: Article) -> str | None:
    """Return the time that was accounted with an article, as text."""
    for identifier in state.store.ticket_times.get(article.ticket_id, ()):
        row = state.store.tables.time_accountings[identifier]
        if row["ticket_article_id"] == article.id:
            return str(row["time_unit"])
    return None


def _store(state: State, ticket: Row, fields: Row) -> Row:
    identifier = state.store.next_id("time_accountings")
    fields.pop("updated_by_id", None)
    row = {"id": identifier, "ticket_id": ticket["id"], **fields}
    state.store.insert("time_accountings", row)
    state.store.ticket_times[ticket["id"]].append(identifier)
    _sum_up(state, ticket)
    return row


def _sum_up(state: State, ticket: Row) -> None:
    entries = state.store.ticket_times.get(ticket["id"], ())
    ticket["time_unit"] = _text(_total(state, ticket)) if entries else None
    ticket["updated_at"] = state.now()


def _total(state: State, ticket: Row) -> Decimal:
    rows = state.store.tables.time_accountings
    entries = state.store.ticket_times.get(ticket["id"], ())
    return sum((Decimal(rows[number]["time_unit"]) for number in entries), Decimal(0))


def _require_room(state: State, ticket: Row, more: Decimal) -> None:
    """Refuse what makes a column overflow.

    Raises:
        Failure: 422.
    """
    if max(abs(more), abs(_total(state, ticket) + more)) >= _TOO_MUCH:
        raise unprocessable("PG::NumericValueOutOfRange: ERROR: numeric field overflow")


def _amount(value: Any) -> str:
    try:
        return _text(Decimal(str(value).replace(",", ".")))
    except InvalidOperation:
        return "0.0"


def _text(amount: Decimal) -> str:
    """Write a decimal as Ruby does: at least one digit behind the point."""
    text = f"{amount.quantize(_CENT):f}".rstrip("0")
    return f"{text}0" if text.endswith(".") else text


def routes(dialect: Dialect) -> dict[tuple[str, str], Callable[[State, Call], Reply]]:
    """Return the endpoints; 5.2 has none."""
    if not dialect.time_accountings:
        return {}
    return {
        ("GET", "tickets/:id/time_accountings"): _index,
        ("POST", "tickets/:id/time_accountings"): _create,
        ("PUT", "tickets/:id/time_accountings/:id"): _update,
        ("DELETE", "tickets/:id/time_accountings/:id"): _delete,
    }


def _index(state: State, call: Call) -> Reply:
    ticket = state.row("tickets", call.ids[0])
    if ticket is None:
        raise missing("Ticket", call.ids[0])
    rows = state.store.tables.time_accountings
    return Reply([rows[number] for number in state.store.ticket_times.get(ticket["id"], ())])


def _create(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.time_accounting", "ticket.agent")
    params = call.params
    if params.get("time_unit") in (None, ""):
        raise unprocessable("Time unit can't be blank")
    ticket = state.row("tickets", call.ids[0])
    if ticket is None:
        raise unprocessable("Ticket must exist")
    article_id = values.integer(params.get("ticket_article_id"))
    _require_article_free(state, ticket, article_id)
    row: Row = {
        "ticket_article_id": article_id,
        "time_unit": _amount(params["time_unit"]),
        "type_id": _type(state, params),
    }
    _require_room(state, ticket, Decimal(row["time_unit"]))
    columns = stamps(state, params, importing=call.importing, user_id=call.user["id"])
    return Reply(_store(state, ticket, {**row, **columns}), 201)


def _type(state: State, params: Row) -> int | None:
    name = params.get("type")
    if isinstance(name, str) and name:
        identifier = state.store.names["time_accounting_types"].get(name.lower())
        if identifier is None:
            raise unprocessable(f"No lookup value found for 'type': \"{name}\"")
        return identifier
    return values.integer(params.get("type_id"))


def _require_article_free(state: State, ticket: Row, article_id: int | None) -> None:
    rows = state.store.tables.time_accountings
    for number in state.store.ticket_times.get(ticket["id"], ()):
        if article_id is not None and rows[number]["ticket_article_id"] == article_id:
            raise unprocessable("Ticket article has already been taken")


def _update(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.time_accounting")
    ticket, row = _entry(state, call)
    params = call.params
    fields: Row = {}
    if "time_unit" in params:
        fields["time_unit"] = _amount(params["time_unit"])
        _require_room(state, ticket, Decimal(fields["time_unit"]) - Decimal(row["time_unit"]))
    fields |= stamps(
        state, params, importing=call.importing, user_id=call.user["id"], created=False
    )
    fields.pop("updated_by_id", None)
    if call.importing and params.get("created_at"):
        fields["created_at"] = moments.read(params["created_at"]) or row["created_at"]
    state.store.change(row, fields)
    _sum_up(state, ticket)
    return Reply(row)


def _delete(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.time_accounting")
    ticket, row = _entry(state, call)
    state.store.ticket_times[ticket["id"]].remove(row["id"])
    state.store.remove("time_accountings", row["id"])
    _sum_up(state, ticket)
    return Reply({})


def _entry(state: State, call: Call) -> tuple[Row, Row]:
    ticket_id, identifier = call.ids
    ticket = state.row("tickets", ticket_id)
    if ticket is None or identifier not in state.store.ticket_times.get(ticket_id, ()):
        raise Failure(404, "Couldn't find Ticket::TimeAccounting")
    return ticket, state.store.tables.time_accountings[identifier]
