from __future__ import annotations

from pathlib import Path

import pytest

from runner.engine.console_script import Made
from runner.report import next_steps
from tests.report.test_terminal import Paper

MADE = Made(Path("/made/migrate-console.rb"), Path("/made/migrate-console.jsonl.gz"), 1200, 9000)


def shown(made: Made, url: str) -> str:
    paper = Paper()
    next_steps.show(paper.console, made, url)
    return paper.text


def test_it_says_what_was_made_and_how_each_installation_runs_it() -> None:
    text = shown(MADE, "https://zammad.example.org")
    assert "/made/migrate-console.rb" in text
    assert "1,200 tickets, 9,000 articles" in text
    assert "Back up" in text
    assert "zammad run rails r /opt/zammad/tmp/migrate-console.rb" in text
    assert '-v "/made:/migrate:ro" zammad-railsserver bundle exec rails r /migrate/' in text
    assert "not complete" not in text


def test_on_a_hosted_zammad_it_says_what_to_ask_for() -> None:
    text = shown(MADE, "https://acme.zammad.com")
    assert "support" in text
    assert "docker" not in text


@pytest.mark.parametrize(
    ("url", "hosted"),
    [
        ("https://acme.zammad.com/", True),
        ("https://zammad.com.example.org", False),
        ("https://acmezammad.com", False),
    ],
)
def test_hosted_is_what_lies_below_zammads_own_domain(url: str, *, hosted: bool) -> None:
    assert next_steps.is_hosted(url) is hosted


def test_conversations_that_are_left_out_are_told() -> None:
    made = Made(MADE.script, MADE.data, unfinished=3)
    assert "3 conversations are not complete in Zammad" in shown(made, "https://zammad.example")
