"""Things that go wrong in a Zammad after everything was moved there: one function each.

Each returns what verify has to report: ``(entity, source id, field, kind)``, nothing else.
"""

from __future__ import annotations

from typing import Any

from runner.sandbox.both import Sandbox
from runner.sandbox.zammad import people
from runner.sandbox.zammad.store import Article
from tests.behaviour.support import Seen

Reported = set[tuple[str, str, str, str]]


class Damage:
    """A Zammad to be damaged over its REST API, or in its tables where that refuses."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.state = sandbox.zammad.state
        self.store = sandbox.zammad.state.store
        self.rest = Seen(sandbox.zammad_url)

    def ticket(self, title: str) -> dict[str, Any]:
        (row,) = (row for row in self.store.tables.tickets.values() if row["title"] == title)
        return row

    def article(self, title: str, number: int = 0) -> Article:
        ids = self.store.ticket_articles[self.ticket(title)["id"]]
        return self.store.tables.articles.items_by_id[ids[number]]

    def user(self, login: str) -> dict[str, Any]:
        (row,) = (row for row in self.store.tables.users.values() if row["login"] == login)
        return row

    def organization(self, name: str) -> dict[str, Any]:
        rows = self.store.tables.organizations.values()
        (row,) = (row for row in rows if row["name"] == name)
        return row

    def put(self, path: str, row: dict[str, Any], **values: Any) -> None:
        self.rest.ask("PUT", f"{path}/{row['id']}", json=values)

    def number(self, table: str, name: str) -> int:
        return self.store.names[table][name]


def of_post(damage: Damage, title: str, number: int, field: str, kind: str) -> Reported:
    """Name an article as ``CASE/POST``."""
    row, article = damage.ticket(title), damage.article(title, number)
    post = str(article.message_id).partition("@")[0].rpartition("-")[2]
    return {("articles", f"{row['number']}/{post}", field, kind)}


def of_ticket(row: dict[str, Any], *fields: str) -> Reported:
    return {("tickets", row["number"], field, "changed") for field in fields}


def a_group_is_renamed(damage: Damage) -> Reported:
    group = damage.store.tables.groups[damage.number("groups", "general")]
    damage.put("/groups", group, name="Renamed")
    return {("groups", "1", "name", "changed")}


def a_group_is_switched_off(damage: Damage) -> Reported:
    group = damage.store.tables.groups[damage.number("groups", "nobody's team")]
    damage.put("/groups", group, active=False)
    return {("groups", "6", "active", "changed")}


def an_organization_has_another_note(damage: Damage) -> Reported:
    damage.put("/organizations", damage.organization("Organization 1"), note="other words")
    return {("organizations", "1", "note", "changed")}


def an_organization_is_not_shared_any_more(damage: Damage) -> Reported:
    damage.put("/organizations", damage.organization("Organization 1"), shared=False)
    return {("organizations", "1", "shared", "changed")}


def a_user_has_another_first_name(damage: Damage) -> Reported:
    damage.put("/users", damage.user("customer-22@customers.example"), firstname="Other")
    return {("users", "22", "firstname", "changed")}


def a_user_has_another_email(damage: Damage) -> Reported:
    user = damage.user("customer-23@customers.example")
    damage.put("/users", user, email="elsewhere@customers.example")
    return {("users", "23", "email", "changed")}


def a_user_has_no_phone_any_more(damage: Damage) -> Reported:
    user = next(
        row for row in damage.store.tables.users.values() if row["phone"] == "+49 30 000015"
    )
    damage.put("/users", user, phone="")
    return {("users", "15", "phone", "changed")}


def a_user_has_another_role(damage: Damage) -> Reported:
    damage.put("/users", damage.user("agent-7@acme.example"), roles=["Customer"])
    return {("users", "7", "roles", "changed")}


def a_user_is_in_another_organization(damage: Damage) -> Reported:
    user = damage.user("customer-26@customers.example")
    other = damage.organization("Free mail users")
    damage.put("/users", user, organization_id=other["id"])
    return {("users", "26", "organization", "changed")}


def a_user_is_there_twice(damage: Damage) -> Reported:
    email = "customer-24@customers.example"
    body = {"email": email, "login": "second", "firstname": "Customer", "roles": ["Customer"]}
    damage.rest.ask("POST", "/users", json=body)
    return {("users", "24", "email", "doubled")}


def a_user_is_gone(damage: Damage) -> Reported:
    people.remove(damage.state, damage.user("agent-7@acme.example")["id"])
    return {("users", "7", "record", "missing")}


def a_ticket_has_another_title(damage: Damage) -> Reported:
    row = damage.ticket("Completed")
    damage.put("/tickets", row, title="Something else")
    return of_ticket(row, "title")


def a_ticket_is_in_another_group(damage: Damage) -> Reported:
    row = damage.ticket("Tags")
    damage.put("/tickets", row, group_id=damage.number("groups", "ümläute & co"))
    return of_ticket(row, "group")


def a_ticket_has_another_state(damage: Damage) -> Reported:
    row = damage.ticket("Escalated")
    damage.put("/tickets", row, state="closed")
    return of_ticket(row, "state")


def a_ticket_has_another_owner(damage: Damage) -> Reported:
    row = damage.ticket("Team with colons")
    damage.put("/tickets", row, owner_id=1)
    return of_ticket(row, "owner")


def a_ticket_has_another_customer(damage: Damage) -> Reported:
    row = damage.ticket("Asked by user 22")
    damage.put("/tickets", row, customer_id=damage.user("customer-23@customers.example")["id"])
    return of_ticket(row, "customer")


def a_ticket_was_opened_another_day(damage: Damage) -> Reported:
    row = damage.ticket("New")
    row["created_at"] = f"{row['created_at'][:8]}28{row['created_at'][10:]}"
    return of_ticket(row, "created_at")


def a_ticket_lost_a_tag(damage: Damage) -> Reported:
    row = damage.ticket("Tags")
    body = {"object": "Ticket", "o_id": row["id"], "item": "UPPER"}
    damage.rest.ask("DELETE", "/tags/remove", json=body)
    return of_ticket(row, "tags")


def a_ticket_is_gone(damage: Damage) -> Reported:
    row = damage.ticket("Attachments")
    damage.rest.ask("DELETE", f"/tickets/{row['id']}")
    return {("tickets", row["number"], "record", "missing")}


def a_ticket_is_there_twice(damage: Damage) -> Reported:
    row, first = damage.ticket("Completed"), damage.article("Completed")
    article = {"body": first.body, "type": "note", "message_id": first.message_id}
    body = {"title": "Completed", "group_id": row["group_id"], "customer_id": row["customer_id"]}
    damage.rest.ask("POST", "/tickets", json={**body, "article": article})
    row["title"] = "Completed once"
    reported = of_post(damage, "Completed once", 0, "article", "doubled")
    row["title"] = "Completed"
    return reported | {("tickets", row["number"], "record", "doubled")}


def an_article_is_gone(damage: Damage) -> Reported:
    reported = of_post(damage, "Many posts", 100, "article", "missing")
    damage.store.remove_article(damage.article("Many posts", 100).id)
    return reported


def an_article_is_there_twice(damage: Damage) -> Reported:
    article = damage.article("Completed", 1)
    row = {"ticket_id": article.ticket_id, "body": article.body, "type": "note"}
    values = {"message_id": article.message_id, "created_at": "2025-01-01T00:00:00Z"}
    damage.rest.ask("POST", "/ticket_articles", json={**row, **values})
    moved = {("tickets", damage.ticket("Completed")["number"], "updated_at", "changed")}
    return of_post(damage, "Completed", 1, "article", "doubled") | moved


def an_article_says_something_else(damage: Damage) -> Reported:
    article = damage.article("Dangerous HTML")
    article.body = article.body.replace("quoted", "quoth")
    return of_post(damage, "Dangerous HTML", 0, "body", "differs")


def a_file_has_other_bytes(damage: Damage) -> Reported:
    file = next(f for f in damage.article("Attachments").attachments if f.filename == "big.bin")
    file.digest, _ = damage.store.keep_file(bytes(file.size))
    return of_post(damage, "Attachments", 0, "attachments: big.bin", "differs")


def a_file_is_gone(damage: Damage) -> Reported:
    article = damage.article("Attachments", 2)
    article.attachments = ()
    return of_post(damage, "Attachments", 2, "attachments: page.html", "missing")


def a_ticket_waits_longer(damage: Damage) -> Reported:
    row = damage.ticket("Pending since long")
    damage.put("/tickets", row, pending_time="2030-01-01T00:00:00Z")
    return of_ticket(row, "pending_time")


def a_ticket_has_another_priority(damage: Damage) -> Reported:
    row = damage.ticket("Archived 2")
    damage.put("/tickets", row, priority="1 low")
    return of_ticket(row, "priority")


def a_ticket_was_touched(damage: Damage) -> Reported:
    row = damage.ticket("New")
    damage.put("/tickets", row, updated_at="2026-01-01T00:00:00Z")
    return of_ticket(row, "updated_at")


def a_ticket_got_a_type(damage: Damage) -> Reported:
    row = damage.ticket("Completed")
    damage.put("/tickets", row, type="Incident")
    return of_ticket(row, "type")


def a_ticket_got_a_tag(damage: Damage) -> Reported:
    row = damage.ticket("New")
    damage.rest.ask(
        "POST", "/tags/add", json={"object": "Ticket", "o_id": row["id"], "item": "later"}
    )
    return of_ticket(row, "tags")


def an_article_was_made_public(damage: Damage) -> Reported:
    article = damage.article("Plain text only", 1)
    damage.rest.ask("PUT", f"/ticket_articles/{article.id}", json={"internal": False})
    return of_post(damage, "Plain text only", 1, "internal", "differs")


def plain_text_lost_its_indentation(damage: Damage) -> Reported:
    article = damage.article("Plain text only")
    article.body = article.body.replace("\n  indented", "\nindented")
    return of_post(damage, "Plain text only", 0, "body", "differs")


def an_article_has_another_author(damage: Damage) -> Reported:
    damage.article("Completed", 1).origin_by_id = 1
    return of_post(damage, "Completed", 1, "origin_by", "differs")


def an_article_has_another_date(damage: Damage) -> Reported:
    damage.article("Completed", 1).created_at = "2024-02-09T00:00:00.000Z"
    return of_post(damage, "Completed", 1, "created_at", "differs")


def an_article_has_other_recipients(damage: Damage) -> Reported:
    damage.article("Completed", 1).to = "somebody@customers.example"
    return of_post(damage, "Completed", 1, "to", "differs")


def a_picture_in_the_text_is_another_one(damage: Damage) -> Reported:
    files = damage.article("Pictures in the text").attachments
    second = [file for file in files if "Content-ID" in file.preferences][1]
    second.digest, _ = damage.store.keep_file(b"no picture")
    return of_post(damage, "Pictures in the text", 0, "body: picture 2", "differs")


def a_picture_in_the_text_is_gone(damage: Damage) -> Reported:
    article = damage.article("Pictures in the text")
    article.body = article.body.replace("<img", "<hr", 1)
    first = next(file for file in article.attachments if "Content-ID" in file.preferences)
    extra = of_post(damage, "Pictures in the text", 0, f"attachments: {first.filename}", "extra")
    return of_post(damage, "Pictures in the text", 0, "body", "differs") | extra


def a_file_has_another_name(damage: Damage) -> Reported:
    file = next(f for f in damage.article("Attachments").attachments if f.filename == "data.json")
    file.filename = "other.json"
    missing = of_post(damage, "Attachments", 0, "attachments: data.json", "missing")
    return missing | of_post(damage, "Attachments", 0, "attachments: other.json", "extra")


def a_file_is_there_twice(damage: Damage) -> Reported:
    article = damage.article("Attachments", 2)
    article.attachments = (*article.attachments, article.attachments[0])
    return of_post(damage, "Attachments", 2, "attachments: page.html", "doubled")


def articles_of_one_second_changed_places(damage: Damage) -> Reported:
    title = "All at the same second"
    one, two = damage.article(title, 1), damage.article(title, 2)
    reported = of_post(damage, title, 1, "place", "order")
    one.id, two.id = two.id, one.id
    damage.store.tables.articles.items_by_id.update({one.id: one, two.id: two})
    return reported


def a_ticket_was_merged_into_one_that_is_not_ours(damage: Damage) -> Reported:
    title = "Archived 3"
    row = damage.ticket(title)
    moved: Reported = set()
    for number in range(len(damage.store.ticket_articles[row["id"]])):
        moved |= of_post(damage, title, number, "article", "missing")
        moved |= of_post(damage, title, number, "article", "misplaced")
    damage.rest.ask("PUT", f"/ticket_merge/{row['id']}/{damage.store.tables.tickets[1]['number']}")
    return moved | of_ticket(row, "state")


def a_ticket_was_merged_into_another_of_ours(damage: Damage) -> Reported:
    title, other = "Archived 1", damage.ticket("Archived 2")
    row = damage.ticket(title)
    moved: Reported = set()
    for number in range(len(damage.store.ticket_articles[row["id"]])):
        ((_, source_id, _, _),) = of_post(damage, title, number, "article", "missing")
        post = source_id.partition("/")[2]
        moved.add(("articles", source_id, "article", "missing"))
        moved.add(("articles", f"{other['number']}/{post}", "article", "misplaced"))
    damage.rest.ask("PUT", f"/ticket_merge/{row['id']}/{other['number']}")
    return moved | of_ticket(row, "state") | of_ticket(other, "updated_at")


def a_ticket_was_answered_at_another_time(damage: Damage) -> Reported:
    row = damage.ticket("Completed")
    assert row["first_response_at"]
    row["first_response_at"] = "2024-02-09T00:00:00.000Z"
    return of_ticket(row, "first_response_at")


def a_time_entry_is_shorter(damage: Damage) -> Reported:
    (entry,) = (
        row for row in damage.store.tables.time_accountings.values() if row["time_unit"] == "0.98"
    )
    damage.rest.ask(
        "PUT",
        f"/tickets/{entry['ticket_id']}/time_accountings/{entry['id']}",
        json={"time_unit": 0.5},
    )
    number = damage.store.tables.tickets[entry["ticket_id"]]["number"]
    return {("time_entries", f"{number}/3", "time_unit", "changed")}


TOGETHER = {
    "one": (
        a_group_is_renamed,
        an_organization_has_another_note,
        a_user_has_another_first_name,
        a_user_has_another_email,
        a_user_has_another_role,
        a_ticket_is_in_another_group,
        a_ticket_has_another_owner,
        a_ticket_was_opened_another_day,
        an_article_is_gone,
        a_file_has_other_bytes,
        a_file_is_gone,
        a_ticket_has_another_title,
    ),
    "two": (
        a_group_is_switched_off,
        an_organization_is_not_shared_any_more,
        a_user_has_no_phone_any_more,
        a_user_is_in_another_organization,
        a_user_is_there_twice,
        a_ticket_has_another_state,
        a_ticket_lost_a_tag,
        a_ticket_is_gone,
        an_article_is_there_twice,
        an_article_says_something_else,
    ),
    "three": (
        a_user_is_gone,
        a_time_entry_is_shorter,
        a_ticket_has_another_customer,
        a_ticket_is_there_twice,
        a_ticket_waits_longer,
        a_ticket_has_another_priority,
        a_ticket_was_touched,
        an_article_was_made_public,
        plain_text_lost_its_indentation,
        a_picture_in_the_text_is_another_one,
        a_file_has_another_name,
        a_file_is_there_twice,
        articles_of_one_second_changed_places,
        a_ticket_was_merged_into_one_that_is_not_ours,
    ),
    "four": (
        a_ticket_was_answered_at_another_time,
        a_ticket_got_a_type,
        a_ticket_got_a_tag,
        an_article_has_another_author,
        an_article_has_another_date,
        an_article_has_other_recipients,
        a_picture_in_the_text_is_gone,
        a_ticket_was_merged_into_another_of_ours,
    ),
}
"""Planted in one Zammad, each where the others are not: every one has to be named all the same."""
