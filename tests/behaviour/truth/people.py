"""Teams, organizations and users."""

from __future__ import annotations

from typing import Any

from runner.sandbox.data import Helpdesk
from tests.behaviour.truth import Truth, source, values
from tests.behaviour.truth.source import Record

ME = "admin@example.com"
"""Whom Zammad has already: the one who migrates."""
UNASSIGNED = "Kayako unassigned"
UNKNOWN = "kayako-user-unknown"
FREE_MAIL = {"gmail.com"}
_LOCALES = {"en-us": "en-us", "fr": "fr-fr"}
_ROLES = {
    "OWNER": ["Admin", "Agent"],
    "ADMIN": ["Admin", "Agent"],
    "AGENT": ["Agent"],
    "COLLABORATOR": ["Agent"],
    "CUSTOMER": ["Customer"],
}


def groups(helpdesk: Helpdesk) -> Truth:
    """Teams by title, with the logins of their members: staff alone gets into groups."""
    truth = Truth()
    for team in helpdesk.teams.values():
        members = [
            source.login(helpdesk, user["id"])
            for user in helpdesk.users.values()
            if {"id": team["id"], "resource_type": "team"} in user["teams"]
            and source.role(helpdesk, user) in source.STAFF
        ]
        truth.facts[team["title"]] = {
            "active": True,
            "created_at": source.moment(team["created_at"]),
            "members": sorted(members),
        }
    return truth


def organization_name(organization: Record) -> str:
    """Return the name by which Zammad knows an organization."""
    return str(organization["name"].strip()[:100].strip())


def organizations(helpdesk: Helpdesk) -> Truth:
    """Organizations by name: two of one name are one, and what the second loses is named."""
    truth = Truth()
    for organization in helpdesk.organizations.values():
        key, name = str(organization["id"]), organization_name(organization)
        if len(organization["name"].strip()) > 100:
            truth.losses.add(("organizations", key, "name"))
        facts = _organization(helpdesk, organization)
        _add(truth, "organizations", key, name, facts)
    return truth


def _organization(helpdesk: Helpdesk, organization: Record) -> dict[str, Any]:
    domains = [record for one in organization["domains"] if (record := source.found(helpdesk, one))]
    domains.sort(key=lambda record: not record["is_primary"])
    names = [record["domain"] for record in domains]
    number = organization["id"]
    inside = [
        *(names if len(names) > 1 else []),
        *(item["number"] for item in organization["phone"]),
        *organization["websites"],
        *source.pinned(helpdesk.sides.organization_notes.get(number, [])),
    ]
    return {
        "shared": organization["is_shared"],
        "domain": names[0] if names else None,
        "domain_assignment": bool(names) and names[0] not in FREE_MAIL,
        "active": True,
        "note": inside,
        "created_at": source.moment(organization["created_at"]),
        **values.of(helpdesk, "organization_field", organization, Truth()),
    }


def users(helpdesk: Helpdesk) -> Truth:
    """Users by login, with placeholders for those whom conversations name and nobody has."""
    truth = Truth()
    for user in helpdesk.users.values():
        key = str(user["id"])
        _add(truth, "users", key, source.login(helpdesk, user["id"]), _user(helpdesk, user, truth))
    for number in gone(helpdesk):
        truth.facts[source.login(helpdesk, number)] = _nobody("Kayako user", str(number))
    if any(case["requester"] is None for case in helpdesk.cases.values()):
        truth.facts[UNKNOWN] = _nobody("Kayako user", "unknown")
    return truth


def gone(helpdesk: Helpdesk) -> set[int]:
    """Return the users whom posts and requests name and who are not there any more."""
    cases = list(helpdesk.cases.values())
    named = [case["requester"] for case in cases]
    named += [post["creator"] for case in cases for post in helpdesk.posts(case["id"])]
    numbers = {who["id"] for who in named if who and who["resource_type"] == "user"}
    return {number for number in numbers if number not in helpdesk.users}


def _user(helpdesk: Helpdesk, user: Record, truth: Truth) -> dict[str, Any]:
    key = str(user["id"])
    parts = (user["full_name"] or "").split()
    last = parts[-1] if len(parts) > 1 else ""
    first = " ".join(parts[:-1]) if last else " ".join(parts)
    addresses, numbers = source.emails(helpdesk, user), source.phones(helpdesk, user)
    if len(first) > 100:
        truth.losses.add(("users", key, "firstname"))
    organization = source.found(helpdesk, user["organization"])
    if user["organization"] and organization is None:
        truth.losses.add(("users", key, "organization"))
    accounts = [record for one in user["twitter"] if (record := source.found(helpdesk, one))]
    pages = [record for one in user["facebook"] if (record := source.found(helpdesk, one))]
    inside = [
        *([user["designation"]] if user["designation"] else []),
        *addresses[1:],
        *numbers[1:],
        *(record["screen_name"] for record in accounts),
        *(record["user_name"] for record in pages),
        *source.pinned(helpdesk.sides.user_notes.get(user["id"], [])),
    ]
    further = _further_organizations(helpdesk, user)
    locale = source.found(helpdesk, user["locale"])
    return {
        "firstname": first[:100].strip(),
        "lastname": last[:100],
        "email": addresses[0].lower() if addresses else "",
        "phone": numbers[0] if numbers else "",
        "roles": _ROLES[source.role(helpdesk, user)],
        "active": user["is_enabled"],
        "organization": organization_name(organization) if organization else None,
        "note": [*inside, *further],
        "further": sorted(further),
        "locale": _LOCALES[locale["locale"]] if locale else None,
        "created_at": source.moment(user["created_at"]),
        "last_login": source.moment(user["last_logged_in_at"]),
        **values.of(helpdesk, "user_field", user, truth),
    }


def _further_organizations(helpdesk: Helpdesk, user: Record) -> list[str]:
    """Return the names of the organizations that a user is in beside the first one."""
    first = (user["organization"] or {}).get("id")
    numbers = helpdesk.sides.memberships.get(user["id"], [])
    return [
        organization_name(helpdesk.organizations[number]) for number in numbers if number != first
    ]


def _nobody(first: str, last: str) -> dict[str, Any]:
    return {
        "firstname": first,
        "lastname": last,
        "email": "",
        "roles": ["Customer"],
        "active": False,
        "organization": None,
    }


def _add(truth: Truth, entity: str, key: str, name: str, facts: dict[str, Any]) -> None:
    """Add a record; where one of that name is there already, it stays and gets what it lacks."""
    there = truth.facts.setdefault(name, facts)
    if there is facts:
        return
    for field, value in facts.items():
        if field in {"created_at", "updated_at", "roles", "domain_assignment"}:
            continue
        if field == "note":
            assert not value, "two notes of one person: decide what becomes of the second"
        elif there.get(field) in (None, "", []):
            there[field] = value
        elif value not in (None, "", []) and value != there[field]:
            truth.losses.add((entity, key, field))
