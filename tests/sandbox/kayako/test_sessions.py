"""Logging in, staying in, and being thrown out (kayako-api.md §2, §16.1-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from runner.sandbox.data import Helpdesk, generate
from runner.sandbox.kayako import FakeKayako
from runner.sandbox.serving import serve
from tests.sandbox.kayako.support import BASIC, client

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def helpdesk() -> Helpdesk:
    return generate(3)


@pytest.fixture
def served(helpdesk: Helpdesk) -> Iterator[tuple[FakeKayako, str]]:
    kayako = FakeKayako(helpdesk)
    with serve(kayako.app) as server:
        yield kayako, f"{server.url}/api/v1/me"


def get(url: str, **more: Any) -> requests.Response:
    return requests.get(url, timeout=10, **more)


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_basic_opens_a_session_each_time_and_the_session_opens_none(
    served: tuple[FakeKayako, str],
) -> None:
    kayako, url = served
    first, second = get(url, auth=BASIC), get(url, auth=BASIC)
    assert first.json()["session_id"] != second.json()["session_id"]
    assert first.headers["X-Csrf-Token"]
    inside = get(url, headers={"X-Session-ID": first.json()["session_id"]})
    assert inside.status_code == 200
    assert "session_id" not in inside.json()
    assert "X-Csrf-Token" not in inside.headers
    assert kayako.logins == 2


def test_an_empty_session_header_beside_basic_counts_as_none(
    served: tuple[FakeKayako, str],
) -> None:
    assert get(served[1], auth=BASIC, headers={"X-Session-ID": ""}).status_code == 200


def test_session_and_basic_together_are_refused(served: tuple[FakeKayako, str]) -> None:
    session = get(served[1], auth=BASIC).json()["session_id"]
    both = get(served[1], auth=BASIC, headers={"X-Session-ID": session})
    assert code(both) == (454, "SESSION_LOADING_FAILED")


def test_without_credentials_the_answer_says_which_are_wanted(
    served: tuple[FakeKayako, str],
) -> None:
    answer = get(served[1])
    assert code(answer) == (401, "AUTHORIZATION_REQUIRED")
    assert answer.headers["Www-Authenticate"].startswith("Basic ")


def test_ten_wrong_passwords_lock_the_account_even_for_the_right_one(
    served: tuple[FakeKayako, str],
) -> None:
    for attempt in range(1, 11):
        wrong = get(served[1], auth=(BASIC[0], "wrong"))
        assert code(wrong) == (401, "AUTHENTICATION_FAILED")
        said = wrong.json()["notifications"][0]["message"]
        assert said == f"Invalid email or password (attempt: {attempt}/10)"
    locked = get(served[1], auth=BASIC)
    assert code(locked) == (429, "AUTHENTICATION_LOCKED")
    assert locked.headers["Retry-After"] == "600"


@pytest.mark.parametrize("status", [401, 454])
def test_a_session_that_is_over_is_refused_as_configured(helpdesk: Helpdesk, status: int) -> None:
    with client(helpdesk, expired_status=status) as kayako:
        kayako.kayako.end_sessions()
        assert kayako.ask("teams").status_code == status


def test_a_session_lives_only_as_long_as_it_may(helpdesk: Helpdesk) -> None:
    with client(helpdesk, session_seconds=0.0) as kayako:
        assert code(kayako.ask("teams")) == (454, "SESSION_LOADING_FAILED")


def test_a_second_factor_is_asked_for(helpdesk: Helpdesk) -> None:
    with serve(FakeKayako(helpdesk, otp=True).app) as server:
        answer = get(f"{server.url}/api/v1/me", auth=BASIC)
    assert code(answer) == (403, "OTP_EXPECTED")
    assert answer.json()["auth_token"]


def test_writing_needs_the_csrf_token_and_is_not_possible_with_it(helpdesk: Helpdesk) -> None:
    with client(helpdesk) as kayako:
        url = f"{kayako.url}/api/v1/cases"
        assert code(kayako.session.post(url, timeout=10)) == (403, "CSRF_FAILED")
        written = kayako.session.post(url, headers={"X-CSRF-Token": "any"}, timeout=10)
        assert code(written) == (405, "METHOD_NOT_SUPPORTED")


def test_answers_are_json_or_none(helpdesk: Helpdesk) -> None:
    with client(helpdesk) as kayako:
        answer = kayako.ask("teams", headers={"Accept": "text/html"})
        assert code(answer) == (406, "NOT_ACCEPTABLE")
