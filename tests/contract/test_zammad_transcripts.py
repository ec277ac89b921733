"""The fake Zammad answers what real ones answered: both transcripts, replayed in order.

Ids are compared through a map from recorded to actual ones, kind by kind. A recorded moment of
the recording's day stands for "now" and must be now again. Wording of errors is not compared,
only that there is one. Everything else that was recorded must have the same value.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from runner.sandbox.serving import serve
from runner.sandbox.zammad import FakeZammad
from tests.contract.zammad_replay import Disagreement, Replay

RECORDINGS = Path(__file__).parents[2] / "../shared/recordings/zammad"


@pytest.mark.parametrize(("version", "recorded"), [("5.2", 117), ("6.5", 256)])
def test_replayed_transcript_is_answered_as_recorded(version: str, recorded: int) -> None:
    file = RECORDINGS / f"rest-{version}.json"
    if not file.exists():
        pytest.skip(f"the recording {file.name} is not beside this checkout")
    transcript = json.loads(file.read_text())
    fake = FakeZammad(version=version, auto_restart_seconds=0.15, privacy_seconds=600)
    # Whoever recorded had filled in the set-up wizard; the title of a knowledge base shows it.
    fake.state.settings.write("organization", value="ACME")
    differences = []
    with serve(fake.app) as served:
        replay = Replay(served.url)
        for position, entry in enumerate(transcript):
            try:
                replay.check(entry)
            except Disagreement as problem:
                differences.append(f"#{position} {entry['name']}: {problem}")
    agree = len(transcript) - len(differences)
    summary = f"Zammad {version}: {len(transcript)} recorded, agree {agree}"
    sys.stdout.write(f"\n{summary}\n")
    assert not differences, summary + "\n" + "\n".join(differences)
    assert len(transcript) >= recorded, summary
