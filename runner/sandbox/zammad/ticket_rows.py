"""Tickets as rows: blank values, numbers, storing, erasing and how they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.zammad import articles, directory, kinds, links, people

if TYPE_CHECKING:
    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

_SHORTEST_NUMBER = 5
DATES = (
    "first_response_at",
    "first_response_escalation_at",
    "close_at",
    "close_escalation_at",
    "update_escalation_at",
    "last_close_at",
    "last_contact_at",
    "last_contact_agent_at",
    "last_contact_customer_at",
    "last_owner_update_at",
    "escalation_at",
    "pending_time",
)
"""Columns with a moment that clients may set in any mode (API reference §a3)."""
_PEOPLE = ("customer_id", "owner_id", "created_by_id", "updated_by_id")


def blank(state: State) -> Row:
    """Return a ticket without anything, in the order in which Zammad shows it."""
    row: Row = {
        "id": 0,
        "group_id": None,
        "priority_id": _default(state, "ticket_priorities"),
        "state_id": _default(state, "ticket_states"),
        "organization_id": None,
        "number": "",
        "title": None,
        "owner_id": 1,
        "customer_id": None,
        "note": None,
        "first_response_at": None,
        "first_response_escalation_at": None,
        "first_response_in_min": None,
        "first_response_diff_in_min": None,
        "close_at": None,
        "close_escalation_at": None,
        "close_in_min": None,
        "close_diff_in_min": None,
        "update_escalation_at": None,
        "update_in_min": None,
        "update_diff_in_min": None,
        "last_contact_at": None,
        "last_contact_agent_at": None,
        "last_contact_customer_at": None,
        "last_owner_update_at": None,
        "create_article_type_id": None,
        "create_article_sender_id": None,
        "article_count": None,
        "escalation_at": None,
        "pending_time": None,
        "type": None,
        "time_unit": None,
        "preferences": {},
    }
    row.update(dict.fromkeys(state.dialect.ticket_extras))
    return row


def _default(state: State, table: str) -> int:
    for row in state.store.tables.named(table).values():
        if row["default_create"]:
            return int(row["id"])
    return 1


def next_number(state: State) -> str:
    """Return the next automatic number: system id and a counter of at least three digits."""
    prefix = state.dialect.system_id
    while True:
        counter = str(state.store.next_id("ticket numbers"))
        number = prefix + counter.zfill(_SHORTEST_NUMBER - len(prefix))
        if number not in state.store.numbers:
            return number


def insert(state: State, row: Row) -> Row:
    """Store a ticket and enter it in every index."""
    state.store.insert("tickets", row)
    if not state.settings.value("es_url"):
        state.not_indexed.add(row["id"])
    state.store.numbers[row["number"]] = row["id"]
    state.store.customer_tickets[row["customer_id"]].add(row["id"])
    state.store.ticket_articles[row["id"]] = []
    return row


def remove(state: State, identifier: int) -> None:
    """Erase a ticket with all that hangs on it."""
    store = state.store
    for article in list(store.ticket_articles.get(identifier, ())):
        store.remove_article(article)
    for table, owned in (
        ("mentions", store.ticket_mentions),
        ("time_accountings", store.ticket_times),
    ):
        for number in owned.pop(identifier, []):
            store.remove(table, number)
    for number in list(store.ticket_links.get(identifier, ())):
        links.remove(state, store.tables.links[number])
    store.ticket_links.pop(identifier, None)
    store.tables.tags.pop(identifier, None)
    store.ticket_articles.pop(identifier, None)
    row = store.remove("tickets", identifier)
    store.numbers.pop(row["number"], None)
    store.customer_tickets[row["customer_id"]].discard(identifier)


def move_customer(state: State, row: Row, customer_id: int) -> None:
    """Keep the index of a customer's tickets true."""
    state.store.customer_tickets[row["customer_id"]].discard(row["id"])
    state.store.customer_tickets[customer_id].add(row["id"])


def show(state: State, row: Row, *, lists: bool = True) -> Row:
    """Return a ticket; ``lists`` adds the ids of its articles and accounted times."""
    result = dict(row)
    for attribute in state.added_attributes.get("Ticket", ()):
        result.setdefault(attribute["name"], None)
    if lists:
        result["article_ids"] = list(state.store.ticket_articles.get(row["id"], ()))
        for name in state.dialect.ticket_lists:
            result[name] = []
        result["ticket_time_accounting_ids"] = list(state.store.ticket_times.get(row["id"], ()))
    return result


def expanded(state: State, row: Row) -> Row:
    """Return a ticket with the names of what it refers to."""
    tables = state.store.tables
    result = show(state, row)
    if "referencing_checklist_ids" in result:
        result["referencing_checklists"] = []
    result["group"] = tables.groups[row["group_id"]]["name"]
    organization = tables.organizations.get(row["organization_id"])
    if organization:
        result["organization"] = organization["name"]
    result["state"] = tables.ticket_states[row["state_id"]]["name"]
    result["priority"] = tables.ticket_priorities[row["priority_id"]]["name"]
    for name in ("owner", "customer", "created_by", "updated_by"):
        result[name] = state.login(row[f"{name}_id"])
    if row["create_article_type_id"]:
        result["create_article_type"] = state.dialect.article_types[
            row["create_article_type_id"] - 1
        ]
        result["create_article_sender"] = articles.SENDERS[row["create_article_sender_id"] - 1]
    return result


def assets(state: State, rows: list[Row]) -> Row:
    """Return the records that tickets refer to, by model and id."""
    if not rows:
        return {}
    tables = state.store.tables
    creators = (1,) if state.dialect.assets_with_groups else ()
    found: dict[str, Row] = {"Ticket": {str(row["id"]): show(state, row) for row in rows}}
    users: Row = {}
    organizations: Row = {}
    for row in rows:
        people_of = (row[name] for name in _PEOPLE)
        for number in (*people_of, *creators):
            user = tables.users.get(number)
            if user:
                users[str(number)] = {**people.shown(state, user), "accounts": {}}
        organization = tables.organizations.get(row["organization_id"])
        if organization:
            shown = directory.show_organization(state, organization)
            organizations[str(organization["id"])] = {**shown, "member_ids": []}
    found |= {"User": users, "Organization": organizations}
    if state.dialect.assets_with_groups:
        found |= _groups_and_roles(state, rows, users)
    return {model: records for model, records in found.items() if records}


def _groups_and_roles(state: State, rows: list[Row], users: Row) -> Row:
    tables = state.store.tables
    group_ids = {row["group_id"] for row in rows}
    role_ids: set[int] = set()
    for user in users.values():
        group_ids.update(int(number) for number in user["group_ids"])
        role_ids.update(user["role_ids"])
    return {
        "Group": {
            str(number): directory.show_group(state, tables.groups[number]) for number in group_ids
        },
        "Role": {str(number): kinds.show_role(state, tables.roles[number]) for number in role_ids},
    }
