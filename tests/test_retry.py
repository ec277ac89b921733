from __future__ import annotations

import pytest
import requests
from requests.exceptions import InvalidURL, ProxyError, SSLError

from runner.errors import OutcomeUnknown, Unreachable
from runner.retry import Call, describe


def call(*, repeatable: bool = True, attempts: int = 8) -> Call:
    return Call("GET", "/x", "host.example", repeatable=repeatable, attempts=attempts)


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
        (ProxyError(), "proxy"),
        (requests.ConnectionError("reset, url: /x?token=hidden"), "the connection was lost"),
    ],
)
def test_causes_are_plain_words_without_addresses(
    error: requests.RequestException, words: str
) -> None:
    assert words in describe(error)
    assert "hidden" not in describe(error)


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
