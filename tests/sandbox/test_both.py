"""Both servers side by side."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from runner.sandbox.both import start
from runner.sandbox.data import generate


def test_both_servers_answer_and_stop_together() -> None:
    with start(generate(2), kayako_page_cap=1) as sandbox:
        teams = requests.get(
            f"{sandbox.kayako_url}/api/v1/teams?limit=50",
            auth=("admin@example.com", "sandbox"),
            timeout=10,
        ).json()
        assert teams["limit"] == 1
        answer = requests.get(
            f"{sandbox.zammad_url}/api/v1/users/me",
            headers={"Authorization": "Token token=sandbox-token"},
            timeout=10,
        )
        assert answer.json()["email"] == "admin@example.com"
    for url in (sandbox.kayako_url, sandbox.zammad_url):
        with pytest.raises(requests.ConnectionError):
            requests.get(url, timeout=1)


def test_a_switch_that_neither_server_has_is_refused() -> None:
    for name in ("page_cap", "kayako_", "kayako_nothing", "zammad_nothing"):
        switches: dict[str, Any] = {name: 1}
        with pytest.raises(TypeError):
            start(generate(0), **switches)
