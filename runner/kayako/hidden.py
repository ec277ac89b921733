"""Finds the two views that alone show conversations in trash and suspended ones (§13.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.kayako.paging import pages
from runner.kayako.resources import CASES, VIEWS, Listing
from runner.snapshot.store import HIDDEN_STATES

if TYPE_CHECKING:
    from runner.kayako.client import Kayako


def views(kayako: Kayako) -> dict[str, Listing]:
    """Return the lists of hidden conversations by their state; a state without a view is left out.

    Raises:
        Unavailable, Refused: As ``Kayako.get``.
    """
    found: dict[str, Listing] = {}
    for page in pages(kayako, VIEWS.path, VIEWS.params):
        for view in page.data:
            state = str(view.get("type") or "").upper()
            if state in HIDDEN_STATES and view.get("id") is not None:
                path = f"{VIEWS.path}/{view['id']}/cases"
                found.setdefault(state, Listing(CASES.name, path, CASES.params))
    return found
