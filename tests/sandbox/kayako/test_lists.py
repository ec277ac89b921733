"""Pages, orders, links, and what ``include`` and ``fields`` do (kayako-api.md §6, §7, §13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from runner.sandbox.data import generate, hard_cases
from tests.sandbox.kayako.support import Client, client

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def kayako() -> Iterator[Client]:
    with client(generate(30, users=25, with_hard_cases=True)) as served:
        yield served


def ids(records: list[dict[str, Any]]) -> list[int]:
    return [record["id"] for record in records]


def follow(kayako: Client, path: str, **query: Any) -> list[int]:
    answer = kayako.ask(path, **query).json()
    found = ids(answer["data"])
    while "next_url" in answer:
        answer = kayako.session.get(answer["next_url"], timeout=10).json()
        found += ids(answer["data"])
    return found


def test_a_page_holds_ten_unless_asked_otherwise_and_says_so(kayako: Client) -> None:
    answer = kayako.ask("users").json()
    assert (len(answer["data"]), answer["limit"], answer["offset"]) == (10, 10, 0)
    assert {"first_url", "previous_url"}.isdisjoint(answer)
    middle = kayako.ask("users", offset=10).json()
    assert {"first_url", "previous_url", "next_url", "last_url"} <= set(middle)


def test_a_lower_cap_is_applied_and_echoed() -> None:
    with client(generate(30), page_cap=7) as kayako:
        answer = kayako.ask("cases", limit=100).json()
        assert (len(answer["data"]), answer["limit"]) == (7, 7)
        assert len(set(follow(kayako, "cases", limit=100))) == 30


@pytest.mark.parametrize("path", ["users", "organizations", "cases", "teams", "timetracking"])
def test_following_the_links_gives_every_record_once(kayako: Client, path: str) -> None:
    found = follow(kayako, path, limit=4)
    assert len(found) == len(set(found)) == kayako.ask(path).json()["total_count"]


def test_lists_have_the_recorded_orders(kayako: Client) -> None:
    for path, descending in (("users", True), ("organizations", True), ("teams", False)):
        found = ids(kayako.data(path, limit=100))
        assert found == sorted(found, reverse=descending), path
    changed = [case["updated_at"] for case in kayako.data("cases", limit=100, fields="updated_at")]
    utc = [moment for moment in changed if moment.endswith("+00:00")]
    assert utc == sorted(utc, reverse=True)


def test_links_can_be_missing_from_bodies() -> None:
    with client(generate(12), links=False) as kayako:
        answer = kayako.ask("cases", limit=5)
        assert not [key for key in answer.json() if key.endswith("_url")]
        assert "Link" not in answer.headers


def test_the_link_header_leads_on_plain_or_escaped_twice() -> None:
    with client(generate(12), links=False, link_header=True) as kayako:
        answer = kayako.ask("cases", limit=5)
        following = answer.links["next"]["url"]
        assert ids(kayako.session.get(following, timeout=10).json()["data"]) == ids(
            kayako.data("cases", limit=5, offset=5)
        )
        kayako.kayako.link_header = "escaped"
        header = kayako.ask("cases/1001/posts", limit=2).headers["Link"]
        assert "after_id=" not in header
        assert "after_id=10005" in unquote(unquote(header))
        assert header.endswith('; rel="next"')


def test_posts_come_newest_first_by_cursor_and_without_offset(kayako: Client) -> None:
    case = kayako.kayako.helpdesk.cases[68]
    first = kayako.ask("cases/68/posts", limit=100).json()
    assert "offset" not in first
    assert first["total_count"] == case["post_count"] == 230
    assert ids(first["data"]) == sorted(ids(first["data"]), reverse=True)
    assert len(set(follow(kayako, "cases/68/posts", limit=100))) == 230
    older = kayako.data("cases/68/posts", limit=3, after_id=first["data"][9]["id"])
    assert ids(older) == ids(first["data"][10:13])
    newer = kayako.data("cases/68/posts", limit=3, before_id=first["data"][9]["id"])
    assert ids(newer) == ids(first["data"][6:9])
    both = kayako.ask("cases/68/posts", after_id=5, before_id=3)
    assert both.status_code == 400


def test_include_expands_by_type_and_ignores_unknown_names(kayako: Client) -> None:
    plain = kayako.data("cases/1")
    assert plain["requester"] == {"id": 11, "resource_type": "user"}
    assert set(plain["source_channel"]) == {"uuid", "resource_type"}
    full = kayako.data("cases/1", include="user,identify_phone,case_status")
    assert full["requester"]["full_name"] == "Customer 11"
    assert full["requester"]["emails"] == [{"id": 11, "resource_type": "identity_email"}]
    assert full["status"]["label"] == "Open"
    everything = kayako.data("cases/1", include="*")
    assert everything["requester"]["emails"][0]["email"] == "customer-11@customers.example"


def test_a_reference_to_nothing_stays_a_reference(kayako: Client) -> None:
    case = next(one for one in kayako.data("cases", limit=100) if one["requester"] == gone())
    assert kayako.data(f"cases/{case['id']}", include="user")["requester"] == gone()
    assert kayako.ask("users/90").status_code == 404


def gone() -> dict[str, Any]:
    return {"id": 90, "resource_type": "user"}


def test_tags_are_there_only_when_added_and_plain_names_stand_alone(kayako: Client) -> None:
    assert "tags" not in kayako.data("cases/36")
    added = kayako.session.get(
        f"{kayako.url}/api/v1/cases/36?fields=%2Btags&include=tag", timeout=10
    ).json()["data"]
    assert "a, comma" in [tag["name"] for tag in added["tags"]]
    alone = kayako.data("cases/36", fields="subject")
    assert set(alone) == {"id", "subject", "resource_type"}
    assert "portal" not in kayako.data("cases/36", fields="-portal")


def test_commas_may_be_escaped_and_json_may_be_named(kayako: Client) -> None:
    base = f"{kayako.url}/api/v1"
    one = kayako.session.get(f"{base}/users.json?include=role,locale", timeout=10).json()["data"]
    two = kayako.session.get(f"{base}/users?include=role%2Clocale", timeout=10).json()["data"]
    assert one == two
    assert one[0]["role"]["type"] == "CUSTOMER"


def test_archived_cases_are_a_list_of_their_own(kayako: Client) -> None:
    archived = kayako.ask("cases", archived=1, limit=100).json()
    assert archived["total_count"] == 3
    assert set(ids(archived["data"])).isdisjoint(follow(kayako, "cases", limit=100))
    assert kayako.data(f"cases/{archived['data'][0]['id']}")["state"] == "ACTIVE"


def test_trash_and_suspended_are_in_their_views_only(kayako: Client) -> None:
    views = {view["type"]: view["id"] for view in kayako.data("views")}
    listed = follow(kayako, "cases", limit=100)
    for kind in ("TRASH", "SUSPENDED"):
        found = kayako.data(f"views/{views[kind]}/cases")
        assert [case["state"] for case in found] == [kind]
        assert found[0]["id"] not in listed


def test_cases_can_be_asked_for_by_id_status_and_tag(kayako: Client) -> None:
    assert sorted(ids(kayako.data("cases", ids="1,2,25,9999"))) == [1, 2]
    assert {36} == set(ids(kayako.data("cases", tags="UPPER")))
    found = kayako.data("cases", status="NEW", include="case_status", limit=100)
    assert {case["status"]["type"] for case in found} == {"NEW"}


def test_definitions_are_whole_lists_without_the_deleted_ones(kayako: Client) -> None:
    answer = kayako.ask("cases/statuses", limit=1).json()
    assert "limit" not in answer
    labels = [status["label"] for status in answer["data"]]
    assert labels == [
        *("New", "Open", "Pending", "Completed", "Closed"),
        *("Waiting for vendor", "Escalated"),
    ]
    deleted = kayako.data("cases/16", include="case_status,case_priority,case_type")
    assert deleted["status"]["is_deleted"]
    assert deleted["priority"]["label"] == "Whenever"


def test_a_change_during_a_scan_shifts_the_pages() -> None:
    helpdesk = generate(30)
    with client(helpdesk) as kayako:
        first = ids(kayako.data("cases", limit=10))
        helpdesk.touch(helpdesk.newest_cases(29, 1)[0])
        second = ids(kayako.data("cases", limit=10, offset=10))
        assert set(first) & set(second), "one row moved down and is read twice"
        helpdesk.trash(second[0])
        helpdesk.trash(second[1])
        third = ids(kayako.data("cases", limit=10, offset=20))
        assert len({*first, *second, *third}) < 29, "rows moved up and are never read"


def test_the_hook_sees_each_request_before_its_answer() -> None:
    helpdesk = hard_cases()
    with client(helpdesk) as kayako:
        kayako.kayako.on_request = lambda _seen: helpdesk.change_subject(1, "Changed meanwhile")
        assert kayako.data("cases/1")["subject"] == "Changed meanwhile"


def test_json_is_pretty_and_its_type_is_bare(kayako: Client) -> None:
    answer = kayako.ask("teams")
    assert answer.text.startswith(
        '{\n    "status": 200,\n    "data": [\n        {\n            "id"'
    )
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Api-Version"] == "1"


def test_wrong_numbers_and_unknown_paths_are_refused(kayako: Client) -> None:
    assert kayako.ask("cases", limit="many").status_code == 400
    for path in ("nothing", "cases/123456", "cases/posts/5", "users/11/nothing"):
        answer = kayako.ask(path)
        assert answer.json()["errors"][0]["code"] == "RESOURCE_NOT_FOUND", path


def test_activities_are_posts_only_when_asked_for(kayako: Client) -> None:
    case = max(kayako.kayako.helpdesk.sides.activities)
    default = kayako.ask(f"cases/{case}/posts", limit=100).json()
    everything = kayako.ask(f"cases/{case}/posts", limit=100, filters="ALL").json()
    assert everything["total_count"] == default["total_count"] + 3
    notes = kayako.data(f"cases/{case}/posts", filters="NOTES", include="note")
    assert [post["original"]["resource_type"] for post in notes] == ["note"]


def test_a_hidden_user_is_found_by_id_only(kayako: Client) -> None:
    assert kayako.data("users/32")["full_name"] == "Customer 32"
    listed = follow(kayako, "users", limit=100)
    assert 32 not in listed
    assert kayako.ask("users").json()["total_count"] == len(listed)
