"""The fake Zammad answers what real ones answered: both transcripts, replayed in order.

Ids are compared through a map from recorded to actual ones, kind by kind. A recorded moment of
the recording's day stands for "now" and must be now again. Wording of errors is not compared,
only that there is one. Everything else that was recorded must have the same value.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from runner.sandbox.serving import serve
from runner.sandbox.zammad import FakeZammad
from tests.contract.zammad_replay import Disagreement, Replay

RECORDINGS = Path(__file__).parents[2] / "../shared/recordings/zammad"
OUT_OF_SCOPE = {
    r"knowledge base": "help center articles are not moved yet",
    r"locales and their ids": "only knowledge bases need them",
    r"text module": "canned responses are not moved yet",
    r"macro": "macros are not moved yet",
    r"calendar": "business hours are not moved yet",
    r"sla\b": "SLAs are not moved yet",
    r"overview": "views are not moved yet",
    r"(second )?checklist": "Kayako has nothing like them",
}
"""Beginnings of the names of interactions that are left out, and why."""


def in_scope(name: str) -> bool:
    words = name.removeprefix("second ") if "knowledge base" in name else name
    return not any(re.match(topic, words) for topic in OUT_OF_SCOPE)


@pytest.mark.parametrize(
    ("version", "at_least"),
    [("5.2", 75), ("6.5", 120)],
)
def test_replayed_transcript_is_answered_as_recorded(version: str, at_least: int) -> None:
    file = RECORDINGS / f"rest-{version}.json"
    if not file.exists():
        pytest.skip(f"the recording {file.name} is not beside this checkout")
    transcript = json.loads(file.read_text())
    fake = FakeZammad(version=version, auto_restart_seconds=0.15, privacy_seconds=600)
    scope, differences = 0, []
    with serve(fake.app) as served:
        replay = Replay(served.url)
        for position, entry in enumerate(transcript):
            if not in_scope(entry["name"]):
                continue
            scope += 1
            try:
                replay.check(entry)
            except Disagreement as problem:
                differences.append(f"#{position} {entry['name']}: {problem}")
    agree = scope - len(differences)
    summary = f"Zammad {version}: {len(transcript)} recorded, in scope {scope}, agree {agree}"
    sys.stdout.write(f"\n{summary}\n")
    assert not differences, summary + "\n" + "\n".join(differences)
    assert scope >= at_least, summary
