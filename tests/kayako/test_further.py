"""Lists that not every plan has: Help Center, macros, hours, SLAs; and the files of articles."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from runner.errors import Interrupted
from runner.kayako.articles import pull_articles
from runner.sandbox.data import hard_cases
from tests.kayako.support import Pulling, pulling

LISTS = {
    "categories": "category",
    "sections": "section",
    "articles": "article",
    "macros": "macro",
    "business_hours": "business_hour",
    "slas": "sla",
    "triggers": "trigger",
    "monitors": "monitor",
    "views": "view",
    "ratings": "rating",
}


def files_of(world: Pulling, article_id: int) -> list[str | None]:
    record = world.snapshot.record("articles", article_id)
    assert record is not None
    return [item["sha256"] for item in record["attachments"]]


def test_every_list_is_read_whole_with_few_requests(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        headers = world.headers()
        for resource, kind in LISTS.items():
            expected = {record["id"] for record in world.fake.helpdesk.listed(kind)}
            assert {record["id"] for record in world.snapshot.records(resource)} == expected
            assert headers.lists[resource].seen == len(expected) > 0
        paths = [seen.path for seen in world.fake.requests]
        assert paths.count("/api/v1/articles") == 1
        assert [path for path in paths if path.startswith("/api/v1/articles/")] == []


@pytest.mark.parametrize("status", [404, 426])
def test_what_kayako_does_not_offer_is_said_and_the_pull_goes_on(
    tmp_path: Path, status: int
) -> None:
    refused = dict.fromkeys(("articles", "cases/macros", "slas"), status)
    with pulling(hard_cases(), tmp_path, unlicensed=refused) as world:
        headers = world.headers()
        assert set(headers.unavailable) == {"articles", "macros", "slas"}
        assert set(world.snapshot.unavailable) == set(headers.unavailable)
        assert world.snapshot.count("articles") == 0
        assert world.snapshot.count("business_hours") == 3
        assert pull_articles(world.kayako, world.snapshot).read == 0


def test_what_is_no_longer_listed_is_asked_for_and_then_gone(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.headers()
        helpdesk = world.fake.helpdesk
        helpdesk.table("article").remove(3)
        helpdesk.hidden.add(("article", 4))
        headers = world.headers()
        assert world.snapshot.gone("articles") == [3]
        assert headers.lists["articles"].gone == 1
        assert world.snapshot.record("articles", 4) is not None


def test_files_of_articles_are_fetched_once(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.headers()
        assert files_of(world, 1) == [None, None]
        report = pull_articles(world.kayako, world.snapshot, workers=2)
        assert (report.read, report.failed) == (world.snapshot.count("articles"), 0)
        assert (report.files, report.files_missing) == (7, 1)
        helpdesk = world.fake.helpdesk
        for sha256, number in zip(files_of(world, 1), (1, 2), strict=True):
            assert sha256 is not None
            kept = world.snapshot.file(sha256).read_bytes()
            assert kept == helpdesk.files[f"articles/1/attachments/{number}"].content
        world.fake.requests.clear()
        world.headers()
        assert pull_articles(world.kayako, world.snapshot).read == 0
        assert world.asked("/attachments/") == world.asked("/media/") == []


def test_a_changed_article_has_its_new_files_fetched(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.headers()
        pull_articles(world.kayako, world.snapshot)
        helpdesk = world.fake.helpdesk
        helpdesk.add({**helpdesk.table("article")[13], "updated_at": helpdesk.now()})
        world.headers()
        world.fake.requests.clear()
        report = pull_articles(world.kayako, world.snapshot)
        assert report.read == 1
        # What is there is not fetched again; the lost one may have come back.
        assert set(world.asked("/media/")) == {"/media/url/help-gone"}
        assert world.asked("/attachments/") == []


def test_a_stopped_run_goes_on_later(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.headers()
        stop = threading.Event()
        stop.set()
        with pytest.raises(Interrupted):
            pull_articles(world.kayako, world.snapshot, stop=stop)
        assert pull_articles(world.kayako, world.snapshot).read == world.snapshot.count("articles")
