from __future__ import annotations

import pytest

from runner.kayako.kinds import kind_of


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("cases", "lists"),
        ("users", "lists"),
        ("me", "lists"),
        ("cases/7/posts", "posts"),
        ("/api/v1/cases/7/posts", "posts"),
        ("/api/v1/cases/7/messages/8/attachments/9/download", "files"),
        ("https://acme.kayako.example/media/url/abc", "files"),
        ("cases/7/participants", "beside"),
        ("cases/posts/8/email_original", "beside"),
        ("side-conversations/7/messages", "beside"),
        ("users/7/organizations", "beside"),
    ],
)
def test_a_request_is_of_the_kind_that_it_asks_for(path: str, kind: str) -> None:
    assert kind_of("GET", path) == kind
