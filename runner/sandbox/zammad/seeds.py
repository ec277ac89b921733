"""A pristine Zammad, as both recordings begin: three users, one group, one welcome ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.zammad import attributes, macros, overviews, people, ticket_rows
from runner.sandbox.zammad.store import Article

if TYPE_CHECKING:
    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

ADMIN_ID = 3
ADMIN_LOGIN = "admin@example.com"
ADMIN_PASSWORD = "sandbox-password"


def fill(state: State) -> None:
    """Create everything that a fresh installation has after its set-up."""
    now = state.now()
    by = {"updated_by_id": 1, "created_by_id": 1, "created_at": now, "updated_at": now}
    _vocabularies(state, by)
    _roles(state, by)
    _people(state, by)
    _group(state, by)
    _welcome(state, by)
    _rules(state, by)
    macros.fill(state, by)
    overviews.fill(state, by)
    attributes.fill(state, by)


def _vocabularies(state: State, by: Row) -> None:
    kinds = [("new", 1), ("open", 2), ("pending reminder", 3), ("closed", 5), ("merged", 6)]
    kinds += [("removed", 7)] if state.dialect.removed_state else []
    kinds += [("pending close", 4)]
    for identifier, (name, kind) in enumerate(kinds, start=1):
        row = {
            "id": identifier,
            "state_type_id": kind,
            "name": name,
            "next_state_id": 4 if name == "pending close" else None,
            "ignore_escalation": name not in ("new", "open"),
            "default_create": name == "new",
            "default_follow_up": name == "open",
            "note": None,
            "active": name != "removed",
            **by,
        }
        _insert_named(state, "ticket_states", row)
    looks = (("1 low", "low-priority", "low-priority"), ("2 normal", None, None))
    for identifier, (name, icon, color) in enumerate(
        (*looks, ("3 high", "important", "high-priority")), start=1
    ):
        row = {
            "id": identifier,
            "name": name,
            "default_create": identifier == 2,
            "ui_icon": icon,
            "ui_color": color,
            "note": None,
            "active": True,
            **by,
        }
        _insert_named(state, "ticket_priorities", row)


def _roles(state: State, by: Row) -> None:
    names = (
        ("Admin", "To configure your system.", ["admin", "knowledge_base.editor"]),
        ("Agent", "To work on Tickets.", ["ticket.agent", "knowledge_base.reader"]),
        ("Customer", "People who create Tickets ask for help.", ["ticket.customer"]),
    )
    for identifier, (name, note, held) in enumerate(names, start=1):
        row = {
            "id": identifier,
            "name": name,
            "preferences": {},
            "default_at_signup": name == "Customer",
            "active": True,
            "note": note,
            **by,
            "permission_ids": list(state.dialect.role_permission_ids[identifier - 1]),
            "knowledge_base_permission_ids": [],
            "group_ids": {},
            "permissions": held,
        }
        _insert_named(state, "roles", row)


def _people(state: State, by: Row) -> None:
    foundation = {
        "id": 1,
        "name": "Zammad Foundation",
        "shared": True,
        "domain": "",
        "domain_assignment": False,
        "active": True,
        **state.dialect.organization_extras,
        "note": "",
        **by,
    }
    _insert_named(state, "organizations", foundation)
    system = {"login": "-", "firstname": "-", "active": False, "department": "", "address": ""}
    nicole = {
        "login": "nicole.braun@zammad.org",
        "email": "nicole.braun@zammad.org",
        "firstname": "Nicole",
        "lastname": "Braun",
        "organization_id": 1,
        "role_ids": [3],
    }
    admin = {
        "login": ADMIN_LOGIN,
        "email": ADMIN_LOGIN,
        "firstname": "Admin",
        "lastname": "Example",
        "verified": True,
        "role_ids": [1, 2],
        "group_ids": {"1": ["full"]},
        "preferences": people.AGENT_PREFERENCES,
    }
    for identifier, fields in enumerate((system, nicole, admin), start=1):
        people.insert(state, {**people.blank(), **by, "id": identifier, **fields})
    state.passwords[ADMIN_ID] = ADMIN_PASSWORD


def _group(state: State, by: Row) -> None:
    group = {
        "id": 1,
        "signature_id": 1,
        "email_address_id": None,
        "name": "Users",
        "assignment_timeout": None,
        "follow_up_possible": "yes",
        "follow_up_assignment": True,
        "active": True,
        "shared_drafts": True,
        "note": "Standard Group/Pool for Tickets.",
        **by,
    }
    group.update(dict.fromkeys(state.dialect.group_extras))
    if state.dialect.nested_groups:
        group["name_last"] = "Users"
    _insert_named(state, "groups", group)


def _welcome(state: State, by: Row) -> None:
    welcome = {
        **ticket_rows.blank(state),
        **by,
        "id": state.store.next_id("tickets"),
        "group_id": 1,
        "organization_id": 1,
        "number": ticket_rows.next_number(state),
        "title": "Welcome to Zammad!",
        "customer_id": 2,
        "created_by_id": 2,
        "updated_by_id": 2,
        "create_article_type_id": 5,
        "create_article_sender_id": 2,
        "article_count": 1,
        "last_contact_at": by["created_at"],
        "last_contact_customer_at": by["created_at"],
    }
    ticket_rows.insert(state, welcome)
    state.store.add_article(
        Article(
            id=state.store.next_id("articles"),
            ticket_id=1,
            type_id=5,
            sender_id=2,
            sent_from="Zammad Feedback <feedback@zammad.org>",
            to=None,
            cc=None,
            subject="Welcome to Zammad!",
            reply_to=None,
            message_id=None,
            in_reply_to=None,
            content_type="text/plain",
            body="Welcome!",
            internal=False,
            preferences=None,
            updated_by_id=2,
            created_by_id=2,
            origin_by_id=None,
            created_at=by["created_at"],
            updated_at=by["created_at"],
        )
    )


def _rules(state: State, by: Row) -> None:
    by_customer: Row = {"article.sender_id": {"operator": "is", "value": 2}}
    rules: tuple[tuple[str, str, Row, str, bool], ...] = (
        ("auto reply (on new tickets)", "create", by_customer, "article_last_sender", True),
        (
            "auto reply (on follow-up of tickets)",
            "update",
            by_customer,
            "article_last_sender",
            True,
        ),
        ("customer notification (on owner change)", "update", {}, "ticket_customer", False),
    )
    for identifier, (name, action, condition, recipient, active) in enumerate(rules, start=1):
        row = {
            "id": identifier,
            "name": name,
            "condition": {"ticket.action": {"operator": "is", "value": action}, **condition},
            "perform": {"notification.email": {"recipient": recipient, "subject": "", "body": ""}},
            "active": active,
        }
        _insert_named(state, "triggers", {**row, "activator": "action", **by})
    signature = {"id": 1, "name": "default", "body": "", "note": None, "active": True, **by}
    _insert_named(state, "signatures", signature)
    channel = {
        "id": 1,
        "group_id": None,
        "area": "Email::Notification",
        "options": {"outbound": {"adapter": "sendmail"}},
        "active": True,
        "preferences": {"online_service_disable": True},
        **by,
    }
    state.store.insert("channels", channel)


def _insert_named(state: State, table: str, row: Row) -> None:
    state.store.insert(table, row)
    state.store.names[table][row["name"].lower()] = row["id"]
