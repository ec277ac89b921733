from __future__ import annotations

from typing import Any

import pytest

from runner.errors import OutcomeUnknown, PreflightError, Refused, Unreachable
from runner.sandbox.serving import serve
from runner.zammad.client import Zammad
from tests.zammad.support import Desk, Port, config


def answering(status: int, body: bytes, *headers: tuple[bytes, bytes]) -> Any:
    """Return an application that always answers the same."""

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        start = {"type": "http.response.start", "status": status, "headers": list(headers)}
        await send(start)
        await send({"type": "http.response.body", "body": body})

    return app


def test_a_record_is_written_read_changed_and_deleted_once(zammad_desk: Desk) -> None:
    zammad = zammad_desk.zammad
    made = zammad.create("/organizations", {"name": "Acme"})
    path = f"/organizations/{made['id']}"
    assert zammad.update(path, {"note": "new"})["note"] == "new"
    assert zammad.get(path)["name"] == "Acme"
    assert zammad.delete(path) is True
    assert zammad.delete(path) is False


def test_a_refusal_carries_the_status_and_zammads_own_words(zammad_desk: Desk) -> None:
    zammad_desk.zammad.create("/organizations", {"name": "Acme"})
    with pytest.raises(Refused, match="answered 422 to POST /organizations") as refused:
        zammad_desk.zammad.create("/organizations", {"name": "Acme"})
    assert refused.value.status == 422


