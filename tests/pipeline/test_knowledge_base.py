"""The whole way: the Help Center of the hard cases arrives, once."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from runner import pipeline
from runner.config.model import Config
from runner.engine.knowledge_beside import SOURCES
from runner.pipeline import Scope
from runner.sandbox.both import start
from runner.sandbox.data import hard_cases
from tests.engine.support import Notes
from tests.pipeline.conftest import config_of

STEPS = tuple(SOURCES)


def test_the_help_center_arrives_once_is_verified_and_goes_again(tmp_path: Path) -> None:
    with start(hard_cases()) as sandbox:
        config = config_of(tmp_path, sandbox.kayako_url, sandbox.zammad_url)
        config = replace(config, order=STEPS)
        created = {"Kb_categories": 4, "Kb_sections": 7, "Kb_answers": 18, "Kb_links": 0}
        assert applied(config) == created
        tables = sandbox.zammad.tables
        bodies = [row["body"] for row in tables.knowledge_contents.values()]
        assert [body.count("#knowledge_base/") for body in bodies if "that case" in body] == [1]
        assert all(row["published_at"] is None for row in tables.knowledge_answers.values())
        codes = len(tables.knowledge_locales)
        files = [item for item in tables.knowledge_files.values() if item["answer_id"]]
        assert (codes, len(files)) == (3, 4)
        sandbox.zammad.requests.clear()
        assert set(applied(config).values()) == {0}
        written = [
            request.path
            for request in sandbox.zammad.requests
            if request.method != "GET" and not request.path.endswith("/init")
        ]
        assert written == []
        found = pipeline.run_verify(
            config, sample=0, seed=1, progress=lambda *_: None, stop=threading.Event()
        )
        assert [d for d in found.deviations if d.entity in STEPS] == []
        assert found.checked["kb_answers"] == 18
        removal = pipeline.run_reset(
            config, discard_changes=False, tell=lambda _: None, stopped=lambda: False
        )
        assert removal.remains == []
        assert len(tables.knowledge_bases) == len(tables.knowledge_files) == 0


def applied(config: Config) -> dict[str, int]:
    done = pipeline.run_apply(
        config,
        Scope(STEPS),
        pull=True,
        watcher=Notes(),
        progress=lambda *_: None,
        stop=threading.Event(),
    )
    assert done.counts.failed() == 0
    return {entity: words["created"] for entity, words in done.counts.as_import_job().items()}
