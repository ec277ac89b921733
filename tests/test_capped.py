"""Answers that do not stop: read as far as any that is meant well goes, and no further."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from runner import capped
from runner.errors import OutcomeUnknown, Unreachable
from runner.http import Http
from runner.sandbox.serving import serve

MEGABYTE = 1 << 20
BOMB = gzip.compress(b"0" * (64 * MEGABYTE), 9)


@pytest.fixture(scope="module")
def asked() -> list[str]:
    return []


@pytest.fixture(scope="module")
def client(asked: list[str]) -> Iterator[Http]:
    async def long(_: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(1_000):
                yield b"0" * 65_536
                await asyncio.sleep(0)  # the server has to see that nobody listens any more

        asked.append("long")
        return StreamingResponse(pieces(), status_code=200)

    async def bomb(request: Request) -> Response:
        asked.append("bomb")
        status = int(request.query_params.get("status", 200))
        return Response(BOMB, status, {"Content-Encoding": "gzip"})

    methods = ["GET", "POST"]
    routes = [Route("/long", long, methods=methods), Route("/bomb", bomb, methods=methods)]
    with serve(Starlette(routes=routes)) as server:
        made = Http(server.url, user_agent="test", sleep=lambda _: None)
        yield made
        made.close()


@pytest.mark.fault(
    "an answer without end, or one that grows a thousandfold when it is unpacked",
    does="256 MB of it are read at most; the request is not sent again, and its write is looked up",
    side="network",
)
@pytest.mark.parametrize("path", ["/long", "/bomb"])
def test_an_answer_that_is_too_large_is_not_read_to_its_end_nor_asked_for_again(
    client: Http, asked: list[str], path: str
) -> None:
    asked.clear()
    tracemalloc.start()
    with pytest.raises(Unreachable, match=r"GET /\w+ with more than 2,097,152 bytes") as caught:
        client.send("GET", path, most=2 * MEGABYTE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * MEGABYTE
    assert len(asked) == 1
    assert "proxy" in caught.value.advice


def test_a_write_whose_answer_is_too_large_may_have_been_carried_out(client: Http) -> None:
    with pytest.raises(OutcomeUnknown, match="too large"):
        client.send("POST", "/bomb", json={}, repeatable=False, most=MEGABYTE)


def test_an_error_in_place_of_a_file_has_the_limit_of_an_answer(client: Http) -> None:
    with pytest.raises(Unreachable, match="more than"):
        client.send("GET", "/bomb", params={"status": 404}, stream=True, most=MEGABYTE)
    with client.send("GET", "/bomb", stream=True, most=MEGABYTE) as response:
        assert sum(len(piece) for piece in response.iter_content(65_536)) == 64 * MEGABYTE


def test_an_answer_just_within_the_limit_is_taken(client: Http) -> None:
    assert len(client.send("GET", "/bomb", most=64 * MEGABYTE).content) == 64 * MEGABYTE
    assert capped.ANSWER_BYTES > 100 * 1_500_000, "a page of posts as long as Zammad takes them"
