"""Signs that no database holds: NUL, and halves of surrogate pairs, in every text of a helpdesk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from runner.sandbox.both import TOKEN, start
from runner.sandbox.data import generate
from runner.sandbox.serving import serve
from tests.behaviour.support import Place, Seen
from tests.security.support import changing

ALONE = "\0 and \ud83d"
READ = "\ufffd and \ufffd"


def spoiled(_: str, answer: Any) -> Any:
    """Put them into the first case, its posts, the customers' names, tags and field values."""
    for row in answer.get("data") or []:
        if isinstance(row, dict):
            _spoil(row)
    return answer


def _spoil(row: dict[str, Any]) -> None:
    kind = row.get("resource_type")
    if kind == "case":
        row["subject"] += ALONE
        row["tags"] = [{"id": 991, "resource_type": "tag", "name": f"tag{ALONE[-1]}\0x"}]
        for item in row.get("custom_fields") or []:
            if isinstance(item.get("value"), str):
                item["value"] += ALONE
    elif kind == "post":
        row["contents"] = (row["contents"] or "") + ALONE
        original = row.get("original") or {}
        for name in ("body_html", "body_text", "contents", "body"):
            if original.get(name):
                original[name] += ALONE
    elif kind == "user" and (row.get("role") or {}).get("type") == "CUSTOMER":
        row["full_name"] += ALONE


@pytest.mark.fault(
    "texts that no database holds (NUL, halves of surrogate pairs)",
    does="each such sign becomes U+FFFD; the record moves, and verify compares with that",
    side="kayako",
)
def test_they_are_replaced_and_everything_moves(tmp_path: Path) -> None:
    with start(generate(4, posts_each=2, users=3)) as sandbox:
        kayako = serve(changing(sandbox.kayako.app, spoiled))
        try:
            place = Place.make(tmp_path / "place", kayako.url, sandbox.zammad_url)
            place.succeed("apply", "--yes")
            place.succeed("verify")
            there = Seen(sandbox.zammad_url).everything()
            place.succeed("plan", "--detailed-exitcode")
        finally:
            kayako.stop()
    assert len(there["tickets"]) >= 4
    for ticket in there["tickets"].values():
        if ticket["title"] == "Welcome to Zammad!":
            continue
        assert ticket["title"].endswith(READ)
        assert "tag\ufffd\ufffdx" in ticket["tags"]
        assert any(READ in article["body"] for article in ticket["articles"])
    assert any(
        READ in f"{user['firstname']} {user['lastname']}" for user in there["users"].values()
    )


def test_a_zammad_refuses_halves_of_surrogate_pairs() -> None:
    with start(generate(1)) as sandbox:
        for body, status in ((b'{"name": "\\ud83d"}', 400), (b'{"name": "\\ud83d\\ude00"}', 201)):
            answer = requests.post(
                f"{sandbox.zammad_url}/api/v1/organizations",
                data=body,
                headers={
                    "Authorization": f"Token token={TOKEN}",
                    "Accept": "application/json",
                    "Content-Type": "application/json",
                },
                timeout=10,
            )
            assert answer.status_code == status
