from __future__ import annotations

import json
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from pyrate_limiter import Limiter, Rate
from requests_ratelimiter.buckets import HostBucketFactory

from runner import sessions
from runner.errors import Interrupted, OutcomeUnknown, PreflightError, Unreachable
from runner.http import Http
from runner.jsonbody import FileContent

Answer = tuple[int, dict[str, str]]
RESET: Answer = (-1, {})


@dataclass
class Server:
    """Gives the listed answers in turn, then 200; remembers what it was asked."""

    answers: list[Answer] = field(default_factory=list)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    connections: int = 0
    url: str = ""


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # one packet an answer: no waiting for acknowledgements

        def setup(self) -> None:
            state.connections += 1
            super().setup()

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.times.append(time.monotonic())
            state.seen.append((self.command, self.path, dict(self.headers)))
            status, headers = state.answers.pop(0) if state.answers else (200, {})
            if status == -1:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = answer  # noqa: N815 - the name that the server calls
        do_POST = answer  # noqa: N815 - as above

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Resets are what some tests want."""

    listening = Quiet(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{listening.server_port}"
    yield state
    listening.shutdown()
    listening.server_close()


@contextmanager
def client(url: str, **options: Any) -> Iterator[tuple[Http, list[float]]]:
    """A client that notes its pauses instead of making them."""
    pauses: list[float] = []
    made = Http(url, user_agent="test", sleep=pauses.append, **options)
    yield made, pauses
    made.close()


def test_a_final_answer_is_returned_whatever_its_status(server: Server) -> None:
    server.answers = [(422, {}), (404, {}), (201, {})]
    with client(server.url) as (http_, pauses):
        statuses = [http_.send("POST", "/x", json={}).status_code for _ in range(3)]
    assert statuses == [422, 404, 201]
    assert pauses == []


@pytest.mark.fault(
    "a redirect",
    does="it is not followed, so that logins go to no other host",
    side="network",
)
def test_redirects_are_shown_not_followed(server: Server) -> None:
    server.answers = [(302, {"Location": "http://elsewhere.example/"})]
    with client(server.url, headers={"X-Session-ID": "s"}) as (http_, _):
        assert http_.send("GET", "/x").status_code == 302
    assert len(server.seen) == 1


@pytest.mark.fault(
    "429 with Retry-After in seconds",
    does="every worker waits that long, at most ten minutes, then the request is sent again",
    side="network",
)
def test_429_holds_for_as_long_as_the_server_says(server: Server) -> None:
    server.answers = [(429, {"Retry-After": "7"})]
    with client(server.url) as (http_, pauses):
        assert http_.send("GET", "/x").status_code == 200
    assert pauses == [pytest.approx(7, abs=0.5)]


@pytest.mark.fault(
    "429 with Retry-After as a date",
    does="every worker waits until then, at most ten minutes",
    side="network",
)
def test_429_with_a_date_holds_until_then(server: Server) -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    server.answers = [(429, {"Retry-After": then})]
    with client(server.url) as (http_, pauses):
        http_.send("GET", "/x")
    assert pauses == [pytest.approx(29, abs=2)]


def test_no_hold_is_longer_than_ten_minutes(server: Server) -> None:
    server.answers = [(429, {"Retry-After": "86400"})]
    with client(server.url) as (http_, pauses):
        http_.send("GET", "/x")
    assert pauses == [pytest.approx(600, abs=0.5)]


@pytest.mark.fault(
    "429 without a sensible Retry-After",
    does="every worker waits five seconds",
    side="network",
)
@pytest.mark.parametrize("value", ["", "soon", "nan", "Wed, 99 Foo"])
def test_429_that_says_nothing_sensible_holds_a_little(server: Server, value: str) -> None:
    server.answers = [(429, {"Retry-After": value} if value else {})]
    with client(server.url) as (http_, pauses):
        http_.send("GET", "/x")
    assert pauses == [pytest.approx(5, abs=0.5)]


@pytest.mark.fault("429 with Retry-After in seconds")
def test_a_hold_stops_every_thread(server: Server) -> None:
    made = Http(server.url, user_agent="test")
    made.gate().hold(0.15)
    until = time.monotonic() + 0.15
    threads = [threading.Thread(target=made.send, args=("GET", "/x")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made.close()
    assert len(server.times) == 4
    assert min(server.times) >= until - 0.01


def test_a_hold_of_one_host_is_not_one_of_another(server: Server) -> None:
    with client("http://other.example") as (http_, pauses):
        http_.gate().hold(60)
        http_.send("GET", server.url + "/x", authenticate=False)
    assert pauses == []


@pytest.mark.fault(
    "429 without end",
    does="the run ends, names the request, and advises a lower rate",
    side="network",
)
def test_429_without_end_is_given_up(server: Server) -> None:
    server.answers = [(429, {"Retry-After": "0"})] * 100
    with client(server.url) as (http_, _), pytest.raises(Unreachable) as caught:
        http_.send("GET", "/x", attempts=2)
    assert "429" in str(caught.value)
    assert "requests_per_minute" in caught.value.advice
    assert len(server.seen) == 10


@pytest.mark.fault(
    "500, 502, 503 or 504",
    does=(
        "a read and a PUT are sent again, after growing pauses; a write that makes something "
        "never is"
    ),
    side="network",
)
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_are_tried_again_with_growing_pauses(server: Server, status: int) -> None:
    server.answers = [(status, {})] * 3
    with client(server.url) as (http_, pauses):
        assert http_.send("GET", "/x").status_code == 200
    assert len(pauses) == 3
    assert all(pause <= limit for pause, limit in zip(pauses, (1, 2, 4), strict=True))


def test_giving_up_names_host_request_and_cause(server: Server) -> None:
    server.answers = [(503, {})] * 3
    with client(server.url) as (http_, _), pytest.raises(Unreachable) as caught:
        http_.send("GET", "/x?token=hidden", attempts=3)
    text = str(caught.value)
    assert "127.0.0.1" in text
    assert "GET /x failed 3 times" in text
    assert "503 Service Unavailable" in text
    assert "hidden" not in text
    assert caught.value.advice


def test_no_pause_between_attempts_exceeds_half_a_minute(server: Server) -> None:
    server.answers = [(500, {})] * 19
    with client(server.url) as (http_, pauses):
        http_.send("GET", "/x", attempts=20)
    assert max(pauses) <= 30


@pytest.mark.fault(
    "the connection is lost",
    does=(
        "a read and a PUT are sent again; whether a write happened is looked up before it is "
        "sent again"
    ),
    side="network",
)
def test_a_lost_connection_is_tried_again(server: Server) -> None:
    server.answers = [RESET, RESET]
    with client(server.url) as (http_, _):
        assert http_.send("GET", "/x").status_code == 200
    assert len(server.seen) == 3


@pytest.mark.fault("the connection is lost")
@pytest.mark.parametrize("answer", [RESET, (500, {}), (502, {}), (503, {}), (504, {})])
def test_a_write_that_may_have_happened_is_never_repeated(server: Server, answer: Answer) -> None:
    server.answers = [answer]
    with client(server.url) as (http_, _), pytest.raises(OutcomeUnknown) as caught:
        http_.send("POST", "/tickets", json={}, repeatable=False)
    assert len(server.seen) == 1
    assert "POST /tickets" in str(caught.value)


@pytest.mark.fault(
    "an answer that does not come",
    does=(
        "the wait ends after five minutes without a byte; a read is sent again, and a write "
        "is looked up"
    ),
    side="network",
)
def test_a_write_without_an_answer_is_never_repeated() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with client(url, read_timeout=0.05) as (http_, _), pytest.raises(OutcomeUnknown) as caught:
            http_.send("POST", "/tickets", json={}, repeatable=False)
    assert "no answer came in time" in str(caught.value)


def test_a_write_that_was_only_held_back_is_sent_again(server: Server) -> None:
    server.answers = [(429, {"Retry-After": "1"})]
    with client(server.url) as (http_, _):
        assert http_.send("POST", "/x", json={}, repeatable=False).status_code == 200
    assert len(server.seen) == 2


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


@pytest.mark.fault(
    "a server that is not there when the run begins",
    does="a few quick attempts, then the run ends and says so",
    side="network",
)
def test_a_closed_port_is_said_after_a_few_quick_attempts() -> None:
    with client(closed_port()) as (http_, pauses), pytest.raises(Unreachable) as caught:
        http_.send("POST", "/x", json={}, repeatable=False)
    assert "refused the connection" in str(caught.value)
    assert len(pauses) == 2


@pytest.mark.fault(
    "a name that is not known (DNS)",
    does="a few quick attempts, then the run ends and says so",
    side="network",
)
def test_an_unknown_host_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with client("http://typo.example") as (http_, _), pytest.raises(Unreachable) as caught:
        http_.send("GET", "/x")
    assert "typo.example could not be reached" in str(caught.value)
    assert "name is not known" in str(caught.value)


def test_messages_never_hold_secrets(server: Server) -> None:
    with client(server.url, secrets=("s3cret", "")) as (http_, _):
        assert http_.scrub("a s3cret b") == "a *** b"


def test_credentials_are_for_the_own_host_only(server: Server) -> None:
    with client("http://other.example", headers={"X-Session-ID": "s"}) as (http_, _):
        with pytest.raises(ValueError, match="only"):
            http_.send("GET", server.url + "/x")
        http_.send("GET", server.url + "/x", authenticate=False)
    assert "X-Session-ID" not in server.seen[0][2]


def test_headers_are_asked_for_each_attempt(server: Server) -> None:
    server.answers = [(500, {})]
    numbers = iter(range(10))
    headers: Callable[[], dict[str, str]] = lambda: {"X-Number": str(next(numbers))}  # noqa: E731
    with client(server.url, headers=headers) as (http_, _):
        http_.send("GET", "/x")
    assert [seen[2]["X-Number"] for seen in server.seen] == ["0", "1"]


def test_no_cookies_and_no_netrc(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.answers = [(200, {"Set-Cookie": "session=1"})]
    with client(server.url) as (http_, _):
        http_.send("GET", "/x")
        http_.send("GET", "/x")
    for _, _, headers in server.seen:
        assert "Cookie" not in headers
        assert "Authorization" not in headers


def test_a_proxy_of_the_environment_is_used_and_asked_for_once(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setenv("no_proxy", "")
    asked = []
    real = requests.sessions.get_environ_proxies

    def counted(url: str, no_proxy: str | None = None) -> Any:
        asked.append(url)
        return real(url, no_proxy=no_proxy)

    monkeypatch.setattr(requests.sessions, "get_environ_proxies", counted)
    with client("http://zammad.invalid") as (http_, _):
        for _ in range(3):
            assert http_.send("GET", "/x").status_code == 200
    assert len(server.seen) == 3
    assert len(asked) == 1


def test_a_certificate_bundle_of_the_environment_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with (
        client("https://127.0.0.1:1") as (http_, _),
        pytest.raises(PreflightError, match=r"none\.pem"),
    ):
        http_.send("GET", "/x")


def test_stop_interrupts_before_the_next_request(server: Server) -> None:
    stop = threading.Event()
    stop.set()
    with client(server.url, stop=stop) as (http_, _), pytest.raises(Interrupted):
        http_.send("GET", "/x")
    assert server.seen == []


def test_stop_ends_a_pause(server: Server) -> None:
    server.answers = [(429, {"Retry-After": "60"})]
    stop = threading.Event()
    made = Http(server.url, user_agent="test", stop=stop)
    threading.Timer(0.05, stop.set).start()
    started = time.monotonic()
    with pytest.raises(Interrupted):
        made.send("GET", "/x")
    made.close()
    assert time.monotonic() - started < 5


@pytest.mark.fault(
    "a connection that the server closed while it was idle",
    does=(
        "nothing goes out on a connection that was idle for 15 seconds; a read is sent again on a "
        "new one where the server was quicker"
    ),
    side="network",
)
def test_connections_are_kept_and_renewed_when_they_idled(server: Server) -> None:
    with client(server.url) as (http_, _):
        http_.send("GET", "/x")
        http_.send("POST", "/x", repeatable=False)
        assert server.connections == 1
        http_._sessions._local.used -= sessions.IDLE_CONNECTION_SECONDS + 1
        http_.send("GET", "/x")
        assert server.connections == 2
        http_._sessions._local.used -= sessions.IDLE_CONNECTION_SECONDS + 1
        http_.send("POST", "/x", repeatable=False)
        assert server.connections == 3


@pytest.mark.fault(
    "a server that fails under its load",
    does="half as many ask it at once; after 15 seconds without a failure twice as many again",
    side="network",
)
def test_a_server_that_fails_is_asked_by_half_as_many_for_a_while(server: Server) -> None:
    server.answers = [(503, {}), (503, {})]
    with client(server.url, workers=8) as (http_, _):
        http_.send("GET", "/x")
        assert (http_.usage().workers, http_.usage().allowed) == (8, 4)


def test_another_host_that_fails_changes_nothing_for_ours(server: Server) -> None:
    server.answers = [(503, {})]
    with client("http://127.0.0.1:9", workers=8) as (http_, _):
        http_.send("GET", f"{server.url}/x", authenticate=False)
        assert http_.usage().allowed == 8


def test_a_file_in_a_body_is_read_while_it_is_sent_and_again_when_it_is_sent_again(
    server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 9_000_000)
    body = {"filename": "ü", "data": FileContent(file)}
    with client(server.url) as (http_, _):
        http_.send("GET", "/x")
        server.answers = [(503, {}), (429, {"Retry-After": "1"})]
        http_.send("POST", "/x", json=body)
        tracemalloc.start()
        http_.send("POST", "/x", json=body)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    lengths = {int(headers["Content-Length"]) for *_, headers in server.seen[1:]}
    whole = json.dumps({"filename": "ü", "data": "x" * 12_000_000})
    assert lengths == {len(whole)}
    assert all(headers["Content-Type"] == "application/json" for *_, headers in server.seen[1:])
    # The server of this test holds one such body itself.
    assert peak < 12_000_000 + 4_000_000


def test_a_fresh_connection_is_a_new_one(server: Server) -> None:
    with client(server.url) as (http_, _):
        http_.send("GET", "/x")
        http_.send("GET", "/x", fresh_connection=True)
    assert server.connections == 2


def test_requests_and_latency_are_counted(server: Server) -> None:
    server.answers = [(500, {})]
    with client(server.url) as (http_, _):
        http_.send("GET", "/x")
        http_.send("POST", "/x")
        assert http_.requests_sent == 3
        measured = http_.timings.measured()
        assert {kind: count for kind, (count, _) in measured.items()} == {"GET": 2, "POST": 1}
        assert 0 < http_.quickest <= measured["GET"][1] < 5


def test_requests_are_counted_by_kinds_that_the_caller_names(server: Server) -> None:
    with client(server.url, kind_of=lambda method, path: f"{method} of {path}") as (http_, _):
        http_.send("GET", "/x")
        http_.send("GET", "/y", stream=True).close()
        assert set(http_.timings.measured()) == {"GET of /x", "GET of /y"}


def test_what_a_request_waits_for_before_it_goes_out_is_no_latency(server: Server) -> None:
    with client(server.url, requests_per_minute=600) as (http_, _):
        for _ in range(20):
            http_.send("GET", "/x")
        _, seconds = http_.timings.measured()["GET"]
    # At this rate 20 requests take more than a second.
    assert seconds < 0.6


def test_on_hold_may_end_the_waiting(server: Server) -> None:
    server.answers = [(429, {})]

    def refuse(response: Any) -> None:
        raise Unreachable(f"locked {response.status_code}")

    with client(server.url, on_hold=refuse) as (http_, pauses), pytest.raises(Unreachable):
        http_.send("GET", "/x")
    assert pauses == []


def test_threads_share_one_limit(server: Server) -> None:
    made = Http(server.url, user_agent="test", requests_per_minute=600)
    threads = [
        threading.Thread(target=lambda: [made.send("GET", "/x") for _ in range(5)])
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made._sessions._limiter is not None
    assert made._sessions._limiter.try_acquire(made.host, blocking=False) is False
    made.close()
    assert len(server.times) == 10


def test_waiting_for_the_limit_is_no_failure(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "LIMITER_SLICE_SECONDS", 0.01)
    made = Http(server.url, user_agent="test", requests_per_minute=600)
    made._sessions._limiter = Limiter(HostBucketFactory(rates=[Rate(1, 60)]), buffer_ms=0)
    for _ in range(3):
        made.send("GET", "/x", attempts=1)
    assert made.requests_sent == 3
    made.close()


def test_it_tells_what_requests_wait_for(server: Server) -> None:
    server.answers += [(200, {}), (429, {"Retry-After": "7"})]
    held: list[float] = []
    http_ = Http(server.url, requests_per_minute=240, workers=3, sleep=held.append)
    try:
        for _ in range(4):
            http_.send("GET", "/x")
        usage = http_.usage()
    finally:
        http_.close()
    assert (usage.workers, usage.limit, usage.last_minute) == (3, 240, 5)
    assert usage.waiting > 0.3, "240 a minute are four a second"
    assert 0 < usage.answering < usage.waiting
    assert held
    assert held[0] == pytest.approx(7, abs=0.5)


def test_it_tells_for_how_long_the_server_wants_nothing(server: Server) -> None:
    http_ = Http(server.url)
    http_.gate().hold(30)
    try:
        assert http_.usage().held == pytest.approx(30, abs=0.5)
    finally:
        http_.close()
