from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
import requests
from requests.exceptions import InvalidURL, ProxyError, SSLError
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import (
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
)

from runner import retry
from runner.errors import MigrateError, OutcomeUnknown, Unreachable
from runner.retry import Call, describe, retry_after


def call(*, repeatable: bool = True, attempts: int = 8, answered_before: bool = False) -> Call:
    return Call(
        "GET",
        "/x",
        "host.example",
        repeatable=repeatable,
        attempts=attempts,
        answered_before=answered_before,
    )


def wrapped(reason: Exception) -> requests.ConnectionError:
    """Wrap a cause as requests does."""
    pool = HTTPSConnectionPool("host.example")
    return requests.ConnectionError(MaxRetryError(pool, "/x", reason))


def never_connected(why: str) -> requests.ConnectionError:
    return wrapped(NewConnectionError(HTTPSConnection("host.example"), why))


def unknown_name() -> requests.ConnectionError:
    cause = OSError("Name or service not known")
    return wrapped(NameResolutionError("host.example", HTTPSConnection("host.example"), cause))


def said(act: Callable[[], object]) -> MigrateError:
    with pytest.raises(MigrateError) as caught:
        act()
    return caught.value


def answer(after: str) -> requests.Response:
    response = requests.Response()
    response.headers["Retry-After"] = after
    return response


@pytest.mark.fault(
    "a certificate that cannot be trusted",
    does="the run ends at once: there is no switch that turns the check off",
    side="network",
)
def test_a_certificate_that_cannot_be_trusted_is_final() -> None:
    with pytest.raises(Unreachable, match=r"certificate of host\.example") as caught:
        call().failed(SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"))
    assert "REQUESTS_CA_BUNDLE" in caught.value.advice


def test_another_tls_failure_may_pass() -> None:
    assert 0 <= call().failed(SSLError("EOF occurred in violation of protocol")) <= 1


def test_an_address_that_cannot_be_one_is_final() -> None:
    with pytest.raises(Unreachable, match="address cannot be used"):
        call().failed(InvalidURL("http://[broken"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.ConnectTimeout(), "no connection came about in time"),
        (requests.ReadTimeout(), "no answer came in time"),
        (requests.ConnectionError("Read timed out."), "no answer came in time"),
        (ProxyError(), "the proxy did not let us through"),
        (SSLError("EOF occurred in violation of protocol"), "the TLS handshake failed"),
        (InvalidURL("http://[hidden"), "this address cannot be used"),
        (unknown_name(), "its name is not known (DNS)"),
        (never_connected("[Errno 111] Connection refused"), "it refused the connection"),
        (never_connected("[Errno 113] No route to host"), "no connection came about"),
        (requests.ConnectionError("reset, url: /x?token=hidden"), "the connection was lost"),
        (requests.ConnectionError("the peer refused to go on"), "the connection was lost"),
        (requests.ConnectionError(), "the connection was lost"),
    ],
)
def test_causes_are_plain_words_without_addresses(
    error: requests.RequestException, words: str
) -> None:
    assert describe(error) == words


def test_a_connection_that_never_was_allows_a_write_again() -> None:
    attempt = call(repeatable=False)
    assert attempt.failed(requests.ConnectTimeout()) <= 1
    assert attempt.failed(requests.ConnectTimeout()) <= 2
    with pytest.raises(Unreachable, match="failed 3 times"):
        attempt.failed(requests.ConnectTimeout())
    with pytest.raises(OutcomeUnknown):
        call(repeatable=False).failed(requests.ReadTimeout())


def test_a_pause_that_the_server_names_is_kept() -> None:
    assert call().broken(503, 17.0) == 17.0


def test_a_server_that_answered_before_is_given_as_long_as_one_that_fails() -> None:
    attempt = call(attempts=5, answered_before=True)
    for _ in range(4):
        attempt.failed(never_connected("refused"))
    assert "failed 5 times" in str(said(lambda: attempt.failed(never_connected("refused"))))


def test_a_connection_that_breaks_uses_all_attempts_though_nobody_answered_before() -> None:
    attempt = call(attempts=5)
    for _ in range(4):
        attempt.failed(requests.ReadTimeout())
    assert "failed 5 times" in str(said(lambda: attempt.failed(requests.ReadTimeout())))


def test_fewer_attempts_than_the_quick_ones_are_kept_to() -> None:
    last = said(lambda: call(attempts=1).failed(requests.ConnectTimeout()))
    assert "failed once, last because no connection came about in time" in str(last)


def test_pauses_double_up_to_half_a_minute_and_the_later_ones_are_never_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ranges: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        ranges.append((low, high))
        return high

    monkeypatch.setattr(retry, "_JITTER", SimpleNamespace(uniform=uniform))
    attempt = call(attempts=8)
    assert [attempt.broken(502, None) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert [low for low, _ in ranges] == [0, 0, 0, 4, 8, 15, 15]


def test_an_answer_that_ends_the_attempts_keeps_its_status_for_the_caller() -> None:
    assert said(lambda: call(attempts=1).broken(503, None)).status == 503
    assert said(lambda: call(attempts=1).failed(requests.ReadTimeout())).status is None


def test_a_status_without_a_name_is_said_as_its_number() -> None:
    told = str(said(lambda: call(attempts=1).broken(599, None)))
    assert told.endswith("last because the server answered 599.")


def test_a_write_that_broke_says_with_what_and_that_running_again_is_safe() -> None:
    told = said(lambda: call(repeatable=False).broken(500, 1.0))
    assert isinstance(told, OutcomeUnknown)
    assert "is not known: the server answered 500 Internal Server Error." in str(told)
    assert "looked up before anything is sent" in told.advice


def test_every_end_says_what_to_do() -> None:
    assert "Check the address" in said(lambda: call().failed(InvalidURL("http://["))).advice
    assert "Check the address" in said(lambda: call(attempts=1).broken(502, None)).advice
    assert "requests_per_minute" in said(lambda: call(attempts=0).held(None)).advice


@pytest.mark.parametrize(
    ("after", "seconds"),
    [
        ("0", 0.0),
        ("0.25", 0.25),
        (" 7 ", 7.0),
        ("-3", 0.0),
        ("601", 600.0),
        ("inf", None),
        ("nan", None),
        ("soon", None),
        (" ", None),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0.0),
        ("Fri, 31 Dec 1999 23:59:59 -0000", 0.0),  # a date of an unknown zone counts as UTC
        ("Fri, 31 Dec 9998 23:59:59 GMT", 600.0),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
    ],
)
def test_a_pause_is_read_as_seconds_or_as_a_date(after: str, seconds: float | None) -> None:
    assert retry_after(answer(after)) == seconds


def test_an_answer_that_names_no_pause_asks_for_none() -> None:
    assert retry_after(requests.Response()) is None


def test_a_server_may_ask_for_five_times_as_many_pauses_as_it_may_fail() -> None:
    attempt = call(attempts=2)
    assert [attempt.held(None) for _ in range(5)] == [5.0] * 5
    assert [attempt.held(0.0) for _ in range(4)] == [0.0] * 4
    assert "429" in str(said(lambda: attempt.held(0.0)))
