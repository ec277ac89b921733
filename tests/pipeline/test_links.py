"""Links between conversations, from Kayako's posts to what Zammad shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from runner.config.model import Options
from tests.behaviour.support import Seen
from tests.pipeline.conftest import Site
from tests.pipeline.test_checking import apply, fields, verify

Make = Callable[..., Site]


def prepared(site: Make) -> tuple[Site, str, str]:
    """A site whose first conversation links to the last, in text and in HTML; both addresses."""
    s = site(conversations=3)
    first, *_, last = s.sandbox.kayako.helpdesk.cases
    old = f"{s.sandbox.kayako_url}/agent/conversations/{last}"
    s.sandbox.kayako.helpdesk.add_post(first, f"See {old}.")
    s.sandbox.kayako.helpdesk.add_post(
        first, "See there.", html=f'<p>See <a href="{old}?x=1">there</a> or {old}</p>'
    )
    return s, old, f"{s.sandbox.zammad_url}/#ticket/zoom/number/{last}"


def last_bodies(site: Site) -> list[str]:
    number = next(iter(site.sandbox.kayako.helpdesk.cases))
    ticket = site.sandbox.zammad.state.store.numbers[str(number)]
    articles = Seen(site.sandbox.zammad_url).get(f"/ticket_articles/by_ticket/{ticket}")
    return [article["body"] for article in articles[-2:]]


def test_links_lead_to_tickets_that_are_not_written_yet(site: Make) -> None:
    s, old, new = prepared(site)
    apply(s.config)
    plain, marked = last_bodies(s)
    assert plain == f"See {new}."
    assert f'href="{new}"' in marked
    assert f"or {new}</p>" in marked
    assert old not in plain + marked
    assert fields(verify(s.config)) == set()


def test_links_stay_where_that_is_wanted_and_another_choice_changes_nothing(site: Make) -> None:
    s, old, _ = prepared(site)
    apply(replace(s.config, options=Options(links="keep")))
    assert last_bodies(s)[0] == f"See {old}."
    before = len(s.sandbox.zammad.requests)
    apply(s.config)
    assert {request.method for request in list(s.sandbox.zammad.requests)[before:]} == {"GET"}
