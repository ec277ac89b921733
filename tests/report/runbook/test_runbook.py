"""The runbook of one installation: golden files, its languages, its commands, its lists."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer.main

from runner.cli.main import app, config_first
from runner.config.model import ENTITIES, Config, KayakoConfig, Secret, ZammadConfig
from runner.engine.inventory import Mailbox
from runner.engine.lasting import Span
from runner.pipeline import Outline
from runner.report.page.words import LANGUAGES
from runner.report.runbook import filling
from runner.report.runbook.filling import Occasion, runbook, shipped
from runner.report.runbook.markdown import markdown
from runner.report.runbook.page import page
from tests.report.support import Page

HERE = Path(__file__).parent
TODAY, LIVE = date(2026, 11, 23), date(2026, 12, 5)
SECRETS = ("hunter2", "zammad-token-1", "admin-login")


def config(name: str = "config.yaml", go_live: date | None = LIVE) -> Config:
    return Config(
        file=Path("/srv/move") / name,
        kayako=KayakoConfig(
            "https://acme.kayako.com", "admin-login@acme.example", Secret("hunter2"), 300, 8
        ),
        zammad=ZammadConfig(
            "https://admin-login:hunter2@zammad.acme.example",
            Secret("zammad-token-1"),
            4,
            20.0,
            None,
        ),
        mappings=Path("/srv/move/mappings"),
        workdir=Path("/srv/move/.migrate"),
        go_live=go_live,
        order=ENTITIES,
    )


def mailbox(address: str, *groups: str, own: bool = True) -> Mailbox:
    routes = tuple((group, group, "", 12) for group in groups)
    return Mailbox(address, "Acme", enabled=True, own_domain=own, routes=routes, forward="")


KNOWN = Outline(
    pulled_at="2026-11-20T18:04:00Z",
    records={
        "cases": 41_300,
        "users": 9_120,
        "organizations": 310,
        "teams": 3,
        "ratings": 204,
        "articles": 57,
        "posts": 190_400,
        "files": 22_000,
        "unread": 1_200,
    },
    titles={
        "triggers": (("Welcome *new* customers", True), ("Old one", False)),
        "monitors": (("Close after a week", True),),
        "slas": (("Urgent", True), ("Everybody", False)),
        "views": (),
    },
    mailboxes=(
        mailbox("support@acme.example", "Support", "Sales"),
        mailbox("fax_2@acme.example"),
        mailbox("support@acme.kayako.com", "Support", own=False),
    ),
    own_groups=("Tier 1: Support", "Nobody's [team]"),
    spans={
        "pull": Span(600.0),
        "apply": Span(9_300.0, measured=True),
        "delta": Span(118.0),
        "verify": Span(2_478.0),
    },
)


def occasion(**more: Any) -> Occasion:
    return replace(Occasion(config(), KNOWN, LIVE, TODAY, "en"), **more)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_reads_as_agreed(language: str) -> None:
    """`python -m tests.report.runbook.golden` writes the files anew."""
    golden = HERE / f"runbook-{language}.md"
    assert markdown(runbook(occasion(language=language))) == golden.read_text()


@pytest.mark.parametrize("day", shipped(), ids=lambda day: str(day["en"]))
def test_every_day_and_step_speaks_both_languages(day: dict[str, Any]) -> None:
    gaps = re.compile(r"\{(\w+)\}")
    assert {"days", "steps", *LANGUAGES} == day.keys()
    for step in day["steps"]:
        assert (
            set(LANGUAGES)
            <= step.keys()
            <= {
                *("only_if", "names", "takes", "run", "alarm"),
                *LANGUAGES,
            }
        )
        assert sorted(gaps.findall(step["en"])) == sorted(gaps.findall(step["de"]))
        typed = re.compile(r"`[^`]*`")
        assert sorted(typed.findall(step["en"])) == sorted(typed.findall(step["de"]))


@pytest.mark.parametrize("known", [KNOWN, Outline()], ids=["copied", "nothing copied"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_in_it_exists_with_its_options(language: str, known: Outline) -> None:
    text = markdown(runbook(occasion(language=language, known=known)))
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    lines = [line.strip() for line in blocks.splitlines() if line.strip()]
    typed = [" ".join(code.split()) for code in re.findall(r"`(migrate [^`]+)`", text)]
    commands = [shlex.split(line) for line in [*lines, *typed] if line.startswith("migrate")]
    assert len(commands) > 20
    group: Any = typer.main.get_command(app)
    for _, *typed_arguments in commands:
        arguments = config_first(typed_arguments)
        rest = arguments[2:] if arguments[0] == "-c" else arguments
        verb = group.commands.get(rest[0])
        assert verb is not None, rest
        verb.make_context(rest[0], rest[1:])
    assert {line.split()[0] for line in lines} == {"migrate"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_holds_no_secret(language: str) -> None:
    made = runbook(occasion(language=language))
    for text in (markdown(made), page(made)):
        assert [secret for secret in SECRETS if secret in text] == []


def test_without_a_copy_it_says_what_is_missing_and_still_holds_every_day() -> None:
    made = runbook(occasion(known=Outline()))
    assert [day.when for day in made.days] == [day.when for day in runbook(occasion()).days]
    (missing,) = made.missing
    assert "migrate pull --headers" in missing
    assert made.lasting == ()
    assert "{" not in markdown(made)


def test_without_a_day_it_tells_days_apart_and_how_to_name_one() -> None:
    made = runbook(occasion(config=config(go_live=None), go_live=None, known=Outline()))
    assert [day.when for day in made.days[:2]] == ["14 days before", "7 days before"]
    assert "go_live" in made.missing[0]
    assert "go_live: " not in markdown(made)


def test_another_day_than_that_of_the_config_is_written_there_first() -> None:
    later = runbook(occasion(go_live=date(2026, 12, 19)))
    assert "go_live: 2026-12-19" in markdown(later)
    assert "go_live: " not in markdown(runbook(occasion()))


def test_days_that_are_over_hurry() -> None:
    hurry = [bool(day.hurry) for day in runbook(occasion()).days]
    assert hurry == [True, False, False, False, False, False]


def test_commands_name_a_config_of_another_name() -> None:
    text = markdown(runbook(occasion(config=config("live.yaml"))))
    assert "migrate -c live.yaml finish" in text
    assert "migrate finish" not in text


def test_names_from_kayako_cannot_act_in_either_form() -> None:
    hostile = "<img src=x onerror=alert(1)> [a](javascript:x) \x1b[2J **loud**"
    known = replace(KNOWN, own_groups=(hostile,))
    made = runbook(occasion(known=known))
    assert "\x1b" not in markdown(made)
    assert "[a](" not in markdown(made)
    assert "\\*\\*loud\\*\\*" in markdown(made)
    shown = Page(page(made))
    assert shown.tags("img") == []
    assert shown.crossed == []


def test_a_long_list_ends_with_how_many_more_there_are() -> None:
    known = replace(KNOWN, own_groups=tuple(f"Team {number}" for number in range(50)))
    steps = [step for day in runbook(occasion(known=known)).days for step in day.steps]
    names = next(step.names for step in steps if step.names[:1] == ("Team 0",))
    assert names[-2:] == ("Team 39", "and 10 more")


def test_page_and_markdown_say_the_same() -> None:
    made = runbook(occasion(language="de"))
    shown = Page(page(made))
    sections = [squeezed(text) for text in shown.sections.values()]
    for day in made.days:
        for step in day.steps:
            assert any(squeezed(step.text) in text for text in sections), step.text
    assert len(shown.tags("h2")) == len(made.days) + 2


def squeezed(text: str) -> str:
    return "".join(text.replace("`", "").split())


def test_every_list_that_a_step_names_is_one() -> None:
    known = {*filling.names_of(KNOWN, filling.Words("en"))}
    named = {step["names"] for day in shipped() for step in day["steps"] if "names" in step}
    facts = {
        step["only_if"].removeprefix("not ")
        for day in shipped()
        for step in day["steps"]
        if "only_if" in step
    }
    assert named == known
    assert facts - known == {"other_date", "ratings"}