def test_a_delete_that_is_refused_is_no_success(zammad_desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        zammad_desk.zammad.delete("/users/2")
    assert refused.value.status == 422


def test_a_wrong_token_says_how_to_make_one_and_does_not_show_it(
    zammad_port: Port, zammad_desk: Desk
) -> None:
    del zammad_desk
    zammad = Zammad(config(zammad_port.url, token="hunter2"))
    with pytest.raises(PreflightError) as error:
        zammad.get("/users/me")
    assert "Token Access" in error.value.advice
    assert "hunter2" not in str(error.value) + error.value.advice


@pytest.mark.fault("500, 502, 503 or 504")
def test_reading_is_repeated_and_a_write_never(zammad_desk: Desk) -> None:
    faults = zammad_desk.fake.faults
    faults.fail("GET", "/groups", "503_html")
    assert zammad_desk.zammad.get("/groups")
    assert len(zammad_desk.pauses) == 1
    faults.fail("POST", "/organizations", "reset_after")
    with pytest.raises(OutcomeUnknown):
        zammad_desk.zammad.create("/organizations", {"name": "Acme"})
    names = [row["name"] for row in zammad_desk.zammad.get("/organizations")]
    assert names.count("Acme") == 1


@pytest.mark.fault(
    "a 500 about one record, again and again",
    does="that record fails with the answer, and the run goes on",
    side="Zammad",
)
def test_a_server_error_about_one_record_is_a_refusal_a_server_away_is_not(
    zammad_desk: Desk,
) -> None:
    faults = zammad_desk.fake.faults
    faults.rate, faults.kinds = 1.0, ("500_before",)
    with pytest.raises(Refused) as refused:
        zammad_desk.zammad.update("/tickets/1", {"title": "x"})
    assert refused.value.status == 500
    faults.kinds = ("503_html",)
    with pytest.raises(Unreachable) as away:
        zammad_desk.zammad.get("/groups")
    assert away.value.status == 503


@pytest.mark.parametrize("per_page", [1, 2, 3, 1000])
def test_every_row_comes_once_whatever_the_page_size(zammad_desk: Desk, per_page: int) -> None:
    for number in range(3):
        zammad_desk.zammad.create("/organizations", {"name": f"Organization {number}"})
    rows = list(zammad_desk.zammad.pages("/organizations", per_page=per_page))
    assert [row["id"] for row in rows] == [1, 2, 3, 4]


def test_a_list_that_does_not_page_comes_once(zammad_desk: Desk) -> None:
    rows = list(zammad_desk.zammad.pages("/settings", per_page=2))
    assert len({row["id"] for row in rows}) == len(rows) > 2


def test_a_tag_is_taken_off_and_a_missing_one_is_no_mistake(zammad_desk: Desk) -> None:
    ticket_id = zammad_desk.ticket("78", tags="one,two")
    for _ in range(2):
        zammad_desk.zammad.remove_tag(ticket_id, "one")
    tags = zammad_desk.zammad.get("/tags", {"object": "Ticket", "o_id": ticket_id})["tags"]
    assert tags == ["two"]


@pytest.mark.parametrize(
    ("status", "body", "headers", "words"),
    [
        (302, b"", ((b"location", b"https://other.example/"),), "https://other.example/"),
        (301, b"", (), "redirects to elsewhere"),
        (200, b"<html>", (), "not from Zammad"),
        (403, b"<html>", (), "not from Zammad"),
        (403, b"[]", (), "not from Zammad"),
        (401, b"<html>", (), "refuses the token"),
    ],
)
def test_what_is_no_zammad_is_said_at_once(
    status: int, body: bytes, headers: tuple[tuple[bytes, bytes], ...], words: str
) -> None:
    with serve(answering(status, body, *headers)) as served:
        zammad = Zammad(config(served.url))
        with pytest.raises(PreflightError, match=words):
            zammad.get("/users/me")
        zammad.close()


@pytest.mark.parametrize(
    ("status", "body", "words", "advice"),
    [
        (404, b"<html>", "not found", ""),
        (413, b"<html>", "larger than the web server", "client_max_body_size"),
        (422, b'{"error_human": "Name taken", "error": "x"}', "Name taken", ""),
        (422, b'{"errors": ["one"]}', "one", ""),
    ],
)
def test_refusals_are_explained(status: int, body: bytes, words: str, advice: str) -> None:
    with serve(answering(status, body)) as served:
        zammad = Zammad(config(served.url))
        with pytest.raises(Refused, match=words) as refused:
            zammad.create("/tickets", {})
        assert refused.value.status == status
        assert advice in refused.value.advice
        zammad.close()


def test_an_empty_answer_is_none() -> None:
    with serve(answering(200, b"")) as served:
        zammad = Zammad(config(served.url))
        assert zammad.get("/anything") is None
        zammad.close()


@pytest.mark.fault("a deadlock in Zammad's database (422, in words that differ by version)")
def test_what_makes_nothing_new_is_sent_once_more_after_a_422(zammad_desk: Desk) -> None:
    zammad, faults = zammad_desk.zammad, zammad_desk.fake.faults
    path = f"/groups/{zammad_desk.group('Acme')}"
    faults.fail("PUT", path, "422_before")
    assert zammad.update(path, {"note": "new"})["note"] == "new"
    for nth in (1, 2):
        faults.fail("PUT", path, "422_before", nth=nth)
    with pytest.raises(Refused, match="deadlock"):
        zammad.update(path, {"note": "newer"})
    faults.fail("POST", "/groups", "422_before")
    with pytest.raises(Refused):
        zammad.create("/groups", {"name": "Other", "active": True})
    assert [row["name"] for row in zammad.get("/groups")] == ["Users", "Acme"]


@pytest.mark.fault("an answer of Zammad's that is cut, with a fitting length")
def test_a_read_is_asked_for_again_when_its_answer_is_cut_and_a_write_is_doubtful(
    zammad_desk: Desk,
) -> None:
    zammad, faults = zammad_desk.zammad, zammad_desk.fake.faults
    faults.fail("GET", "/groups", "cut_unnoticed")
    assert zammad.get("/groups")
    faults.fail("POST", "/organizations", "cut_unnoticed")
    with pytest.raises(OutcomeUnknown, match="its answer cannot be read"):
        zammad.create("/organizations", {"name": "Acme"})
    for nth in (1, 2, 3):
        faults.fail("GET", "/groups", "cut_unnoticed", nth=nth)
    with pytest.raises(PreflightError, match="not from Zammad's REST API"):
        zammad.get("/groups")


def test_once_halted_nobody_writes_and_reading_and_deleting_go_on(zammad_desk: Desk) -> None:
    zammad = zammad_desk.zammad
    group = zammad_desk.group("Acme")
    error = PreflightError("import mode is off")
    assert zammad.halt(error) is error
    for write in (
        lambda: zammad.create("/organizations", {"name": "Acme"}),
        lambda: zammad.update(f"/groups/{group}", {"note": "new"}),
        lambda: zammad.patch(f"/groups/{group}", {"note": "new"}),
        lambda: zammad.add_tag(1, "new"),
    ):
        with pytest.raises(PreflightError) as raised:
            write()
        assert raised.value is error
    assert zammad.get("/groups")
    assert zammad.delete(f"/groups/{group}")
