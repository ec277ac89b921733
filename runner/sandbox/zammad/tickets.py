"""The endpoints of tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import (
    access,
    articles,
    links,
    listing,
    mails,
    mentions,
    moments,
    search,
    tags,
    ticket_rows,
    times,
    values,
    workflow,
)
from runner.sandbox.zammad.state import State, stamps
from runner.sandbox.zammad.wire import Call, Reply, forbidden, missing, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.store import Row

_RELATIONS = ("group", "state", "priority", "owner", "customer", "organization")
_TEXTS = {"title": 250, "note": 250, "type": 100}
_NUMBERS = (
    "first_response_in_min",
    "first_response_diff_in_min",
    "close_in_min",
    "close_diff_in_min",
    "update_in_min",
    "update_diff_in_min",
)
_LIST_MOST = 100
_SEARCH_DEFAULT, _SEARCH_MOST = 50, 200


def _create(state: State, call: Call) -> Reply:
    params = call.params
    row = {**ticket_rows.blank(state), **_fields(state, call, creating=True)}
    values.require_known_people(state, params)
    agent = access.is_agent(state, call.user)
    if not agent:
        row |= {"customer_id": call.user["id"], "owner_id": workflow.NOBODY, "preferences": {}}
    row["owner_id"] = row["owner_id"] or workflow.NOBODY
    workflow.check_create(state, call, row)
    _settle_organization(state, row)
    checked = _draft(state, call, row["group_id"], 0)
    wanted_tags = tags.read(state, params.get("tags"))
    watchers = mentions.read(state, row, params.get("mentions"))
    row["number"] = _number(state, params)
    if not call.importing and workflow.is_closed(state, row["state_id"]):
        row["close_at"] = row["close_at"] or state.now()
    row.update(stamps(state, params, importing=call.importing, user_id=call.user["id"]))
    row["id"] = state.store.next_id("tickets")
    ticket_rows.insert(state, row)
    if checked is not None:
        articles.add(state, call, row, checked)
    elif not call.importing:
        mails.notify_owner(state, row, call.user["id"], created=True)
    tags.add_all(state, row, wanted_tags)
    mentions.add_all(state, call, row, watchers)
    links.add_all(state, row, params.get("links"))
    return Reply(_present(state, call, row), 201)


def _draft(state: State, call: Call, group_id: int, ticket_id: int) -> articles.Draft | None:
    given = call.params.get("article")
    if not isinstance(given, dict) or not given:
        return None
    times.require_allowed(state, call, given)
    return articles.draft(state, call, given, group_id, ticket_id)


def _fields(state: State, call: Call, *, creating: bool) -> Row:
    """Read the columns that the client sent.

    Raises:
        Failure: 422 for names and ids that nothing has.
    """
    params = call.params
    fields = values.resolve(state, params, _RELATIONS)
    fields = {name: value for name, value in fields.items() if value is not None or not creating}
    for name, limit in _TEXTS.items():
        if name in params:
            text = values.text(params[name], limit)
            fields[name] = " ".join(text.splitlines()) if text and name == "title" else text
    fields.update(
        {
            name: moments.read(params[name])
            for name in ticket_rows.DATES
            if name in params and (name != "last_close_at" or name in state.dialect.ticket_extras)
        }
    )
    fields.update({name: values.integer(params[name]) for name in _NUMBERS if name in params})
    if isinstance(params.get("preferences"), dict):
        fields["preferences"] = params["preferences"]
    fields.update(values.custom(state, call, "Ticket", creating=creating))
    return fields


def _number(state: State, params: Row) -> str:
    given = values.text(params.get("number"), 60)
    if not given:
        return ticket_rows.next_number(state)
    if given in state.store.numbers:
        raise unprocessable(state.dialect.object_taken)
    return given


def _settle_organization(state: State, row: Row) -> None:
    """A ticket has an organization of its customer, silently (recording 6.5)."""
    customer = state.store.tables.users[row["customer_id"]]
    own = {customer["organization_id"], *customer["organization_ids"]}
    if row["organization_id"] is None or row["organization_id"] not in own:
        row["organization_id"] = customer["organization_id"]


def _row(state: State, call: Call, level: str) -> Row:
    row = state.row("tickets", call.ids[0])
    if row is None:
        raise missing("Ticket", call.ids[0])
    if not access.may_see_ticket(state, call.user, row, level):
        raise forbidden()
    return row


def _update(state: State, call: Call) -> Reply:
    row = _row(state, call, "change")
    fields = _fields(state, call, creating=False)
    fields = {name: value for name, value in fields.items() if not _required(name, value)}
    if "preferences" in fields:
        fields["preferences"] = {**row["preferences"], **fields["preferences"]}
    after = {**row, **fields}
    after["owner_id"] = after["owner_id"] or workflow.NOBODY
    _settle_organization(state, after)
    workflow.check_update(state, call, row, after)
    if row["state_id"] != after["state_id"] and not workflow.is_pending(state, after["state_id"]):
        after["pending_time"] = fields.get("pending_time")
    checked = _draft(state, call, after["group_id"], row["id"])
    _write(state, call, row, after)
    if checked is not None:
        articles.add(state, call, row, checked)
    return Reply(_present(state, call, row))


def _required(name: str, value: Any) -> bool:
    return value is None and name in ("group_id", "state_id", "priority_id", "customer_id")


def _write(state: State, call: Call, row: Row, after: Row) -> None:
    """Store a change; dates that were sent stick in import mode."""
    if after["customer_id"] != row["customer_id"]:
        ticket_rows.move_customer(state, row, after["customer_id"])
    if not call.importing and workflow.is_closed(state, after["state_id"]):
        after["close_at"] = after["close_at"] or state.now()
    owner_before = row["owner_id"]
    changed = state.store.change(row, after)
    sent = call.importing and not {"created_at", "updated_at"}.isdisjoint(call.params)
    if not changed and not sent:
        return
    columns = stamps(
        state, call.params, importing=call.importing, user_id=call.user["id"], created=False
    )
    if sent and "created_at" in call.params:
        columns["created_at"] = moments.read(call.params["created_at"]) or row["created_at"]
    state.store.change(row, columns)
    if not call.importing:
        if row["owner_id"] != owner_before:
            row["last_owner_update_at"] = state.now()
        mails.notify_owner(state, row, call.user["id"])


def _show(state: State, call: Call) -> Reply:
    row = _row(state, call, "read")
    if call.flag("expand"):
        return Reply(ticket_rows.expanded(state, row))
    if call.flag("all") or call.flag("full"):
        return Reply(
            {
                "id": row["id"],
                "ticket_id": row["id"],
                "ticket_article_ids": list(state.store.ticket_articles.get(row["id"], ())),
                "tags": list(state.store.tables.tags.get(row["id"], ())),
                "links": links.of_ticket(state, row["id"]),
                "assets": ticket_rows.assets(state, [row]),
            }
        )
    return Reply(ticket_rows.show(state, row, lists=False))


def _present(state: State, call: Call, row: Row) -> Row:
    return ticket_rows.expanded(state, row) if call.flag("expand") else ticket_rows.show(state, row)


def _index(state: State, call: Call) -> Reply:
    first, end = listing.bounds(call, default=_LIST_MOST, most=_LIST_MOST)
    shown: list[Row] = []
    skipped = 0
    readable = access.readable_groups(state, call.user)
    for row in state.store.tables.tickets.values():
        if row["group_id"] not in readable and row["customer_id"] != call.user["id"]:
            continue
        if skipped < first:
            skipped += 1
            continue
        if len(shown) == end - first:
            break
        shown.append(_present(state, call, row))
    return Reply(shown)


def _search(state: State, call: Call) -> Reply:
    readable = access.readable_groups(state, call.user)
    rows = [
        row
        for row in search.find(state, call, "tickets", ("title", "number"))
        if row["group_id"] in readable or row["customer_id"] == call.user["id"]
    ]
    if call.flag("only_total_count") and state.dialect.plain_search:
        return Reply({"total_count": len(rows)})
    rows.sort(key=lambda row: (row["created_at"], row["id"]), reverse=True)
    shown = listing.slice_of(call, rows, default=_SEARCH_DEFAULT, most=_SEARCH_MOST)
    if call.flag("expand"):
        return Reply([ticket_rows.expanded(state, row) for row in shown])
    numbers = [row["id"] for row in shown]
    if call.flag("full"):
        found = ticket_rows.assets(state, shown)
        return Reply({"record_ids": numbers, "assets": found, "total_count": len(rows)})
    if state.dialect.plain_search:
        return Reply([ticket_rows.show(state, row) for row in shown])
    found = ticket_rows.assets(state, shown)
    return Reply({"tickets": numbers, "tickets_count": len(numbers), "assets": found})


def _delete(state: State, call: Call) -> Reply:
    row = state.row("tickets", call.ids[0])
    if row is None:
        raise missing("Ticket", call.ids[0])
    access.require(state, call, "admin")
    ticket_rows.remove(state, row["id"])
    return Reply(b"", content_type="application/json")


def _merge(state: State, call: Call) -> Reply:
    """Move all articles of the ticket with this id to the one with that number."""
    source = _row(state, call, "change")
    wanted = call.tail or str(call.ids[1])
    target = state.row("tickets", state.store.numbers.get(wanted))
    if target is None or target is source:
        return Reply({"result": "failed", "message": "The target ticket was not found."})
    moved = state.store.ticket_articles[source["id"]]
    for number in moved:
        state.store.tables.articles.items_by_id[number].ticket_id = target["id"]
    state.store.ticket_articles[target["id"]] += moved
    state.store.ticket_articles[source["id"]] = []
    links.add(state, "parent", target["id"], source["id"])
    merged = state.store.names["ticket_states"]["merged"]
    state.store.change(source, {"state_id": merged, "owner_id": workflow.NOBODY})
    for row in (source, target):
        row["updated_at"] = state.now()
    return Reply({"result": "success", "target_ticket": target, "source_ticket": source})


def _history(state: State, call: Call) -> Reply:
    """There is no history here: in import mode Zammad writes none either."""
    row = _row(state, call, "read")
    return Reply({"history": [], "assets": ticket_rows.assets(state, [row])})


ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("GET", "tickets"): _index,
    ("POST", "tickets"): _create,
    ("GET", "tickets/search"): _search,
    ("POST", "tickets/search"): _search,
    ("GET", "tickets/:id"): _show,
    ("PUT", "tickets/:id"): _update,
    ("DELETE", "tickets/:id"): _delete,
    ("PUT", "ticket_merge/:id/:id"): _merge,
    ("PUT", "ticket_merge/:id/:text"): _merge,
    ("GET", "ticket_history/:id"): _history,
}
