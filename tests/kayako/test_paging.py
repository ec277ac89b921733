from __future__ import annotations

from typing import Any, cast
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import Unreachable
from runner.kayako.answers import LINK
from runner.kayako.client import Kayako
from runner.kayako.paging import pages

HOST = "https://other.example/api/v1/things"


class Lists:
    """A Kayako with one list, paged in the given style; it may cap pages below the limit."""

    def __init__(self, size: int, cap: int, style: str, *, cursor: bool = False) -> None:
        self.rows = [{"id": number} for number in range(size, 0, -1)]
        self.cap, self.style, self.cursor = cap, style, cursor
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def get(self, path: str, params: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((path, dict(params)))
        limit = min(int(params["limit"]), self.cap)
        start = int(params.get("offset", 0))
        if self.cursor and "after_id" in params:
            ids = [row["id"] for row in self.rows]
            start = ids.index(int(params["after_id"])) + 1
        data = self.rows[start : start + limit]
        body: dict[str, Any] = {"data": data, "limit": limit, "total_count": len(self.rows)}
        mark = f"after_id={data[-1]['id']}" if self.cursor and data else f"offset={start + limit}"
        if not self.cursor:
            body["offset"] = start
        following = f"{HOST}?include=a%2Cb&{mark}&limit={limit}"
        if start + limit < len(self.rows):
            if self.style == "next_url":
                body["next_url"] = following
            elif self.style == "link":
                body[LINK] = f'<{HOST}?limit=1>; rel="first", <{following}>; rel="next"'
            elif self.style == "escaped":
                twice = quote(quote(following.partition("?")[2], safe=""), safe="")
                body[LINK] = f'<{HOST}?{twice}>; rel="next"'
        return body


def walk(lists: Any, params: dict[str, str] | None = None, start: int = 0) -> list[int]:
    found = pages(cast("Kayako", lists), "things", params, start=start)
    return [row["id"] for page in found for row in page.data]


@given(
    size=st.integers(0, 60),
    cap=st.integers(1, 25),
    style=st.sampled_from(["next_url", "link", "escaped", "arithmetic"]),
    cursor=st.booleans(),
)
def test_every_row_comes_once_whatever_the_style_and_cap(
    *, size: int, cap: int, style: str, cursor: bool
) -> None:
    lists = Lists(size, cap, style, cursor=cursor)
    assert walk(lists) == [row["id"] for row in lists.rows]


def test_only_path_and_query_of_next_url_are_used() -> None:
    lists = Lists(30, 10, "next_url")
    walk(lists)
    assert {path for path, _ in lists.asked[1:]} == {"/api/v1/things"}


def test_our_own_parameters_survive_a_badly_escaped_next_url() -> None:
    lists = Lists(30, 10, "next_url")
    walk(lists, {"fields": "+tags", "include": "a,b"})
    assert all(params["fields"] == "+tags" for _, params in lists.asked)
    assert all(params["include"] == "a,b" for _, params in lists.asked)


def test_a_list_is_read_on_from_where_it_stood() -> None:
    assert walk(Lists(30, 10, "arithmetic"), start=20) == list(range(10, 0, -1))


def test_a_short_page_is_no_end_while_rows_are_missing() -> None:
    class Gaps(Lists):
        def get(self, path: str, params: dict[str, Any]) -> dict[str, Any]:
            body = super().get(path, params)
            body["limit"] = 100  # it says so, and delivers less
            return body

    lists = Gaps(30, 7, "arithmetic")
    assert len(walk(lists)) == 30


def test_a_list_without_paging_is_one_request() -> None:
    class Whole:
        asked = 0

        def get(self, _path: str, _params: dict[str, Any]) -> dict[str, Any]:
            self.asked += 1
            return {"data": [{"id": 1}, {"id": 2}], "total_count": 2}

    whole = Whole()
    assert walk(whole) == [1, 2]
    assert whole.asked == 1


@pytest.mark.parametrize("following", [f"{HOST}?limit=100", f"{HOST}?limit=100&page=2"])
def test_going_round_in_circles_is_noticed(following: str) -> None:
    class Circle:
        def get(self, _path: str, _params: dict[str, Any]) -> dict[str, Any]:
            return {"data": [{"id": 1}], "limit": 1, "total_count": 9, "next_url": following}

    with pytest.raises(Unreachable, match="circles"):
        walk(Circle())
