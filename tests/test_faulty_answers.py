"""Answers that break off, say half, never end or never come: what our client makes of each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from runner import capped, retry
from runner.errors import OutcomeUnknown
from runner.http import Http
from runner.retry import Call
from runner.sandbox.faults import Faults
from runner.sandbox.serving import serve

SOON = 0.15


@contextmanager
def served(*, keep_alive_seconds: float = 20.0) -> Iterator[tuple[Http, Faults, list[str]]]:
    """Yield a client whose pauses take no time, the server's faults, and what it carried out."""
    done: list[str] = []
    faults = Faults(retry_after=3)

    async def answer(request: Request) -> JSONResponse:
        await request.body()
        done.append(request.method)
        return JSONResponse({"rows": ["x" * 100] * 300})

    app = faults.wrap(Starlette(routes=[Route("/x", answer, methods=["GET", "POST"])]))
    with serve(app, keep_alive_seconds=keep_alive_seconds) as server:
        client = Http(server.url, user_agent="test", sleep=lambda _: None, read_timeout=SOON)
        yield client, faults, done
        client.close()


@pytest.mark.fault(
    "an answer that breaks off in its body",
    does="it counts as none: a read is sent again, a write is looked up first",
    side="network",
)
@pytest.mark.fault(
    "an answer that comes a byte at a time without end",
    does="given up after 15 minutes (a file after an hour), then as one that breaks off",
    side="network",
)
@pytest.mark.fault("an answer that does not come")
@pytest.mark.parametrize("kind", ["cut", "dribble", "silent"])
def test_half_an_answer_is_none(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capped, "ANSWER_SECONDS", SOON)
    with served() as (client, faults, done):
        faults.fail("", "/x", kind)
        assert len(client.send("GET", "/x").json()["rows"]) == 300
        faults.fail("", "/x", kind)
        with pytest.raises(OutcomeUnknown, match="not known"):
            client.send("POST", "/x", json={}, repeatable=False)
    assert done == ["GET", "GET", "POST"]


@pytest.mark.fault("an answer that comes a byte at a time without end")
def test_a_file_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capped, "FILE_SECONDS", SOON)
    with served() as (client, faults, _):
        faults.fail("", "/x", "dribble")
        with client.send("GET", "/x", stream=True) as response:
            began = time.monotonic()
            with pytest.raises(requests.Timeout, match="not read to its end"):
                list(response.iter_content(1 << 16))
            assert time.monotonic() - began < 10 * SOON


@pytest.mark.fault("429 with Retry-After as a date")
def test_a_real_date_in_retry_after_is_heeded() -> None:
    with served() as (client, faults, done):
        pauses: list[float] = []
        client._sleep = pauses.append
        faults.fail("", "/x", "429_date")
        client.send("GET", "/x")
        assert done == ["GET"]
        assert pauses == [pytest.approx(2.5, abs=0.6)]


@pytest.mark.fault("a connection that the server closed while it was idle")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_that_went_stale_costs_nothing(method: str) -> None:
    with served(keep_alive_seconds=0.05) as (client, _, done):
        client.send("GET", "/x")
        time.sleep(0.3)
        assert client.send(method, "/x", repeatable=method == "GET", attempts=1).ok
        assert done == ["GET", method]


@pytest.mark.fault(
    "a server restarts for 30 seconds (connections refused, then 502 and 503)",
    does="pauses grow so that no request gives up within 40 seconds; then the run goes on",
    side="network",
)
@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_pauses_outlast_a_restart_whatever_chance_says(
    chance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        retry._JITTER, "uniform", lambda least, most: least + chance * (most - least)
    )
    call = Call("GET", "/x", "host", repeatable=True, attempts=8, answered_before=True)
    pauses = [call.failed(requests.ConnectionError("refused")) for _ in range(7)]
    assert 40 <= sum(pauses) <= 120
    assert max(pauses) <= 30
