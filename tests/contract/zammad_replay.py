"""Replays a recorded transcript against a server and compares what comes back."""

from __future__ import annotations

import base64
import json
import re
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from tests.contract import knowledge_replay

RECORDED_DAY = "2026-11-23"
ADMIN_PASSWORD = "sandbox-password"
PATH_KINDS = (
    (r"/ticket_articles/by_ticket/(\d+)", ("tickets",)),
    (r"/ticket_attachment/(\d+)/(\d+)/(\d+)", ("tickets", "articles", "attachments")),
    (r"/api/v1/attachments/(\d+)", ("attachments",)),
    (r"/tickets/(\d+)", ("tickets",)),
    (r"/ticket_merge/(\d+)/", ("tickets",)),
    (r"/ticket_history/(\d+)", ("tickets",)),
    (r"/users/(\d+)", ("users",)),
    (r"/groups/(\d+)", ("groups",)),
    (r"/organizations/(\d+)", ("organizations",)),
    (r"/settings/(\d+)", ("settings",)),
    (r"/checklists/(\d+)", ("checklists",)),
    (r"/checklist_items/(\d+)", ("checklist_items",)),
    (r"/knowledge_bases/(\d+)/answers/(\d+)", ("bases", "answers")),
    (r"/knowledge_bases/(\d+)", ("bases",)),
    (r"[?&](?:o_id|mentionable_id|link_object_value)=(\d+)", ("tickets",)),
)
OWN_KINDS = (
    ("time_accountings", "times"),
    ("time_accounting/types", "time_types"),
    ("ticket_articles", "articles"),
    ("tickets", "tickets"),
    ("users", "users"),
    ("groups", "groups"),
    ("organizations", "organizations"),
    ("settings", "settings"),
    ("roles", "roles"),
    ("ticket_states", "states"),
    ("ticket_priorities", "priorities"),
    ("object_manager_attributes", "attributes"),
    ("mentions", "mentions"),
    ("links", "links"),
    ("data_privacy_tasks", "privacy"),
    ("triggers", "triggers"),
    ("signatures", "signatures"),
    ("email_addresses", "email_addresses"),
    ("checklists", "checklists"),
    ("checklist_items", "checklist_items"),
    ("/categories", "categories"),
    ("/answers", "answers"),
    ("knowledge_bases", "bases"),
    ("text_modules", "text_modules"),
    ("macros", "macros"),
    ("calendars", "calendars"),
    ("slas", "slas"),
    ("overviews", "overviews"),
)
PEOPLE = "customer owner created_by updated_by origin_by out_of_office_replacement user"
KEY_KINDS = {
    **{f"{name}_id": "users" for name in PEOPLE.split()},
    "user_ids": "users",
    "member_ids": "users",
    "secondary_member_ids": "users",
    "group_id": "groups",
    "parent_id": "groups",
    "group_ids": "groups",
    "organization_id": "organizations",
    "organization_ids": "organizations",
    "ticket_id": "tickets",
    "mentionable_id": "tickets",
    "o_id": "tickets",
    "link_object_source_value": "tickets",
    "link_object_target_value": "tickets",
    "link_object_value": "tickets",
    "tickets": "tickets",
    "record_ids": "tickets",
    "article_ids": "articles",
    "ticket_article_id": "articles",
    "ticket_time_accounting_ids": "times",
    "state_id": "states",
    "next_state_id": "states",
    "priority_id": "priorities",
    "role_ids": "roles",
    "store_file_id": "files",
}
ASSET_KINDS = {
    "Ticket": "tickets",
    "Group": "groups",
    "User": "users",
    "Role": "roles",
    "Organization": "organizations",
    **knowledge_replay.ASSET_KINDS,
}
PLAIN_LISTS = {"permission_ids", "customer_tickets", "owner_tickets"}
WORDING = {"error", "error_human", "not_deletable_reason"}
VOLATILE = {"Content-ID", "x_failure"}
SETTING_TEXTS = {"title", "description", "options"}
ATTRIBUTE_DETAILS = {"screens", "data_option", "position", "not_deletable_reason"}
PARTIAL_LISTS = ("settings: import related", "object attributes of Ticket")


