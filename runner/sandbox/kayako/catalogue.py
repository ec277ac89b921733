"""Which path is answered by what: all that the server knows (kayako-api.md §9, §16.10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runner.sandbox.kayako import conversations, people
from runner.sandbox.kayako.answers import Answer, Download, not_found

if TYPE_CHECKING:
    from runner.sandbox.kayako.asking import Ask

Endpoint = Callable[..., Answer]

_WHOLE = {
    "settings": "setting",
    "cases/fields": "case_field",
    "users/fields": "user_field",
    "organizations/fields": "organization_field",
    "cases/forms": "case_form",
    "cases/statuses": "case_status",
    "cases/priorities": "case_priority",
    "cases/types": "case_type",
    "cases/macros": "macro",
    "cases/channels": "channel",
}
_PAGED = {
    "teams": "team",
    "roles": "role",
    "brands": "brand",
    "locales": "locale",
    "locale/fields": "locale_field",
    "businesshours": "business_hour",
    "slas": "sla",
    "triggers": "trigger",
    "monitors": "monitor",
    "engagements": "engagement",
    "views": "view",
    "mailboxes": "mailbox",
    "twitter/accounts": "twitter_account",
    "facebook/accounts": "facebook_account",
    "facebook/pages": "facebook_page",
    "timetracking": "timetracking_log",
    "cases/ratings": "rating",
    "mails": "mail",
    "categories": "category",
    "sections": "section",
    "articles": "article",
}
_NEWEST_FIRST = {"organizations": "organization", "users": "user"}
_IDENTITIES = {
    "emails": ("identity_email", "emails"),
    "phones": ("identity_phone", "phones"),
    "twitter": ("identity_twitter", "twitter"),
    "facebook": ("identity_facebook", "facebook"),
    "domains": ("identity_domain", "domains"),
}
_BELOW: dict[str, Endpoint] = {
    "cases/*": conversations.case,
    "cases/*/posts": conversations.posts,
    "cases/*/messages": conversations.messages,
    "cases/*/notes": conversations.notes,
    "cases/*/tags": conversations.tags,
    "cases/*/activities": conversations.activities,
    "cases/*/participants": conversations.participants,
    "cases/*/channels": conversations.channels,
    "cases/*/field/values": conversations.field_values,
    "cases/*/timetracking": conversations.time_entries,
    "cases/*/time_track": conversations.time_entries,
    "cases/*/side-conversations": conversations.side_conversations,
    "cases/*/ratings": conversations.ratings,
    "cases/posts/*": conversations.post,
    "cases/posts/*/email_original": conversations.email_original,
    "side-conversations/*/messages": conversations.side_messages,
    "views/*/cases": conversations.view_cases,
    "teams/*/members": people.team_members,
    "organizations/*/members": people.organization_members,
    "organizations/*/notes": people.organization_notes,
    "organizations/*/cases": conversations.cases_of("organization"),
    "organizations/*/tags": people.no_tags("organization"),
    "users/*/notes": people.user_notes,
    "users/*/cases": conversations.cases_of("user"),
    "users/*/organizations": people.user_organizations,
    "users/*/tags": people.no_tags("user"),
}


def _endpoints() -> dict[str, Endpoint]:
    found: dict[str, Endpoint] = {
        "me": people.me,
        "profile": people.me,
        "session": people.session,
        "cases": conversations.cases,
        **_BELOW,
    }

    def listing(resource: str, method: str, **options: Any) -> Endpoint:
        return lambda ask: getattr(ask, method)(resource, **options)

    def single(resource: str) -> Endpoint:
        return lambda ask, key: ask.single(resource, key)

    for path, resource in _WHOLE.items():
        found[path] = listing(resource, "whole")
        found[f"{path}/*"] = single(resource)
    for path, resource in _PAGED.items():
        found[path] = listing(resource, "table")
        found[f"{path}/*"] = single(resource)
    for path, resource in _NEWEST_FIRST.items():
        found[path] = listing(resource, "table", newest_first=True)
        found[f"{path}/*"] = single(resource)
    for path, (resource, owned) in _IDENTITIES.items():
        found[f"identities/{path}"] = people.identities(resource, owned)
    return found


_ENDPOINTS = _endpoints()


def answer(ask: Ask, path: str) -> Answer:
    """Answer ``path``, which is relative to ``/api/v1`` and has no ``.json`` at its end.

    Raises:
        Problem: there is nothing at that path.
    """
    if path.endswith(("/download", "/url")) and "/attachments/" in path:
        return _attachment(ask, path.rpartition("/")[0])
    parts = path.split("/")
    pattern = "/".join("*" if part.isdecimal() else part for part in parts)
    endpoint = _ENDPOINTS.get(pattern)
    if endpoint is None:
        raise not_found("The requested path")
    return endpoint(ask, *(int(part) for part in parts if part.isdecimal()))


def _attachment(ask: Ask, path: str) -> Download:
    file = ask.helpdesk.find_file(path)
    if file is None:
        raise not_found("attachment")
    return Download(file, path)
