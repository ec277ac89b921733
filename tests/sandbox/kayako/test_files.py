"""Downloads, public pictures, and other hosts (kayako-api.md §12, §16.12)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import requests

from runner.sandbox.data import Helpdesk, generate
from runner.sandbox.serving import serve
from tests.sandbox.kayako.support import Client, client

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def helpdesk() -> Helpdesk:
    return generate(40, with_hard_cases=True)


@pytest.fixture
def kayako(helpdesk: Helpdesk) -> Iterator[Client]:
    with client(helpdesk) as served:
        yield served


def attachments(kayako: Client, case: int) -> list[dict[str, Any]]:
    posts = kayako.data(f"cases/{case}/posts", limit=100, include="attachment,case_message,note")
    for post in posts:
        assert post["attachments"] == (post["original"] or {}).get("attachments", [])
    return [file for post in posts for file in post["attachments"]]


def test_every_attachment_downloads_with_the_size_of_its_record_but_a_purged_one(
    kayako: Client,
) -> None:
    seen, gone = 0, []
    for case in kayako.kayako.helpdesk.cases:
        for file in attachments(kayako, case):
            answer = kayako.session.get(file["url_download"], timeout=10)
            if answer.status_code == 404:
                gone.append(file["name"])
                continue
            assert answer.status_code == 200
            assert len(answer.content) == file["size"]
            assert answer.headers["Content-Type"] == file["type"]
            seen += 1
    assert seen > 20
    assert gone == ["gone.txt"]


def test_a_download_needs_the_session_and_a_picture_does_not(kayako: Client) -> None:
    url = attachments(kayako, 69)[0]["url_download"]
    assert requests.get(url, timeout=10).status_code == 401
    picture = requests.get(f"{kayako.url}/media/url/hard-webp", timeout=10)
    assert picture.headers["Content-Type"] == "image/webp"
    assert picture.content[8:12] == b"WEBP"
    assert requests.get(f"{kayako.url}/media/url/hard-gone", timeout=10).status_code == 404
    assert kayako.kayako.requests[-1].path == "/media/url/hard-gone"


def test_a_json_attachment_looks_like_an_answer_and_is_none(kayako: Client) -> None:
    file = next(one for one in attachments(kayako, 69) if one["name"] == "data.json")
    answer = kayako.session.get(file["url_download"], timeout=10)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"status": 404, "errors": []}
    assert "X-Api-Version" not in answer.headers


def test_names_of_files_never_break_the_header(kayako: Client) -> None:
    for file in attachments(kayako, 70):
        answer = kayako.session.get(file["url_download"], timeout=10)
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")


def test_pictures_in_texts_are_there_except_the_one_that_is_gone(kayako: Client) -> None:
    post = kayako.data("cases/72/posts", include="case_message")[0]
    urls = re.findall(r'src="([^"]+)"', post["original"]["body_html"])
    statuses = {url.rpartition("-")[2]: requests.get(url, timeout=10).status_code for url in urls}
    assert statuses == {
        **dict.fromkeys(("png", "jpeg", "gif", "webp", "bmp"), 200),
        "gone": 404,
    }


def test_some_files_lie_on_another_host_when_there_is_one(kayako: Client) -> None:
    own = attachments(kayako, 71)[0]["url_download"]
    assert own.startswith(kayako.url)
    with serve(kayako.kayako.foreign_app) as foreign:
        kayako.kayako.foreign_media_host = foreign.url
        there = attachments(kayako, 71)[0]["url_download"]
        assert there.startswith(foreign.url)
        first = requests.get(there, timeout=10)
        assert first.content == kayako.session.get(own, timeout=10).content
        odd = kayako.data("cases/73/posts", include="case_message")[0]["original"]["body_html"]
        assert f"{foreign.url}/media/url/hard-foreign" in odd
    assert [request.path for request in kayako.kayako.foreign_requests] == [
        there.removeprefix(foreign.url)
    ]


def test_downloads_can_be_redirected_to_another_host(kayako: Client) -> None:
    with serve(kayako.kayako.foreign_app) as foreign:
        kayako.kayako.foreign_media_host = foreign.url
        kayako.kayako.redirect_downloads = True
        path = attachments(kayako, 1)[0]["url_download"].removeprefix(f"{kayako.url}/api/v1/")
        moved = kayako.ask(path)
        assert moved.status_code == 302
        assert requests.get(moved.headers["Location"], timeout=10).status_code == 200


def test_downloads_can_be_damaged(kayako: Client) -> None:
    file = attachments(kayako, 1)[0]
    path = file["resource_url"].removeprefix(f"{kayako.url}/api/v1/")
    kayako.kayako.damages[path] = "missing"
    assert kayako.ask(f"{path}/download").status_code == 404
    kayako.kayako.damages[path] = "wrong_size"
    assert len(kayako.ask(f"{path}/download").content) == file["size"] - 1
    kayako.kayako.damages[path] = "truncated"
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        kayako.ask(f"{path}/download")