@dataclass(frozen=True)
class Kind:
    """Which records a value belongs to, and whether it is one's id."""

    name: str
    is_id: bool = False


def kind_of_value(key: str, record: dict[str, Any], kind: str) -> Kind:
    if key == "id":
        return Kind(kind, is_id=True)
    if key == "deletable_id":
        of_user = record.get("deletable_type") == "User"
        return Kind("users" if of_user else "tickets", is_id=True)
    if key == "mentions":
        return Kind("mentions")
    if key in KEY_KINDS:
        return Kind(KEY_KINDS[key], is_id=True)
    return Kind("plain" if key in PLAIN_LISTS else kind)


class Disagreement(Exception):
    """What was recorded and what came differ; the message says where."""


class Replay:
    """One transcript played against one server, with what was learnt about ids."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.ids: dict[str, dict[int, int]] = defaultdict(dict)
        self.began = datetime.now(UTC) - timedelta(seconds=5)

    def check(self, entry: dict[str, Any]) -> None:
        recorded = entry["response"]
        if "polled" in (recorded["body"] if isinstance(recorded["body"], dict) else {}):
            self.wait_through_restart(recorded["body"]["polled"])
            return
        answer = self.send(entry)
        if answer.status_code != recorded["status"]:
            raise Disagreement(f"status {answer.status_code}: {answer.text[:200]}")
        kind, _, _ = recorded["content_type"].partition(";")
        if answer.headers["content-type"].partition(";")[0] != kind:
            raise Disagreement(f"content type {answer.headers['content-type']}")
        if bool(recorded.get("x_failure")) != ("x-failure" in answer.headers):
            raise Disagreement("X-Failure header")
        if recorded.get("disposition") != answer.headers.get("content-disposition"):
            raise Disagreement(f"disposition {answer.headers.get('content-disposition')}")
        if kind == "text/html":
            return
        if kind == "text/plain" or recorded["body"] == "":
            self.same(recorded["body"], answer.text, "body", "text")
            return
        actual = with_derived(entry["name"], recorded["body"], answer.json())
        self.compare(recorded["body"], actual, own_kind(entry["request"]["path"]), entry["name"])

    def send(self, entry: dict[str, Any]) -> requests.Response:
        request = entry["request"]
        headers = dict(request.get("headers", {"Authorization": "Token token=…"}))
        headers["Authorization"] = authorization(entry["name"], headers.pop("Authorization", ""))
        if not headers["Authorization"]:
            del headers["Authorization"]
        if headers.get("From", "").isdigit():
            headers["From"] = str(self.translated("users", int(headers["From"])))
        body = request.get("body")
        url = self.url + self.path(request["path"])
        if headers.get("Content-Type", "").startswith("multipart/"):
            return knowledge_replay.form(self.session, url, body, headers["Authorization"])
        data = None if body is None else json.dumps(self.outgoing(body))
        return self.session.request(
            request["method"],
            url,
            headers=headers,
            data=data,
            timeout=10,
        )

    def path(self, path: str) -> str:
        for pattern, kinds in PATH_KINDS:
            match = re.search(pattern, path)
            if match:
                numbers = [
                    str(self.translated(kind, int(number)))
                    for kind, number in zip(kinds, match.groups(), strict=True)
                ]
                for position in range(len(numbers), 0, -1):
                    first, end = match.span(position)
                    path = path[:first] + numbers[position - 1] + path[end:]
                return path
        return path

    def translated(self, kind: str, number: int) -> int:
        return self.ids[kind].get(number, number)

    def outgoing(self, value: Any, key: str = "") -> Any:
        """Replace recorded ids in a request body by the actual ones."""
        kind = KEY_KINDS.get(key, "")
        if isinstance(value, dict) and kind:
            return {str(self.translated(kind, int(k))): v for k, v in value.items()}
        if isinstance(value, dict):
            result = {k: self.outgoing(v, k) for k, v in value.items()}
            if "deletable_id" in value:
                of = "users" if value["deletable_type"] == "User" else "tickets"
                result["deletable_id"] = self.translated(of, value["deletable_id"])
            if isinstance(value.get("mentions"), list):
                result["mentions"] = [self.translated("users", n) for n in value["mentions"]]
            return result
        if isinstance(value, list):
            return [self.outgoing(item, key) for item in value]
        if kind and isinstance(value, int) and not isinstance(value, bool):
            return self.translated(kind, value)
        return value

    def compare(self, recorded: Any, actual: Any, kind: str, name: str) -> None:
        """Compare two whole bodies."""
        if name in PARTIAL_LISTS:
            by_name = {item["name"]: item for item in actual if item.get("object") in OWN_OBJECTS}
            for item in recorded:
                if item["name"] not in by_name:
                    raise Disagreement(f"no {item['name']}")
                skip = SETTING_TEXTS if kind == "settings" else ATTRIBUTE_DETAILS
                kept = {key: value for key, value in item.items() if key not in skip}
                self.walk(kept, by_name[item["name"]], kind, item["name"])
            return
        if kind == "settings" and isinstance(recorded, dict):
            recorded = {k: v for k, v in recorded.items() if k not in SETTING_TEXTS}
        self.walk(recorded, actual, kind, "")

    def walk(self, recorded: Any, actual: Any, kind: str, where: str) -> None:
        if isinstance(recorded, dict):
            if not isinstance(actual, dict):
                raise Disagreement(f"{where}: {actual!r} is no object")
            self.walk_object(recorded, actual, kind, where)
        elif isinstance(recorded, list):
            if not isinstance(actual, list) or len(actual) != len(recorded):
                raise Disagreement(f"{where}: {actual!r}, recorded {recorded!r}")
            for position, (one, other) in enumerate(zip(recorded, actual, strict=True)):
                # A bare number in a list is an id: article_ids, user_ids, tickets.
                self.value(one, other, Kind(kind, is_id=kind != "plain"), f"{where}[{position}]")
        else:
            self.same(recorded, actual, where, where)

    def walk_object(
        self, recorded: dict[str, Any], actual: dict[str, Any], kind: str, where: str
    ) -> None:
        if where.endswith("group_ids"):
            recorded = {str(self.translated("groups", int(k))): v for k, v in recorded.items()}
            self.same(recorded, actual, where, where)
            return
        if where.endswith("assets"):
            self.assets(recorded, actual)
            return
        for key, value in recorded.items():
            place = f"{where}.{key}" if where else key
            if key in WORDING and not where:
                if bool(value) != bool(actual.get(key)):
                    raise Disagreement(f"{place}: {actual.get(key)!r}")
            elif key not in VOLATILE:
                if key not in actual:
                    raise Disagreement(f"{place} is missing")
                of = kind_of_value(key, recorded, "attachments" if "attachments" in place else kind)
                self.value(value, actual[key], of, place)

    def assets(self, recorded: dict[str, Any], actual: dict[str, Any]) -> None:
        for model, records in recorded.items():
            for number, record in records.items():
                own = str(self.translated(ASSET_KINDS[model], int(number)))
                if own not in actual.get(model, {}):
                    raise Disagreement(f"assets: no {model} {number}")
                self.walk(record, actual[model][own], ASSET_KINDS[model], f"{model} {number}")

    def value(self, recorded: Any, actual: Any, kind: Kind, where: str) -> None:
        """Compare a value: an id, ids or records of some kind, or plain data."""
        if isinstance(recorded, (dict, list)):
            self.walk(recorded, actual, kind.name, where)
        elif not kind.is_id or not isinstance(recorded, int) or not isinstance(actual, int):
            self.same(recorded, actual, where, where)
        else:
            known = self.ids[kind.name].setdefault(recorded, actual)
            self.same(known, actual, where, f"{kind.name} id")

    def same(self, recorded: Any, actual: Any, where: str, what: str) -> None:
        if isinstance(recorded, str) and recorded.startswith(RECORDED_DAY):
            moment = datetime.fromisoformat(actual) if actual else None
            # What is published now is dated to the minute.
            began = self.began.replace(second=0) if ":00.000Z" in recorded else self.began
            if moment is None or moment < began.replace(microsecond=0):
                raise Disagreement(f"{where}: {actual!r} is not now")
            return
        if isinstance(recorded, str) and "/ticket_attachment/" in recorded:
            recorded = self.path_in_text(recorded, *PATH_KINDS[1])
        if isinstance(recorded, str) and "/api/v1/attachments/" in recorded:
            recorded = self.path_in_text(recorded, *PATH_KINDS[2])
            recorded = knowledge_replay.CONTENT_ID.sub("cid", recorded)
            actual = knowledge_replay.CONTENT_ID.sub("cid", actual)
        if recorded != actual or isinstance(recorded, bool) != isinstance(actual, bool):
            raise Disagreement(f"{where} ({what}): {actual!r}, recorded {recorded!r}")

    def path_in_text(self, text: str, pattern: str, kinds: tuple[str, ...]) -> str:
        match = re.search(pattern, text)
        assert match
        numbers = [
            str(self.translated(kind, int(number)))
            for kind, number in zip(kinds, match.groups(), strict=True)
        ]
        start = text[: match.start(1)]
        return start + "/".join(numbers) + text[match.end() :]

    def wait_through_restart(self, polled: list[dict[str, Any]]) -> None:
        """Poll until the server has been down and is back: the same answers in the same order."""
        seen: list[Any] = []
        wanted = [poll["answer"] for poll in polled]
        headers = {"Authorization": authorization("", "Token token=…")}
        deadline = time.monotonic() + 5
        while seen != wanted and time.monotonic() < deadline:
            try:
                answer: Any = requests.get(
                    f"{self.url}/api/v1/users/me", headers=headers, timeout=5
                ).status_code
            except requests.ConnectionError:
                answer = "ConnectionError"
            if seen[-1:] != [answer]:
                seen.append(answer)
            time.sleep(0.01)
        if seen != wanted:
            raise Disagreement(f"answers {seen}, recorded {wanted}")


OWN_OBJECTS = ("Ticket", None)


def with_derived(name: str, recorded: Any, actual: Any) -> Any:
    """Add what the recorder worked out instead of keeping whole answers."""
    if not isinstance(recorded, dict) or not isinstance(actual, dict):
        return actual
    derived = knowledge_replay.with_digests(recorded, actual)
    if "title_length" in recorded:
        derived["title_length"] = len(actual["title"])
    if "has_nonsense" in recorded:
        derived["has_nonsense"] = "nonsense" in actual
    if name == "value before the migration ran is dropped":
        derived.setdefault("kayako_text", None)
    if "permissions" in recorded:
        derived.setdefault("permissions", None)
    if name == "ticket history":
        derived = {"count": len(actual["history"]), "first": actual["history"][:1] or [None]}
    if isinstance(recorded.get("assets"), list):
        derived["assets"] = sorted(actual["assets"])
    return derived


def own_kind(path: str) -> str:
    for part, kind in OWN_KINDS:
        if part in path:
            return kind
    return "other"


def authorization(name: str, recorded: str) -> str:
    """Return the header that stands for the recorded one, whose secrets are ``…``."""
    if name == "wrong token":
        return "Token token=wrong"
    if name == "the server restarts itself after the attribute migrations (auto_shutdown)":
        return "Token token=sandbox-token"
    if recorded.startswith("Basic "):
        login = recorded.removeprefix("Basic ").partition(":")[0]
        password = ADMIN_PASSWORD if login == "admin@example.com" else "…"
        return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()
    return recorded.replace("…", "sandbox-token")
