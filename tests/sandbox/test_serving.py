from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
import requests
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from runner.sandbox.serving import serve

if TYPE_CHECKING:
    from starlette.requests import Request


async def hello(request: Request) -> PlainTextResponse:
    del request
    return PlainTextResponse("hello")


APP = Starlette(routes=[Route("/", hello)])


def test_a_served_application_answers_until_it_is_stopped() -> None:
    served = serve(APP)
    assert requests.get(served.url, timeout=5).text == "hello"
    served.stop()
    served.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(served.url, timeout=5)


def test_a_taken_port_is_an_error() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(OSError, match="in use"):
            serve(APP, port=holder.getsockname()[1])


def test_answers_are_not_held_back_by_the_kernel() -> None:
    with serve(APP) as served, requests.Session() as session:
        session.get(served.url, timeout=5)
        fastest = min(session.get(served.url, timeout=5).elapsed.total_seconds() for _ in range(5))
    assert fastest < 0.035
