"""Reading page after page gives everything once, whatever was asked for and granted."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from runner.sandbox.kayako.answers import Listing
from runner.sandbox.kayako.paging import Pages

COUNTS = st.integers(0, 60)
LIMITS = st.integers(0, 70)
CAPS = st.integers(1, 30)


def records(count: int) -> list[dict[str, object]]:
    return [{"id": key, "resource_type": "post"} for key in range(count, 0, -1)]


def pages(query: dict[str, str], cap: int) -> Pages:
    return Pages("http://127.0.0.1:1/api/v1/list", query, cap, links=True)


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def asked(listing: Listing) -> list[object]:
    return [record["id"] for record in listing.records]


@given(count=COUNTS, limit=LIMITS, cap=CAPS)
def test_offsets_lead_through_the_whole_list(count: int, limit: int, cap: int) -> None:
    everything = records(count)
    query = {"limit": str(limit), "include": "a,b"}
    found: list[object] = []
    while True:
        page = pages(query, cap).by_offset(
            "post", count, lambda offset, size: everything[offset : offset + size]
        )
        assert len(page.records) <= page.paging["limit"] <= cap
        found += asked(page)
        if page.next_url is None:
            break
        query = query_of(page.next_url)
        assert query["include"] == "a,b"
    assert found == [record["id"] for record in everything]


@given(count=COUNTS, limit=LIMITS, cap=CAPS)
def test_cursors_lead_through_the_whole_list_and_back(count: int, limit: int, cap: int) -> None:
    everything = records(count)
    query = {"limit": str(limit)}
    found: list[object] = []
    while True:
        page = pages(query, cap).by_cursor("post", everything)
        found += asked(page)
        if page.next_url is None:
            break
        query = query_of(page.next_url)
        assert set(query) == {"limit", "after_id"}
    assert found == [record["id"] for record in everything]
    back = asked(page)
    while "previous_url" in page.paging:
        page = pages(query_of(page.paging["previous_url"]), cap).by_cursor("post", everything)
        back = [*asked(page), *back]
    assert list(dict.fromkeys(back)) == found


@given(count=COUNTS, last=st.integers(1, 60))
def test_the_last_url_shows_the_end_of_the_list(count: int, last: int) -> None:
    everything = records(count)
    first = pages({"limit": str(last)}, 100).by_offset(
        "post", count, lambda offset, size: everything[offset : offset + size]
    )
    if "last_url" in first.paging:
        offset = int(query_of(first.paging["last_url"])["offset"])
        assert 0 < count - offset <= last
    else:
        assert count <= last
