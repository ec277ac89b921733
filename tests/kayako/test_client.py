from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from runner.errors import PreflightError, Refused, Unreachable
from runner.kayako.answers import Unavailable
from runner.kayako.client import Kayako
from runner.sandbox.data import hard_cases
from runner.sandbox.kayako import FakeKayako
from runner.sandbox.serving import serve
from tests.kayako.support import EMAIL, PASSWORD, pulling


class Hidden:
    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value


def refusal(switches: dict[str, Any], password: str = PASSWORD) -> PreflightError:
    """What ``check`` says about a Kayako with these switches."""
    with serve(FakeKayako(hard_cases(), **switches).app) as served:
        kayako = Kayako(served.url, EMAIL, password, sleep=lambda _: None)
        with pytest.raises(PreflightError) as caught:
            kayako.check()
        kayako.close()
    assert caught.value.exit_code == 4
    assert caught.value.advice
    assert password not in str(caught.value) + caught.value.advice
    return caught.value


def test_check_says_who_we_are(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        found = world.kayako.check()
    assert found["role"] == "ADMIN"
    assert found["language"] == "en-us"
    assert found["timezone"] == "UTC"
    assert found["url"] == world.url


def test_a_secret_is_asked_to_reveal_itself(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        kayako = Kayako(world.url, Hidden(EMAIL), Hidden(PASSWORD))
        assert kayako.check()["role"] == "ADMIN"
        kayako.close()


def test_one_login_for_all_threads_then_the_session(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        threads = [threading.Thread(target=world.kayako.get, args=("teams",)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert world.fake.logins == 1
        for seen in list(world.fake.requests)[1:]:
            assert "authorization" not in seen.headers
            assert seen.headers["x-session-id"]


@pytest.mark.fault(
    "a session that ends in the middle",
    does="one thread logs in anew for all, and the request is sent again",
    side="Kayako",
)
@pytest.mark.parametrize("status", [401, 454])
def test_an_expired_session_is_renewed_once_for_all(tmp_path: Path, status: int) -> None:
    with pulling(hard_cases(), tmp_path, expired_status=status) as world:
        world.kayako.check()
        world.fake.sessions.opened.clear()
        threads = [threading.Thread(target=world.kayako.get, args=("teams",)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert world.fake.logins == 2


@pytest.mark.fault(
    "a session that is refused at once, again and again",
    does="the run ends and names what may stand in the way",
    side="Kayako",
)
def test_a_session_that_never_holds_is_final(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path, session_seconds=0) as world:
        with pytest.raises(PreflightError, match="had just opened"):
            world.kayako.get("teams")
        assert world.fake.logins == 2


@pytest.mark.fault(
    "a wrong password",
    does="it is tried once, so that the login is not locked",
    side="Kayako",
)
def test_a_wrong_password_is_tried_once() -> None:
    fake = FakeKayako(hard_cases())
    with serve(fake.app) as served:
        kayako = Kayako(served.url, EMAIL, "wrong", sleep=lambda _: None)
        errors = []

        def ask() -> None:
            try:
                kayako.get("teams")
            except PreflightError as error:
                errors.append(error)

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kayako.close()
    assert len(errors) == 6
    assert len(fake.requests) == 1
    assert "does not accept this email and password" in str(errors[0])
    assert "KAYAKO_PASSWORD" in errors[0].advice


@pytest.mark.fault("a locked login", does="the run ends at once and says so", side="Kayako")
def test_a_locked_login_is_not_waited_for() -> None:
    fake = FakeKayako(hard_cases())
    pauses: list[float] = []
    with serve(fake.app) as served:
        for _ in range(10):
            kayako = Kayako(served.url, EMAIL, "wrong", sleep=pauses.append)
            with pytest.raises(PreflightError):
                kayako.check()
        kayako = Kayako(served.url, EMAIL, PASSWORD, sleep=pauses.append)
        with pytest.raises(PreflightError, match="has locked this login") as caught:
            kayako.check()
    assert pauses == []
    assert "ten minutes" in caught.value.advice


@pytest.mark.parametrize(
    ("switches", "words", "advice"),
    [
        ({"otp": True}, "one-time password", "without two-factor"),
        ({"missing_instance": True}, "no Kayako at this address", "kayako.url"),
        ({"classic": "html"}, "not Kayako's cloud product", "Classic"),
        ({"classic": "xml"}, "XML", "Classic"),
        ({"role": "AGENT"}, "role Agent", "Owner or Administrator"),
        ({"role": "CUSTOMER"}, "role Customer", "Owner or Administrator"),
        ({"unlicensed": ("me",)}, "plan does not include", "API access"),
        ({"unlicensed": {"me": 403}}, "does not permit", "Owner or Administrator"),
    ],
)
def test_what_no_retry_heals_is_said_at_once(
    switches: dict[str, Any], words: str, advice: str
) -> None:
    error = refusal(switches)
    assert words in str(error)
    assert advice in error.advice
    assert not isinstance(error, Unreachable)


def test_a_missing_resource_is_refused_with_its_status(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world, pytest.raises(Refused) as caught:
        world.kayako.get("cases/999999")
    assert caught.value.status == 404
    assert "RESOURCE_NOT_FOUND" in str(caught.value)


@pytest.mark.fault(
    "something that the plan or the role does not include",
    does="it is noted, and the rest is read",
    side="Kayako",
)
@pytest.mark.parametrize("status", [403, 426])
def test_what_the_plan_or_role_lacks_is_unavailable(tmp_path: Path, status: int) -> None:
    with (
        pulling(hard_cases(), tmp_path, unlicensed={"timetracking": status}) as world,
        pytest.raises(Unavailable, match="timetracking"),
    ):
        world.kayako.get("timetracking")


def test_faults_of_the_server_are_waited_out(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        for kind in ("500_before", "503_html", "reset_before", "reset_after", "429"):
            world.fake.faults.fail("GET", "/api/v1/teams", kind)
            assert world.kayako.get("teams")["total_count"] == 6


@pytest.mark.fault(
    "an answer that is not the API's (maintenance pages, HTML with 200)",
    does="asked for three times, then the run ends",
    side="Kayako",
)
def test_an_answer_that_is_not_the_api_is_asked_for_again_then_given_up(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.kayako.check()
        world.fake.classic = "html"
        with pytest.raises(Unreachable, match="not its API"):
            world.kayako.get("teams")


@pytest.mark.parametrize("target", ["https://{host}", "http://new.example"])
def test_a_redirect_names_the_address_to_set(target: str) -> None:
    async def app(scope: Any, _receive: Any, send: Any) -> None:
        place = target.format(host=dict(scope["headers"])[b"host"].decode())
        headers = [(b"location", f"{place}/api/v1/me".encode()), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 301, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    with serve(app) as served:
        kayako = Kayako(served.url, EMAIL, PASSWORD)
        with pytest.raises(PreflightError, match="sends us on to") as caught:
            kayako.check()
        kayako.close()
    assert target.partition("{")[0] in caught.value.advice
