"""What is shown before and after going live."""

from __future__ import annotations

import io

from rich.console import Console

from runner.engine.finish import Finished
from runner.engine.logins import Logins
from runner.engine.obstacle import Obstacle
from runner.engine.searching import Searched
from runner.pipeline.finishing import Aftermath
from runner.report import going_live

OWN, HOSTED = "https://zammad.example.org", "https://acme.zammad.com"


def paper(*, coloured: bool = False) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    colours = "standard" if coloured else None
    return Console(file=file, color_system=colours, force_terminal=coloured, width=200), file


def after(url: str, *, missing: bool, indexed: bool, logins: Logins) -> str:
    out, file = paper()
    searched = Searched([] if missing else ["17"], ["17"] if missing else [])
    going_live.aftermath(out, Aftermath(searched, logins, indexed), url)
    return file.getvalue()


NOBODY = Logins((), (), resets=True, page="")


def test_names_from_zammad_are_no_markup_and_long_lists_are_cut() -> None:
    out, file = paper()
    lines = tuple(f"[bold]{number}\x1b[2J" for number in range(25))
    found = [Obstacle("triggers", "active triggers", lines, steps="switch them off")]
    going_live.obstacles(out, found, frozenset({"triggers"}))
    text = file.getvalue()
    assert "[bold]0" in text
    assert "\x1b" not in text
    assert "[bold]20" not in text
    assert "… and 5 more" in text
    assert "(accepted)" in text


def test_what_writes_to_customers_is_red_the_rest_is_not() -> None:
    for to_customers, colour in ((True, "\x1b[31m"), (False, "\x1b[33m")):
        out, file = paper(coloured=True)
        going_live.obstacles(out, [Obstacle("jobs", "x", to_customers=to_customers)], frozenset())
        assert colour in file.getvalue()


def test_the_rebuild_is_told_for_packages_docker_and_hosted_ones() -> None:
    own = after(OWN, missing=True, indexed=True, logins=NOBODY)
    assert "zammad run rake zammad:searchindex:rebuild" in own
    assert "docker compose run --rm zammad-railsserver bundle exec rake" in own
    assert "finish --probe" in own
    hosted = after(HOSTED, missing=False, indexed=True, logins=NOBODY)
    assert "ask their support" in hosted
    assert "rake" not in hosted


def test_without_an_index_nothing_is_to_be_rebuilt() -> None:
    text = after(OWN, missing=False, indexed=False, logins=NOBODY)
    assert "Found by Zammad's search: ticket 17" in text
    assert "rebuild" not in text


def test_agents_are_told_how_they_come_in() -> None:
    agents = ("agent-1@example.org",)
    page = f"{OWN}/#password_reset"
    by_link = Logins(agents, (), resets=True, page=page)
    assert page in after(OWN, missing=False, indexed=False, logins=by_link)
    elsewhere = Logins(agents, ("SAML",), resets=False, page=page)
    text = after(OWN, missing=False, indexed=False, logins=elsewhere)
    assert "through SAML" in text
    assert page not in text
    locked_out = Logins(agents, (), resets=False, page=page)
    text = after(OWN, missing=False, indexed=False, logins=locked_out)
    assert "sends no links for lost passwords" in text


def test_settings_that_could_not_be_set_are_told() -> None:
    out, file = paper()
    done = Finished({"users": 1_200}, ["groups/4: no"], import_mode_was_on=True)
    done.settings, done.told = ["a: yes (was no)"], ["b: not seen"]
    going_live.finished(out, done)
    text = file.getvalue()
    for words in ("1,200 users", "failed groups/4", "Setting a: yes", "Setting b: not seen"):
        assert words in text
    assert "switched off, and seen off" in text
