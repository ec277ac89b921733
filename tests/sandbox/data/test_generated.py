"""Helpdesks of any size: repeatable, sound, and made only when read."""

from __future__ import annotations

import tracemalloc
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from runner.sandbox.data import Helpdesk, generate


def references(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, list):
        return [found for item in value for found in references(item)]
    if not isinstance(value, dict):
        return []
    inner = [found for item in value.values() for found in references(item)]
    short = len(value) == 2 and "resource_type" in value and "id" in value
    return [(value["resource_type"], value["id"])] if short else inner


def test_a_fraction_of_posts_is_met_on_average() -> None:
    helpdesk = generate(50, posts_each=3.6)
    counts = [case["post_count"] for case in map(helpdesk.cases.__getitem__, helpdesk.cases)]
    assert (sum(counts), set(counts)) == (180, {3, 4})
    assert [len(helpdesk.posts(case)) for case in helpdesk.cases] == counts


@settings(max_examples=25, deadline=None)
@given(
    conversations=st.integers(0, 40),
    posts_each=st.integers(0, 9),
    seed=st.integers(0, 10_000),
)
def test_the_same_numbers_give_the_same_helpdesk_and_it_is_sound(
    conversations: int, posts_each: int, seed: int
) -> None:
    one = generate(conversations, posts_each, seed=seed)
    two = generate(conversations, posts_each, seed=seed)
    assert len(one.cases) == one.case_count() == conversations
    for case in one.cases.values():
        posts = one.posts(case["id"])
        assert case == two.cases[case["id"]]
        assert posts == two.posts(case["id"])
        assert case["post_count"] == len(posts) == posts_each
        assert case["has_attachments"] == any(post["attachments"] for post in posts)
        written = [post["created_at"] for post in posts]
        assert written == sorted(written)
        assert all(case["created_at"] <= moment <= case["updated_at"] for moment in written)
        sound(one, case)
        for post in posts:
            assert one.find_post(post["id"]) == post
            sound(one, post)


def sound(helpdesk: Helpdesk, record: dict[str, Any]) -> None:
    loose = {"user_minimal", "chat", "read_marker", "brand", "case_form"}
    for kind, key in references(record):
        assert kind in loose or helpdesk.find(kind, key), (kind, key)


def test_another_seed_is_another_helpdesk() -> None:
    assert generate(5, seed=1).cases[1001] != generate(5, seed=2).cases[1001]


def test_a_large_helpdesk_takes_little_memory() -> None:
    tracemalloc.start()
    helpdesk = generate(10_000)
    for case in helpdesk.newest_cases(0, 200):
        helpdesk.posts(case)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


def test_files_and_pictures_of_made_posts_can_be_fetched() -> None:
    helpdesk = generate(60)
    files = pictures = 0
    for case in helpdesk.cases:
        for post in helpdesk.posts(case):
            for attachment in post["attachments"]:
                path = attachment["resource_url"].rpartition("/api/v1/")[2]
                file = helpdesk.find_file(path)
                assert file is not None
                assert (len(file.content), file.name) == (attachment["size"], attachment["name"])
                files += 1
            html = post["original"].get("body_html") or ""
            if "/media/url/" in html:
                token = html.rpartition("/media/url/")[2].partition('"')[0]
                assert helpdesk.find_media(token) is not None
                pictures += 1
    assert files > 10
    assert pictures > 5
    assert helpdesk.find_file("cases/1001/messages/1/attachments/1") is None
    assert helpdesk.find_media("generated-x") is None
