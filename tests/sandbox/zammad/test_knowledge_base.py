"""The fake knowledge base beyond what the transcripts show."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.zammad.support import PAST, PAST_SHOWN, Client, in_process

PNG = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwAD"
    "hgGAWjR9awAAAABJRU5ErkJggg=="
)
LOOKS = {
    "color_highlight": "#38ae6a",
    "color_header": "#f9fafb",
    "color_header_link": "hsl(206,8%,50%)",
}


def knowledge_base(client: Client, *locales: int) -> Any:
    """Create a knowledge base in English, or in the languages given by id."""
    items = [{"system_locale_id": number, "primary": not n} for n, number in enumerate(locales)]
    body = {**LOOKS, "kb_locales_attributes": items or [{"system_locale_id": 1, "primary": True}]}
    return client.call("POST", "/knowledge_bases/manage", body)


def category(client: Client, title: str = "Howto", **fields: Any) -> int:
    titles = [{"kb_locale_id": 1, "title": title}]
    body = {"category_icon": "f115", "translations_attributes": titles, **fields}
    return int(client.call("POST", "/knowledge_bases/1/categories", body)["id"])


def answer(
    client: Client, title: str = "Title", body: str = "x", status: int = 201, **fields: Any
) -> Any:
    text = {"kb_locale_id": 1, "title": title, "content_attributes": {"body": body}}
    sent = {"category_id": 1, "translations_attributes": [text], **fields}
    return client.call("POST", "/knowledge_bases/1/answers", sent, status=status)


def texts(client: Client, number: int) -> dict[int, str]:
    """Return the bodies of an answer by language."""
    path = f"/knowledge_bases/1/answers/{number}"
    titles = client.call("GET", path)["assets"]["KnowledgeBaseAnswerTranslation"].values()
    wanted = ",".join(str(one["content_id"]) for one in titles)
    assets = client.call("GET", f"{path}?include_contents={wanted}")["assets"]
    bodies = assets["KnowledgeBaseAnswerTranslationContent"]
    return {one["kb_locale_id"]: bodies[str(one["content_id"])]["body"] for one in titles}


@pytest.fixture
def client() -> Client:
    client = in_process()
    knowledge_base(client, 1, 5)
    category(client)
    return client


def test_answers_hold_texts_in_several_languages_and_get_more_later(client: Client) -> None:
    answer(client, "Reset", "<p>how</p>")
    more = [{"kb_locale_id": 2, "title": "Zurücksetzen", "content_attributes": {"body": "so"}}]
    sent = {"category_id": 1, "translations_attributes": more}
    client.call("PATCH", "/knowledge_bases/1/answers/1", sent)

    assert texts(client, 1) == {1: "<p>how</p>", 2: "so"}
    again = {"category_id": 1, "translations_attributes": [{**more[0], "title": "Noch einmal"}]}
    client.call("PATCH", "/knowledge_bases/1/answers/1", again, status=422)


def test_bodies_are_changed_by_the_id_of_their_translation(client: Client) -> None:
    answer(client, "Reset", "before")
    change = [{"id": 1, "content_attributes": {"body": "after"}}]
    sent = {"category_id": 1, "translations_attributes": change}
    client.call("PATCH", "/knowledge_bases/1/answers/1", sent)
    assert texts(client, 1) == {1: "after"}


def test_titles_are_unique_in_a_category_and_a_language_only(client: Client) -> None:
    answer(client, "Same")
    answer(client, "Same", status=422)
    other = category(client, "Other")
    answer(client, "Same", category_id=other)
    in_german = [{"kb_locale_id": 2, "title": "Same", "content_attributes": {"body": "x"}}]
    answer(client, translations_attributes=in_german)
    category(client, "Inner", parent_id=other)
    titles = [{"kb_locale_id": 1, "title": "Howto"}]
    body = {"category_icon": "f115", "translations_attributes": titles}
    client.call("POST", "/knowledge_bases/1/categories", body, status=422)


def test_blank_titles_break_the_server(client: Client) -> None:
    assert "translations.title" in answer(client, " ", status=500)["error"]


def test_unknown_languages_are_refused(client: Client) -> None:
    text = {"kb_locale_id": 9, "title": "x", "content_attributes": {"body": "x"}}
    answer(client, translations_attributes=[text], status=422)


def test_pictures_are_stored_served_and_survive_a_later_edit(client: Client) -> None:
    answer(client, "Reset", f'<p>look <img src="{PNG}"></p>')
    shown = texts(client, 1)[1]
    assert 'src="/api/v1/attachments/' in shown
    address = shown.split('src="')[1].split('"')[0]
    file = client.session.get(client.url + address, timeout=5)
    assert (file.status_code, file.headers["content-type"]) == (200, "image/png")

    change = [{"id": 1, "content_attributes": {"body": shown + "more"}}]
    sent = {"category_id": 1, "translations_attributes": change}
    client.call("PATCH", "/knowledge_bases/1/answers/1", sent)
    assert texts(client, 1)[1] == shown + "more"
    assert client.session.get(client.url + address, timeout=5).status_code == 200


def test_a_picture_that_a_text_no_longer_shows_is_gone(client: Client) -> None:
    answer(client, "Reset", f'<p>look <img src="{PNG}"></p>')
    address = texts(client, 1)[1].split('src="')[1].split('"')[0]
    change = [{"id": 1, "content_attributes": {"body": f'<p>now <img src="{PNG}"></p>'}}]
    sent = {"category_id": 1, "translations_attributes": change}
    client.call("PATCH", "/knowledge_bases/1/answers/1", sent)
    now = texts(client, 1)[1].split('src="')[1].split('"')[0]
    found = [client.session.get(client.url + each, timeout=5) for each in (address, now)]
    assert [each.status_code for each in found] == [404, 200]


def test_files_are_added_listed_and_removed(client: Client) -> None:
    answer(client)
    added = client.session.post(
        f"{client.url}/api/v1/knowledge_bases/1/answers/1/attachments",
        files={"file": ("größe.bin", b"--a\r\n\r\n\x00\xff\n", "application/x-thing")},
        timeout=5,
    ).json()
    [file] = added["KnowledgeBaseAnswer"]["1"]["attachments"]
    assert (file["filename"], file["size"]) == ("größe.bin", "10")
    download = client.session.get(client.url + file["url"], timeout=5)
    assert download.content == b"--a\r\n\r\n\x00\xff\n"
    client.call("DELETE", f"/knowledge_bases/1/answers/1/attachments/{file['id']}")
    assert client.session.get(client.url + file["url"], timeout=5).status_code == 404


def test_publishing_goes_only_forward_and_comes_back_from_the_archive(client: Client) -> None:
    def row() -> Any:
        return client.call("GET", "/knowledge_bases/1/answers/1")["assets"]["KnowledgeBaseAnswer"][
            "1"
        ]

    def fire(event: str) -> None:
        client.call("POST", f"/knowledge_bases/1/answers/1/{event}", {}, status=200)

    answer(client)
    fire("archive")
    assert row()["archived_at"] is None
    fire("publish")
    assert row()["published_at"]
    fire("internal")
    assert row()["internal_at"] is None
    fire("archive")
    assert row()["archived_by_id"] == 3
    fire("unarchive")
    assert row()["archived_at"] is None
    assert row()["published_at"]


def test_dates_in_the_wrong_order_are_refused(client: Client) -> None:
    answer(client)
    dates = {"internal_at": "2020-01-02T00:00:00Z", "published_at": "2020-01-01T00:00:00Z"}
    path = "/knowledge_bases/1/answers/1/has_publishing_update"
    client.call("POST", path, dates, status=422)


def test_answers_keep_their_past_in_import_mode_only(client: Client) -> None:
    def created(number: int) -> str:
        assets = client.call("GET", f"/knowledge_bases/1/answers/{number}")["assets"]
        return str(assets["KnowledgeBaseAnswer"][str(number)]["created_at"])

    answer(client, "now", created_at=PAST)
    assert created(1) != PAST_SHOWN
    client.set(import_mode=True)
    answer(client, "then", created_at=PAST)
    assert created(2) == PAST_SHOWN
    sent = {"category_id": 1, "updated_at": PAST}
    reply = client.call("PATCH", "/knowledge_bases/1/answers/2", sent)
    assert reply["assets"]["KnowledgeBaseAnswer"]["2"]["updated_at"] == PAST_SHOWN


def test_an_update_has_to_name_the_category(client: Client) -> None:
    answer(client)
    client.call("PATCH", "/knowledge_bases/1/answers/1", {"updated_at": PAST}, status=404)


def test_only_empty_categories_can_be_deleted_and_a_base_goes_with_everything(
    client: Client,
) -> None:
    inner = category(client, "Inner", parent_id=1)
    answer(client, category_id=inner)
    client.call("DELETE", "/knowledge_bases/1/categories/1", status=422)
    client.call("DELETE", f"/knowledge_bases/1/categories/{inner}", status=422)
    client.call("DELETE", "/knowledge_bases/1/answers/1")
    client.call("DELETE", f"/knowledge_bases/1/categories/{inner}")
    answer(client, "left", f'<img src="{PNG}">')

    client.call("DELETE", "/knowledge_bases/manage/1")
    assert client.call("POST", "/knowledge_bases/init", {}, status=200) == {}
    tables = client.fake.tables
    assert not tables.knowledge_files
    assert not tables.knowledge_contents


def test_answers_and_categories_take_the_order_they_are_given(client: Client) -> None:
    for title in ("a", "b", "c"):
        answer(client, title)
    place = "/knowledge_bases/1/categories/1/reorder_answers"
    client.call("PATCH", place, {"ordered_ids": [3, 1, 2]})
    rows = client.fake.tables.knowledge_answers
    assert [rows[number]["position"] for number in (3, 1, 2)] == [0, 1, 2]


def test_without_the_right_nothing_of_it_can_be_written() -> None:
    client = in_process(token_permissions=("admin.group", "ticket.agent"))
    client.call("POST", "/knowledge_bases/manage", LOOKS, status=403)
    assert client.call("POST", "/knowledge_bases/init", {}, status=200) == []
    client.fake.state.token_permissions.clear()
    knowledge_base(client)
    client.fake.state.token_permissions["sandbox-token"] = {"admin.group", "ticket.agent"}
    client.call("POST", "/knowledge_bases/1/categories", {"category_icon": "x"}, status=403)
    answer(client, status=403)
