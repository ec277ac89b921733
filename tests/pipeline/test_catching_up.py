"""Mails are asked for once, whenever they come to be chosen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from runner.config.model import Config, Options
from runner.pipeline.catching_up import catch_up
from runner.pipeline.opening import connect_kayako
from runner.pipeline.reading import headers_and_bodies
from runner.snapshot import Snapshot
from tests.pipeline.conftest import Site


def chosen(config: Config, choice: str) -> Config:
    return replace(config, options=Options(original_message_ids=choice))


def pull(config: Config) -> None:
    headers_and_bodies(config, bodies=True, progress=lambda *_: None, stop=threading.Event())


def asked(site: Site) -> int:
    """Count the mails that were asked for since the last time."""
    requests = site.sandbox.kayako.requests
    found = sum(request.path.endswith("/email_original") for request in requests)
    requests.clear()
    return found


def known(site: Site) -> int:
    snapshot = Snapshot.open(site.config.snapshot_folder, read_only=True)
    try:
        posts = [post for case_id in snapshot.case_ids() for post in snapshot.posts(case_id)]
    finally:
        snapshot.close()
    return sum(post["original_message_id"] is not None for post in posts)


def test_mails_are_read_with_the_posts_and_never_again(site: Callable[..., Site]) -> None:
    made = site()
    config = chosen(made.config, "all")
    pull(config)
    first = asked(made)
    assert first == known(made) > 0
    pull(config)
    assert asked(made) == 0


def test_another_choice_is_caught_up_once(site: Callable[..., Site]) -> None:
    made = site()
    pull(chosen(made.config, "none"))
    assert (asked(made), known(made)) == (0, 0)
    pull(chosen(made.config, "all"))
    assert asked(made) == known(made) > 0
    pull(chosen(made.config, "none"))
    pull(chosen(made.config, "all"))
    assert asked(made) == 0


def test_another_go_live_is_another_choice(site: Callable[..., Site]) -> None:
    made = site()
    helpdesk = made.sandbox.kayako.helpdesk
    for case_id in helpdesk.cases:
        helpdesk.set_status(case_id, 5)
    far = replace(made.config, go_live=date(2099, 1, 1))
    pull(far)
    assert asked(made) == 0
    pull(replace(made.config, go_live=date(2020, 1, 1)))
    assert asked(made) == known(made) > 0


def test_with_a_limit_only_so_many_are_caught_up(site: Callable[..., Site]) -> None:
    made = site()
    pull(chosen(made.config, "none"))
    kayako = connect_kayako(made.config)
    snapshot = Snapshot.open(made.config.snapshot_folder)
    told: list[str] = []
    config = chosen(made.config, "all")
    stop = threading.Event()

    def progress(what: str, *_: int | None) -> None:
        told.append(what)

    try:
        first = [next(snapshot.case_ids())]
        catch_up(config, kayako, snapshot, case_ids=first, progress=progress, stop=stop)
        few = asked(made)
        catch_up(config, kayako, snapshot, progress=progress, stop=stop)
        rest = asked(made)
    finally:
        snapshot.close()
        kayako.close()
    assert 0 <= few < rest
    assert set(told) == {"original mails"}
    assert few + rest == known(made)
