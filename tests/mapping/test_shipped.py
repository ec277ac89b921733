"""The shipped mappings: every rule of Zammad's built-in importer, and nothing lost unsaid."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from runner.mapping import Mappings, Outcome, Reference, console_fields, deferred_fields, transform
from runner.mapping.fields import FILES, record_schema
from runner.mapping.load import ORDER
from runner.mapping.model import NOBODY, UNKNOWN_PERSON
from runner.mapping.templates import paths_in_template
from tests.mapping.support import GO_LIVE, MOMENT, ROOT, case, person, shipped, team


@pytest.fixture(scope="module")
def mappings() -> Mappings:
    return shipped()


def ticket(mappings: Mappings, **changes: Any) -> Outcome:
    return transform(mappings, "tickets", case(**changes), go_live=GO_LIVE)


def user(mappings: Mappings, **changes: Any) -> dict[str, Any]:
    record = {
        **dict.fromkeys(("email", "phone", "twitter", "facebook", "designation", "signature")),
        "id": 5,
        "full_name": "Customer Five",
        "first_name": "Customer",
        "last_name": "Five",
        "is_enabled": True,
        "role": {"id": 4, "title": "Customer", "type": "CUSTOMER"},
        "organization": None,
        "notes": [],
        "organizations": [],
        "other_organizations": [],
        "locale": None,
        "teams": [],
        "other_emails": [],
        "other_phones": [],
        "last_logged_in_at": None,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        **changes,
    }
    outcome = transform(mappings, "users", record, go_live=GO_LIVE)
    assert not outcome.failures
    return outcome.payload


def test_an_ordinary_ticket(mappings: Mappings) -> None:
    assert ticket(mappings).payload == {
        "number": "42",
        "title": "Where is my order?",
        "group": Reference("groups", "1", "General"),
        "customer": Reference("users", "17"),
        "owner": Reference("users", "2"),
        "state": "open",
        "priority": "2 normal",
        "type": "Question",
        "created_at": MOMENT,
        "updated_at": "2021-09-01T08:00:00Z",
        "created_by": Reference("users", "17"),
        "updated_by": Reference("users", name="-"),
    }


def test_who_opened_and_changed_a_ticket_is_left_to_the_console() -> None:
    assert console_fields("ticket") == {"created_by", "updated_by"}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("NEW", "new"),
        ("OPEN", "open"),
        ("PENDING", "pending reminder"),
        ("COMPLETED", "closed"),
        ("CLOSED", "closed"),
        ("CUSTOM", "open"),
    ],
)
def test_states_are_those_of_the_built_in_importer(
    mappings: Mappings, kind: str, expected: str
) -> None:
    outcome = ticket(mappings, status={"id": 1, "label": "Label", "type": kind})
    assert outcome.payload["state"] == expected
    assert bool(outcome.dropped) == (kind == "CUSTOM")


@pytest.mark.parametrize(
    ("priority", "expected"),
    [
        ({"id": 1, "label": "Low", "level": 1}, "1 low"),
        ({"id": 2, "label": "Normal", "level": 2}, "2 normal"),
        ({"id": 3, "label": "High", "level": 3}, "3 high"),
        ({"id": 4, "label": "Urgent", "level": 4}, "3 high"),
        ({"id": 9, "label": "Blocker", "level": 7}, "2 normal"),
        (None, "2 normal"),
    ],
)
def test_priorities_go_by_level(mappings: Mappings, priority: Any, expected: str) -> None:
    outcome = ticket(mappings, priority=priority)
    assert outcome.payload["priority"] == expected
    tags = ["kayako-priority-blocker"] if priority and priority["level"] == 7 else None
    assert outcome.payload.get("tags") == tags


def test_custom_types_are_dropped_and_remembered(mappings: Mappings) -> None:
    outcome = ticket(mappings, type={"id": 9, "label": "Feature", "type": "CUSTOM"})
    assert "type" not in outcome.payload
    assert outcome.payload["tags"] == ["kayako-type-feature"]
    assert [label.label for label in outcome.dropped] == ["Feature"]


def test_pending_tickets_get_an_end_in_the_future(mappings: Mappings) -> None:
    status = {"id": 3, "label": "Pending", "type": "PENDING"}
    assert ticket(mappings, status=status).payload["pending_time"] == "2026-12-05T00:00:00Z"
    late = ticket(mappings, status=status, last_pending_at="2026-12-01T10:00:00Z")
    assert late.payload["pending_time"] == "2026-12-15T10:00:00Z"


def test_closed_tickets_know_when(mappings: Mappings) -> None:
    status = {"id": 4, "label": "Completed", "type": "COMPLETED"}
    done = ticket(mappings, status=status, last_completed_at="2021-08-30T00:00:00Z")
    assert done.payload["close_at"] == "2021-08-30T00:00:00Z"
    assert ticket(mappings, status=status).payload["close_at"] == "2021-09-01T08:00:00Z"
    assert "close_at" not in ticket(mappings).payload


@pytest.mark.parametrize("state", ["TRASH", "SUSPENDED"])
def test_trash_and_spam_are_left_out(mappings: Mappings, state: str) -> None:
    assert ticket(mappings, state=state).skip


def test_a_ticket_of_nothing_still_moves(mappings: Mappings) -> None:
    empty = dict.fromkeys(case()) | {"id": 7, "created_at": MOMENT, "updated_at": MOMENT}
    outcome = transform(mappings, "tickets", empty, go_live=GO_LIVE)
    assert not outcome.failures
    assert outcome.payload["title"] == "(no subject)"
    assert outcome.payload["group"] == Reference("groups", name="Kayako unassigned")
    assert outcome.payload["owner"] == Reference("users", name=NOBODY)
    stand_in = Reference("users", name=UNKNOWN_PERSON, placeholder=True)
    assert outcome.payload["customer"] == stand_in


def test_people_and_teams_who_are_gone_have_stand_ins(mappings: Mappings) -> None:
    payload = ticket(
        mappings,
        requester=person(8, known=False),
        assigned_agent=person(9, known=False),
        assigned_team=team(5, None, known=False),
    ).payload
    assert payload["customer"] == Reference("users", "8", "Customer 8", placeholder=True)
    assert payload["owner"] == Reference("users", name=NOBODY)
    assert payload["group"] == Reference("groups", name="Kayako unassigned")


def test_tags_lose_what_zammad_refuses(mappings: Mappings) -> None:
    assert ticket(mappings, tags=["a,b", "c*", "vip"]).payload["tags"] == ["a-b", "c", "vip"]


@pytest.mark.parametrize(
    ("changes", "login"),
    [
        ({"email": "A@Example.org", "phone": "1"}, "a@example.org"),
        ({"phone": "+49123", "twitter": "acme"}, "+49123"),
        ({"twitter": "Acme", "facebook": "f"}, "twitter-acme"),
        ({"facebook": "1000"}, "facebook-1000"),
        ({}, "kayako-user-5"),
    ],
)
def test_logins_are_the_first_of_what_there_is(
    mappings: Mappings, changes: dict[str, Any], login: str
) -> None:
    assert user(mappings, **changes)["login"] == login


@pytest.mark.parametrize(
    ("kind", "roles"),
    [
        ("OWNER", ["Admin", "Agent"]),
        ("ADMIN", ["Admin", "Agent"]),
        ("AGENT", ["Agent"]),
        ("COLLABORATOR", ["Agent"]),
        ("CUSTOMER", ["Customer"]),
        ("SOMETHING", ["Customer"]),
    ],
)
def test_roles_go_by_type_and_groups_are_for_agents(
    mappings: Mappings, kind: str, roles: list[str]
) -> None:
    role = {"id": 1, "title": "Title", "type": kind}
    payload = user(mappings, role=role, teams=[team(1, "General")])
    assert payload["roles"] == roles
    assert ("groups" in payload) == (roles != ["Customer"])


def test_further_addresses_are_kept_in_the_note(mappings: Mappings) -> None:
    payload = user(
        mappings,
        email="a@example.org",
        other_emails=["b@example.org", "c@example.org"],
        other_phones=["+1"],
        twitter="<acme>",
    )
    lines = payload["note"].split("<br>")
    assert lines[0] == "Further emails: b@example.org, c@example.org"
    assert "Twitter: &lt;acme&gt;" in payload["note"]
    assert "note" not in user(mappings)


@pytest.mark.parametrize(
    ("kayako", "zammad"), [("en-us", "en-us"), ("de", "de-de"), ("FR", "fr-fr"), ("tlh", None)]
)
def test_users_keep_their_language_where_zammad_has_it(
    mappings: Mappings, kayako: str, zammad: str | None
) -> None:
    assert user(mappings, locale=kayako).get("locale") == zammad
    assert "locale" not in user(mappings, locale=None)


def test_further_organizations_are_references_and_named_in_the_note(mappings: Mappings) -> None:
    others = [
        {"type": "organization", "id": 4, "name": "B & C", "known": True},
        {"type": "organization", "id": 9, "name": "Gone", "known": False},
    ]
    payload = user(mappings, other_organizations=others)
    assert payload["organizations"] == [Reference("organizations", "4")]
    assert "Further organizations: B &amp; C, Gone<br>" in payload["note"]


def test_a_note_is_never_cut_inside_a_tag_or_a_sign(mappings: Mappings) -> None:
    for length in range(4960, 5010):
        note = user(mappings, designation="x" * length + "<&>")["note"]
        assert len(note) <= 5000
        assert re.fullmatch(r"Designation: x+(?:&lt;|&amp;|&gt;)*(?:<br>)?\s*", note), length


def organization(mappings: Mappings, **changes: Any) -> dict[str, Any]:
    record = {
        "id": 3,
        "name": "Acme",
        "is_shared": True,
        "domains": [],
        "domain": None,
        "phone": [],
        "addresses": [],
        "websites": [],
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "custom_fields": {},
        **changes,
    }
    return transform(mappings, "organizations", record, go_live=GO_LIVE).payload


def test_own_domains_assign_members_freemail_domains_do_not(mappings: Mappings) -> None:
    for domain, assigned in (("acme.example", True), ("gmail.com", False), (None, False)):
        payload = organization(mappings, domain=domain, domains=[domain] if domain else [])
        assert payload["domain_assignment"] is assigned
        assert payload.get("domain") == domain


def test_organizations_are_shared_only_where_kayako_says_so(mappings: Mappings) -> None:
    assert organization(mappings)["shared"] is True
    assert organization(mappings, is_shared=None)["shared"] is False


def test_groups_carry_their_title(mappings: Mappings) -> None:
    record = {"id": 1, "title": "General", "created_at": MOMENT, "updated_at": MOMENT}
    payload = transform(mappings, "groups", record, go_live=GO_LIVE).payload
    assert payload == {"name": "General", "active": True, "created_at": MOMENT}


def test_what_finish_writes_is_marked() -> None:
    assert deferred_fields("user") == {"active", "groups"}
    assert deferred_fields("organization") == {"active", "domain_assignment"}


@pytest.mark.parametrize("entity", ORDER)
def test_every_kayako_field_is_used_or_left_behind_with_a_reason(
    mappings: Mappings, entity: str
) -> None:
    made = mappings.entities[entity]
    schema = record_schema(made.kayako)
    assert schema is not None
    seen = {*made.ignore, *made.skip, *made.variants_by, "id", "resource_type", "resource_url"}
    for rule in made.rules():
        seen.update(rule.paths, rule.only_if)
        if rule.source == "template":
            seen.update(paths_in_template(rule.given))
    missing = set(schema["properties"]) - {path.split(".")[0] for path in seen}
    assert not missing
    assert not set(made.ignore) - set(schema["properties"])


def test_every_file_names_its_schema_and_is_written_in_block_style() -> None:
    files = sorted((ROOT / "mappings").rglob("*.yaml"))
    assert len(files) == 25
    for path in files:
        text = path.read_text(encoding="utf-8")
        modeline = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
        assert modeline, path
        assert (path.parent / modeline[1]).is_file(), path
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        assert not [line for line in lines if re.match(r"\s*[\w./]+:\s+[\[{]", line)], path


def test_the_schemas_are_valid_and_describe_every_record() -> None:
    for name in ("mapping.json", "vocabulary.json", "custom_fields.json", "targets.json"):
        json.loads((ROOT / "schemas" / name).read_text(encoding="utf-8"))
    assert all(record_schema(resource) for resource in FILES)
