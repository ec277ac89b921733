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


_BODIES = ("contents", "body_html", "body_text", "body", "text", "message", "html")


def spoiled(_: str, answer: Any) -> Any:
    """Put them into subjects, tags and field values of cases, texts, and names of customers."""
    _spoil(answer)
    return answer


def _spoil(value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _spoil(item)
    if not isinstance(value, dict):
        return
    for item in value.values():
        _spoil(item)
    for name in _BODIES:
        if isinstance(value.get(name), str) and value[name]:
            value[name] += ALONE
    _spoil_record(value)


def _spoil_record(value: dict[str, Any]) -> None:
    kind = value.get("resource_type")
    if kind == "case" and "subject" in value:
        value["subject"] += ALONE
        value["tags"] = [{"id": 991, "resource_type": "tag", "name": "tag\0\ud83dx"}]
        for item in value.get("custom_fields") or []:
            if isinstance(item.get("value"), str):
                item["value"] += ALONE
    elif kind == "user" and (value.get("role") or {}).get("id") and "full_name" in value:
        value["full_name"] += ALONE


@pytest.mark.fault(
    "texts that no database holds (NUL, halves of surrogate pairs)",
    does="each such sign becomes U+FFFD; the record moves, and verify compares with that",
    side="Kayako",
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
        assert all(READ in article["body"] for article in ticket["articles"])
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
