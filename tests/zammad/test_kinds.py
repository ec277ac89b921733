from __future__ import annotations

import pytest

from runner.zammad.kinds import kind_of


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/tickets/7", "reads"),
        ("POST", "/tickets/search", "reads"),
        ("POST", "/tickets", "tickets"),
        ("PUT", "/tickets/7", "ticket updates"),
        ("DELETE", "/tickets/7", "removals"),
        ("POST", "/ticket_articles", "articles"),
        ("POST", "/tickets/7/time_accountings", "time entries"),
        ("POST", "/users", "users"),
        ("PUT", "/users/7", "user updates"),
        ("POST", "/links/add", "links"),
        ("PATCH", "/knowledge_bases/1/answers/2", "knowledge_bases"),
    ],
)
def test_a_request_is_of_the_kind_that_it_writes(method: str, path: str, kind: str) -> None:
    assert kind_of(method, path) == kind
