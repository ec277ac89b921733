from __future__ import annotations

from runner.report.words import in_words


def test_references_without_an_id_go_by_their_name() -> None:
    assert in_words({"ref": "users=-"}) == "nobody"
    assert in_words([{"ref": "groups=Tier=1"}, {"ref": "users/7"}]) == "Tier=1, users/7"
