from __future__ import annotations

from runner.engine.change import Action
from runner.engine.counts import WORDS, Counts


def test_counts_have_the_eight_words_of_an_import_job() -> None:
    counts = Counts()
    counts.expect("users", 3)
    counts.count("users", Action.CREATE)
    counts.count("users", Action.FAIL)
    counts.count("users", Action.CREATE, extra=True)
    job = counts.as_import_job()
    assert job == {
        "Users": {
            "skipped": 0,
            "created": 2,
            "updated": 0,
            "unchanged": 0,
            "failed": 1,
            "deactivated": 0,
            "sum": 3,
            "total": 4,
        }
    }
    assert [*job["Users"]] == [*WORDS, "sum", "total"]
    assert counts.failed() == 1
